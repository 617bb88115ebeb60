# SPDX-License-Identifier: BSD-2-Clause
# Makes the text of docs/performance.md out of facts and samples:
#
#     awk -f bench/values.awk -f bench/targets.awk -f bench/report.awk \
#         FACTS SAMPLES

BEGIN {
	n_ways = split("tcp unix process", ways)
	label["tcp"] = "stub, TCP"
	label["unix"] = "stub, Unix socket"
	label["process"] = "process memory"
	n_operations = split("ps maps translate read elf " \
		"ptdump whomaps pages slab print " files, operations)
	label["ps"] = "process list"
	label["elf"] = "ELF file of the kernel"
	label["maps"] = "maps of all processes"
	label["translate"] = "100,000 translations"
	label["read"] = "read of 64 MiB"
	label["ptdump"] = "page tables of the kernel"
	label["whomaps"] = "who maps a frame"
	label["pages"] = "all frames of RAM"
	label["slab"] = "slabs of dentries"
	label["print"] = "names by a list"
	n_old = split("ps maps read info", old)
	command["ps"] = "`qvmi ps`"
	command["maps"] = "`qvmi maps --all`"
	command["read"] = "`qvmi read` of 64 MiB"
	command["info"] = "`qvmi info`"
	n_states = split("warm cold", states)
	n_kept = split("warm open", kept) # with the profile cache
	n_ever = split("warm cold open again", ever)
	n_guests = split("few many", guests)
	n_sizes = split("few many large", sizes) # all of them
	n_fresh = split("1G 4G", fresh)
	label["1G"] = "1 GiB"
	label["4G"] = "4 GiB"
	n_readings = split("reads stretch", readings)
	label["reads"] = "same reads"
	label["stretch"] = "contiguous"
}

# Words

function grouped(x,    s) {
	s = sprintf("%d", x)
	for (x = ""; length(s) > 3; s = substr(s, 1, length(s) - 3))
		x = "," substr(s, length(s) - 2) x
	return s x
}

function amount(x, unit, digits) {
	if (x < 0)
		return "-"
	x /= unit
	return x >= 1000 ? grouped(x + 0.5) : sprintf("%." digits "f", x)
}

function ms(x) {
	return amount(x, 1000, 1)
}

function kib(x) {
	return amount(x, 1024, 0)
}

function times(x) {
	return x < 0 ? "-" : sprintf("%.2f", x)
}

function size_of(guest) {
	return sprintf("%s processes (%s of them with memory of their own), " \
		"%s VMAs", \
		grouped(is(guest, "processes")), grouped(is(guest, "users")), \
		grouped(is(guest, "vmas")))
}

# What the numbers are, and how far to trust the times.
function noise(    n, v, name) {
	for (name in count)
		if (count[name] > 1 && name ~ /wall_us$/)
			v[++n] = spread(name)
	if (!n || fact["runs"] == 1)
		return "Each number is from a single run: times may be far off."
	return sprintf("Each number is the median of %d runs; a ratio is the " \
		"median of the ratios of things measured one after the " \
		"other. Half of the wall times differ by less than %.0f %% " \
		"between runs; counts hardly do.", fact["runs"], \
		100 * middle(v, n))
}

# Sections of the page

function print_head(    k, g) {
	print "# Performance"
	print ""
	print "Written by `make bench` (bench/run). Do not edit: run it again."
	print ""
	print "What is measured is the library, by a program of the benchmark in " \
		"which each measurement is a process of its own; rows that name " \
		"a program, as `qvmi ps`, are whole runs of that, timed from " \
		"outside."
	print ""
	print "Guests: Debian's kernels as they are, 1 vCPU, 1 GiB of RAM " \
		"(large: 8 GiB), under QEMU's TCG, quiet while measured."
	print ""
	for (k = 1; k <= n_kernels; k++) {
		K = kernels[k]
		for (g = 1; g <= n_sizes; g++)
			print "- " K ", " sizes[g] ": " is(sizes[g], "release") \
				", " size_of(sizes[g])
	}
	print ""
	print "Machine: " fact["cpus"] " CPUs (" fact["cpu"] "), QEMU " fact["qemu"] \
		("gdb" in fact ? ", " fact["gdb"] : "") ". Measured on " \
		fact["date"] ". " noise()
	print ""
}

