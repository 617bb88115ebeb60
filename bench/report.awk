# SPDX-License-Identifier: BSD-2-Clause
# Makes the text of docs/performance.md out of facts and samples:
#
#     awk -f bench/values.awk -f bench/report.awk FACTS SAMPLES

BEGIN {
	n_ways = split("tcp unix process", ways)
	label["tcp"] = "stub, TCP"
	label["unix"] = "stub, Unix socket"
	label["process"] = "process memory"
	n_operations = split("ps maps translate read", operations)
	label["ps"] = "`ps`"
	label["maps"] = "`maps --all`"
	label["translate"] = "100,000 translations"
	label["read"] = "`read` of 64 MiB"
	n_states = split("warm cold", states)
	n_guests = split("few many", guests)
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

# Targets: a row each, a verdict for each kernel

function judge(what, wanted, words, met) {
	if (!(what in want)) {
		targets[++n_targets] = what
		want[what] = wanted
	}
	measured[what, K] = words
	verdict[what, K] = met ? "met" : "**missed**"
}

function judge_batches(operation, most,    few, many) {
	few = qvmi("few", operation, "warm", "unix", "batches")
	many = qvmi("many", operation, "warm", "unix", "batches")
	judge(label[operation] ": batches, many processes", \
		"at most " most, \
		sprintf("%d (cold: %d)", many, \
			qvmi("many", operation, "cold", "unix", "batches")), \
		many <= most)
	judge(label[operation] ": batches, many processes over few", \
		"at most 1.3", sprintf("%d / %d = %.2f", many, few, many / few), \
		many <= 1.3 * few)
}

function judge_maps(reading,    what, tcp, unix, process) {
	what = label["maps"] ", warm: wall time over raw, " label[reading] ", "
	tcp = over_raw("many", "maps", "warm", "tcp", reading)
	unix = over_raw("many", "maps", "warm", "unix", reading)
	process = over_raw("many", "maps", "warm", "process", reading)
	judge(what "stub", "at most 2", \
		times(tcp) " (TCP), " times(unix) " (Unix)", \
		max(tcp, unix) <= 2)
	judge(what "process memory", "at most 4", times(process), process <= 4)
}

function percent(x) {
	return x <= 0 ? "-" : sprintf("%.0f %%", 100 / x)
}

function judge_read(reading,    what, tcp, unix, process) {
	what = label["read"] ": speed over raw, " label[reading] ", "
	tcp = over_raw("many", "read", "warm", "tcp", reading)
	unix = over_raw("many", "read", "warm", "unix", reading)
	process = over_raw("many", "read", "warm", "process", reading)
	judge(what "stub", "at least 90 %", \
		percent(tcp) " (TCP), " percent(unix) " (Unix)", \
		max(tcp, unix) <= 1 / 0.9)
	judge(what "process memory", "at least 80 %", percent(process), \
		process <= 1 / 0.8)
}

# How long the guest stands still for much at once.
function judge_read_pause(    ratio) {
	ratio = median_ratio(key("many", "read", "warm", "process", "qvmi", "pause_us"), \
		key("many", "read", "warm", "process", "stretch", "us"))
	judge(label["read"] ": pause over raw, contiguous, process memory", \
		"at most 3", times(ratio), ratio <= 3)
}

function judge_bytes(    bytes, vmas) {
	bytes = qvmi("many", "maps", "warm", "unix", "read_bytes")
	vmas = is("many", "vmas")
	judge(label["maps"] ": bytes read per VMA, many processes", \
		"at most 1536", sprintf("%.0f", bytes / vmas), \
		bytes <= 1536 * vmas)
}

# gdb took so many times as long as qvmi did.
function judge_gdb(state, way, least, who, words,    what, taken, us, faster) {
	what = label["ps"] ", " state ": speed over " words ", " label[way]
	taken = key("many", "ps", "warm", "unix", who, \
		who == "gdb" ? "whole_us" : "list_us")
	us = key("many", "ps", state, way, "whole", "whole_us")
	faster = median_ratio(taken, us)
	judge(what, "at least " least " times", faster < 0 ? "not measured" : \
		sprintf("%.1f (%s ms, %s ms)", faster, ms(median(taken)), \
			ms(median(us))), faster >= least)
	if (faster < 0)
		verdict[what, K] = "-"
}

function judge_gdbs(who, words) {
	judge_gdb("warm", "unix", 30, who, words)
	judge_gdb("warm", "process", 100, who, words)
	judge_gdb("cold", "unix", 8, who, words)
}

function per_vma(scale, way) {
	return qvmi("many", "scale." scale, "warm", way, "us") / \
		qvmi("many", "scale." scale, "warm", way, "vmas")
}

function judge_scale(way,    first, last) {
	first = per_vma(200, way)
	last = per_vma(20000, way)
	judge("maps: time per VMA, from 200 to 20,000 VMAs, " label[way], \
		"does not rise", sprintf("%.2f, %.2f, %.2f us", first, \
			per_vma(2000, way), last), last <= first)
}

function judge_memory(    o, s, w, x, most, whose) {
	for (o = 1; o <= 2; o++)
		for (s = 1; s <= n_states; s++)
			for (w = 1; w <= n_ways; w++) {
				x = qvmi("many", operations[o], states[s], \
					ways[w], "rss_kib")
				if (x <= most)
					continue
				most = x
				whose = label[operations[o]] ", " states[s]
			}
	judge(label["ps"] " and " label["maps"] ": peak memory, many processes", \
		"at most 48 MiB", sprintf("%.1f MiB (%s)", most / 1024, whose), \
		most <= 48 * 1024)
}

function attach(ram, state, way, name) {
	return key("fresh." ram, "attach", state, way, "qvmi", name)
}

# Looking at a guest for the first time, and once more.
function judge_fresh(ram, way,    what, ratio, more) {
	what = "first attach to a fresh guest of " label[ram] ", " label[way] \
		": "
	ratio = median_ratio(attach(ram, "first", way, "pause_us"), \
		attach(ram, "again", way, "pause_us"))
	judge(what "pause over that of a second one", "at most 1.5", \
		ratio < 0 ? "not measured" : times(ratio), ratio <= 1.5)
	if (ratio < 0)
		verdict[what "pause over that of a second one", K] = "-"
	if (way != "process")
		return
	more = median(attach(ram, "first", way, "after")) - \
		median(attach(ram, "first", way, "before"))
	judge(what "pages that the host backs for it", "none", \
		ratio < 0 ? "not measured" : more, more <= 0)
}

function pauses(guest, which, way, name) {
	return key(guest, "pauses", which, way, "qvmi", name)
}

# Another pause of a guest that is known: over the same reads, bare.
function judge_pauses(most, way,    ratio) {
	ratio = median_ratio(pauses("few", 2, way, "pause_us"), \
		key("few", "ps", "warm", way, "reads", "us"))
	judge("second pause of `ps --watch`, few processes: over raw, same reads, " \
		label[way], "at most " most, times(ratio), ratio <= most)
}

function judge_all(    r, w) {
	judge_batches("ps", 40)
	judge_batches("maps", 80)
	for (r = 1; r <= n_readings; r++)
		judge_maps(readings[r])
	judge_bytes()
	for (r = 1; r <= n_readings; r++)
		judge_read(readings[r])
	judge_read_pause()
	judge_gdbs("gdb-list", "gdb's list alone")
	judge_gdbs("gdb", "gdb's whole run")
	for (w = 1; w <= n_ways; w++)
		judge_scale(ways[w])
	for (r = 1; r <= n_fresh; r++)
		for (w = 2; w <= n_ways; w++)
			judge_fresh(fresh[r], ways[w])
	judge_memory()
	for (w = 1; w <= n_ways; w++)
		judge_pauses(ways[w] == "process" ? 4 : 3, ways[w])
}

# What the numbers are, and how far to trust the times.
function noise(    n, v, name) {
	for (name in count)
		if (count[name] > 1 && name ~ /wall_us$/)
			v[++n] = spread(name)
	if (!n)
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
	print "Guests: Debian's kernels as they are, 1 vCPU, 1 GiB of RAM, " \
		"under QEMU's TCG, quiet while measured."
	print ""
	for (k = 1; k <= n_kernels; k++) {
		K = kernels[k]
		for (g = 1; g <= n_guests; g++)
			print "- " K ", " guests[g] ": " is(guests[g], "release") \
				", " size_of(guests[g])
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
		"`--stats` prints them."
	print "- **warm**: with the profile of this kernel in the cache; " \
		"**cold**: without a cache (`--no-cache`)."
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
	print "The rows of gdb compare whole runs of qvmi, timed from " \
		"outside, in the guest with many processes; gdb had its " \
		"symbols and the KASLR offset given to it."
	print ""
}

function print_row(g, o, s, w,    line, r) {
	line = "| " label[o] " | " (o == "read" ? "-" : s) " | " label[w] \
		" | " ms(qvmi(g, o, s, w, "wall_us")) " | " ms(qvmi(g, o, s, w, "pause_us")) " | " \
		amount(qvmi(g, o, s, w, "batches"), 1, 0) " | " \
		amount(qvmi(g, o, s, w, "packets"), 1, 0) " | " \
		kib(qvmi(g, o, s, w, "wire_bytes")) " | " \
		kib(qvmi(g, o, s, w, "read_bytes")) " | " \
		amount(qvmi(g, o, s, w, "rss_kib"), 1024, 1) " |"
	for (r = 1; r <= n_readings; r++)
		line = line " " ms(value(g, o, s, w, readings[r], "us")) " | " \
			times(over_raw(g, o, s, w, readings[r])) " |"
	print line
}

function print_guest(g,    o, s, w) {
	print "## " K ", " g " processes"
	print ""
	print size_of(g) "."
	print ""
	print "| what | profile | memory by | wall, ms | pause, ms | batches " \
		"| packets | wire, KiB | read, KiB | peak, MiB | raw, same " \
		"reads, ms | wall / raw | raw, contiguous, ms | wall / raw |"
	print "|---|---|---|---|---|---|---|---|---|---|---|---|---|---|"
	for (o = 1; o <= n_operations; o++)
		for (s = 1; s <= n_states; s++)
			for (w = 1; w <= n_ways; w++)
				if (qvmi(g, operations[o], states[s], ways[w], \
						"wall_us") >= 0)
					print_row(g, operations[o], states[s], \
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
	print "`ps` without a cache in a guest that was just booted and that " \
		"nobody has looked at, and once more; pages of 4 KiB that the " \
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
	print "`ps --watch=0.001`, a hundred pauses: what a boot cannot change " \
		"is learnt in the first."
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
		"with its index cache filled. Times from outside, in ms."
	print ""
	print "| kernel | guest | gdb, whole run | of that the list | qvmi, " \
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
						"whole", "whole_us"))
			printf " %s of %s |\n", grouped(value(guests[g], "ps", \
				"warm", "unix", "agreement", "n")), \
				grouped(is(guests[g], "processes"))
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
		for (g = 1; g <= n_guests; g++) {
			K = kernels[k]
			print_guest(guests[g])
		}
	print_fresh()
	print_pauses()
	if ("gdb" in fact)
		print_peers()
	print_terms()
}