function print_terms() {
	print "## What is measured"
	print ""
	print "- **wall**: from the start of the program to its last line; " \
		"**pause**: how long the guest stood still; **batches**: sets " \
		"of reads that are under way together, each one round trip " \
		"or one series of process_vm_readv(); **packets** and " \
		"**wire**: to and from the stub, both ways; **read**: bytes " \
		"of guest memory; **peak**: largest resident size. All as " \
		"the program has them of the library and of its own process."
	print "- **the program** (bench/workload.c) goes through src/guest as " \
		"qvmi does: the watchdog, the profile, memory that is there " \
		"before the guest is stopped, signals, the kernel, the release. " \
		"What the command line adds is not in it: options and " \
		"addresses, the limits that a process sets to itself, tables " \
		"and JSON."
	print "- **" label["ps"] "**: all processes with what `qvmi ps` shows of " \
		"them, RSS included, and a plain line for each; the code for " \
		"columns and the table is qvmi's (src/cli), and not measured " \
		"here. **" label["maps"] "**: of those that have memory, as the " \
		"text of /proc/PID/maps. **" label["read"] "**: of " \
		"physical memory, into memory that was there before. The answers " \
		"are written to /dev/null."
	print "- **" label["elf"] "**: that of `qvmi vmlinux`, with symbols, types " \
		"and rules for unwinding, counted and thrown away; without " \
		"a cache. There are two pauses then, one to learn the kernel; " \
		"shown is the longer one."
	print "- **" label["ptdump"] "**: every mapping, as `qvmi ptdump k` has " \
		"it. **" label["whomaps"] "**: the page tables of all " \
		"processes, looked through for one frame, as `qvmi whomaps` " \
		"does; areas of those that have it are not read, for nobody " \
		"has this one. **" label["pages"] "**: by owner, kind and " \
		"flags, counted, as `qvmi page --summary` has them. **" \
		label["slab"] "**: all slabs of the cache `dentry` and the " \
		"state of each object, as `qvmi slab dentry` has them; in the " \
		"guest with many processes these are 100,000 and more. **" \
		label["print"] "**: those of all processes, as `qvmi print " \
		"\047list(init_task.tasks, task_struct, tasks).comm\047` has " \
		"them. The forms of all these are the command line\047s, and " \
		"not measured here."
	print "- **`ps aux` by `qvmi run`**: a whole run of ps, timed where its " \
		"/proc is the guest\047s, and once more a moment later; on this " \
		"host in a namespace with as many processes, which sleep. " \
		"**A mount that nobody looks at**: how often QEMU stopped the " \
		"guest, after one look at a file."
	print "- **warm**: with the profile of this kernel in the cache; " \
		"**cold**: without a cache; **open**: the second pause of a " \
		"guest that stays open, so that only what the operation itself " \
		"reads is in it; **again**: warm, and what led to the answer of " \
		"the run before is read ahead."
	print "- **100,000 translations**: of random mapped user pages " \
		"(drawn with a fixed seed from all processes) in one call; " \
		"attaching, the process list and all mm_structs included."
	print "- **raw**: the limit for the same bytes, measured right after " \
		"each run, without connecting, nothing decoded or looked at. " \
		"*Same reads*: the very addresses and lengths that the " \
		"operation fetched, recorded below the page cache, neighbours " \
		"joined, batch after batch. *Contiguous*: as many bytes of " \
		"one stretch, in one batch. By the stub both are ready-made " \
		"`m` requests, pipelined, whose replies are dropped. By " \
		"process memory both are bare process_vm_readv() calls with " \
		"up to 1,024 pieces: same reads into fresh memory, so that " \
		"all bytes are there afterwards, contiguous into one buffer " \
		"of 1 MiB again and again."
	print ""
}

function print_targets(    i, k, line) {
	print "## Targets"
	print ""
	line = "| what | target |"
	for (k = 1; k <= n_kernels; k++)
		line = line " " kernels[k] " | |"
	print line
	gsub(/[^|]+/, "---", line)
	print line
	for (i = 1; i <= n_targets; i++) {
		line = "| " targets[i] " | " want[targets[i]] " |"
		for (k = 1; k <= n_kernels; k++)
			line = line " " measured[targets[i], kernels[k]] " | " \
				verdict[targets[i], kernels[k]] " |"
		print line
	}
	print ""
	print "The rows of gdb are of the guest with many processes; gdb had " \
		"its symbols and the KASLR offset given to it. Those of " \
		"`qvmi --version` are of no guest."
	print ""
}

function print_row(g, o, s, w,    line, r) {
	line = "| " label[o] " | " (o == "read" ? "-" : s) " | " label[w] \
		" | " ms(library(g, o, s, w, "wall_us")) " | " ms(library(g, o, s, w, "pause_us")) " | " \
		amount(library(g, o, s, w, "batches"), 1, 0) " | " \
		amount(library(g, o, s, w, "packets"), 1, 0) " | " \
		kib(library(g, o, s, w, "wire_bytes")) " | " \
		kib(library(g, o, s, w, "read_bytes")) " | " \
		amount(library(g, o, s, w, "rss_kib"), 1024, 1) " |"
	for (r = 1; r <= n_readings; r++)
		line = line " " ms(value(g, o, s, w, readings[r], "us")) " | " \
			times(over_raw(g, o, s, w, readings[r])) " |"
	print line
}

function print_guest(g,    o, s, w) {
	print "## " K ", " g (g == "large" ? "" : " processes")
	print ""
	print size_of(g) "."
	print ""
	print "| what | profile | memory by | wall, ms | pause, ms | batches " \
		"| packets | wire, KiB | read, KiB | peak, MiB | raw, same " \
		"reads, ms | wall / raw | raw, contiguous, ms | wall / raw |"
	print "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
	for (o = 1; o <= n_operations; o++)
		for (s = 1; s <= n_ever; s++)
			for (w = 1; w <= n_ways; w++)
				if (library(g, operations[o], ever[s], ways[w], \
						"wall_us") >= 0)
					print_row(g, operations[o], ever[s], \
						ways[w])
	print ""
}

function print_attach(ram, way,    s, name, line) {
	line = "| " K " | " label[ram] " | " label[way] " |"
	for (s = 1; s <= 2; s++) {
		name = s == 1 ? "first" : "again"
		line = line " " ms(median(attach(ram, name, way, "pause_us"))) \
			" | " amount(median(attach(ram, name, way, \
				"batches")), 1, 0) " |"
	}
	print line " " grouped(median(attach(ram, "first", way, "before"))) \
		" | " grouped(median(attach(ram, "first", way, "after"))) \
		" | " grouped(median(attach(ram, "again", way, "after"))) " |"
}

function print_fresh(    k, r, w) {
	print "## Fresh guests"
	print ""
	print "The process list without a cache in a guest that was just " \
		"booted and that nobody has looked at, and once more; pages of 4 KiB that the " \
		"host has behind its RAM before, between and after. By process " \
		"memory there is none more, by the stub none but what was " \
		"read: else there is no benchmark."
	print ""
	print "| kernel | RAM | memory by | first: pause, ms | batches | again: " \
		"pause, ms | batches | pages before | after the first | after " \
		"both |"
	print "|---|---|---|---|---|---|---|---|---|---|"
	for (k = 1; k <= n_kernels; k++)
		for (r = 1; r <= n_fresh; r++)
			for (w = 2; w <= n_ways; w++) {
				K = kernels[k]
				print_attach(fresh[r], ways[w])
			}
	print ""
}

function print_pause(g, way,    p, which, line) {
	split("1 2 10", which)
	line = "| " K " | " g " | " label[way] " |"
	for (p = 1; p <= 3; p++)
		line = line " " ms(median(pauses(g, which[p], way, "pause_us"))) \
			" | " amount(median(pauses(g, which[p], way, \
				"batches")), 1, 0) " |"
	print line " " ms(median(pauses(g, "all", way, "pause_us"))) " |"
}

function print_pauses(    k, g, w) {
	print "## Many pauses of one guest"
	print ""
	print "A hundred pauses of one guest that stays open, a process list in " \
		"each, a millisecond apart: what a boot cannot change is learnt " \
		"in the first."
	print ""
	print "| kernel | guest | memory by | first: pause, ms | batches | second: " \
		"pause, ms | batches | tenth: pause, ms | batches | mean of all, ms |"
	print "|---|---|---|---|---|---|---|---|---|---|"
	for (k = 1; k <= n_kernels; k++)
		for (g = 1; g <= n_guests; g++)
			for (w = 1; w <= n_ways; w++) {
				K = kernels[k]
				print_pause(guests[g], ways[w])
			}
	print ""
}

function print_peers(    k, g, w, s) {
	print "## gdb"
	print ""
	print "The same process list by gdb with the kernel's debug info " \
		"(bench/gdb_ps.py, through the Unix socket): warm, that is " \
		"with its index cache filled. Whole runs, timed from outside, " \
		"in ms."
	print ""
	print "| kernel | guest | gdb, whole run | of that the list | `qvmi ps`, " \
		"stub, warm | cold | process memory, warm | cold | " \
		"processes that both list alike |"
	print "|---|---|---|---|---|---|---|---|---|"
	for (k = 1; k <= n_kernels; k++)
		for (g = 1; g <= n_guests; g++) {
			K = kernels[k]
			printf "| %s | %s | %s | %s |", K, guests[g], \
				ms(value(guests[g], "ps", "warm", "unix", \
					"gdb", "whole_us")), \
				ms(value(guests[g], "ps", "warm", "unix", \
					"gdb-list", "list_us"))
			for (w = 2; w <= n_ways; w++)
				for (s = 1; s <= n_states; s++)
					printf " %s |", ms(value(guests[g], \
						"ps", states[s], ways[w], \
						"qvmi", "whole_us"))
			printf " %s of %s |\n", grouped(value(guests[g], "ps", \
				"warm", "unix", "agreement", "n")), \
				grouped(is(guests[g], "processes"))
		}
	print ""
}

# Another program's whole runs: in turn with those of this one.
function old_key(g, c, way, who, name) {
	return key(g, "whole." c, "-", way, who, name)
}

function old_row(g, c, way,    ratio, n, i, names, was, now, more, line) {
	ratio = median_ratio(old_key(g, c, way, "new", "whole_us"), \
		old_key(g, c, way, "old", "whole_us"))
	line = "| " K " | " g " | " command[c] " | " label[way] " | " \
		ms(median(old_key(g, c, way, "old", "whole_us"))) " | " \
		ms(median(old_key(g, c, way, "new", "whole_us"))) " | " \
		sprintf("%.3f", ratio) " |"
	n = split("batches packets", names)
	for (i = 1; i <= n; i++) {
		was = median(old_key(g, c, way, "old", names[i]))
		now = median(old_key(g, c, way, "new", names[i]))
		more = more || now > was
		line = line " " amount(was, 1, 0) " | " amount(now, 1, 0) " |"
	}
	print line " " (ratio > 1.03 || more ? "**missed**" : "met") " |"
}

function print_old(    k, g, c, w) {
	print "## Old against new"
	print ""
	print "Whole runs of a program that was built before (" fact["old"] \
		") and of this one, in turn, with the cache warm, each with its " \
		"own. **new / old** is the median of the quotients of pairs. " \
		"Missed: more than 1.03, or more batches or packets."
	print ""
	print "| kernel | guest | what | memory by | old, ms | new, ms | " \
		"new / old | batches, old | new | packets, old | new | |"
	print "|---|---|---|---|---|---|---|---|---|---|---|---|"
	for (k = 1; k <= n_kernels; k++)
		for (g = 1; g <= n_guests; g++)
			for (c = 1; c <= n_old; c++)
				for (w = 2; w <= n_ways; w++) {
					K = kernels[k]
					old_row(guests[g], old[c], ways[w])
				}
	print ""
}

END {
	for (k = 1; k <= n_kernels; k++) {
		K = kernels[k]
		judge_all()
	}
	print_head()
	print_targets()
	for (k = 1; k <= n_kernels; k++)
		for (g = 1; g <= n_sizes; g++) {
			K = kernels[k]
			print_guest(sizes[g])
		}
	print_fresh()
	print_pauses()
	if ("gdb" in fact)
		print_peers()
	if ("old" in fact)
		print_old()
	print_terms()
}
