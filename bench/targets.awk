# SPDX-License-Identifier: BSD-2-Clause
# Targets of a benchmark and what became of them, for bench/report.awk.

# A row each, a verdict for each kernel, which is in K.

# The operations from the sixth to n_walks are commands that read much; those
# behind them are files of /proc.
BEGIN {
	n_walks = 10
	files = "smaps allsmaps meminfo modules kmsg buddyinfo"
	split("12 40 9 9 9 9", most_batches)
	label["smaps"] = "/proc/1/smaps"
	label["allsmaps"] = "smaps of all processes"
	label["meminfo"] = "/proc/meminfo"
	label["modules"] = "/proc/modules"
	label["kmsg"] = "/proc/kmsg"
	label["buddyinfo"] = "/proc/buddyinfo"
}

function judge(what, wanted, words, met) {
	if (!(what in want)) {
		targets[++n_targets] = what
		want[what] = wanted
	}
	measured[what, K] = words
	verdict[what, K] = met ? "met" : "**missed**"
}

function judge_batches(operation, most,    few, many) {
	few = library("few", operation, "warm", "unix", "batches")
	many = library("many", operation, "warm", "unix", "batches")
	judge(label[operation] ": batches, many processes", \
		"at most " most, \
		sprintf("%d (cold: %d)", many, \
			library("many", operation, "cold", "unix", "batches")), \
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

# Commands that read much of what a kernel knows of memory.
function judge_walks(guest, operation, state, reading,    what, tcp, unix, process) {
	what = label[operation] (guest == "large" ? " (8 GiB)" : "") \
		", " state ": wall time over raw, " label[reading] ", "
	tcp = over_raw(guest, operation, state, "tcp", reading)
	unix = over_raw(guest, operation, state, "unix", reading)
	process = over_raw(guest, operation, state, "process", reading)
	judge(what "stub", "at most 2", \
		times(tcp) " (TCP), " times(unix) " (Unix)", \
		max(tcp, unix) <= 2)
	judge(what "process memory", "at most 3", times(process), process <= 3)
}

# More of what is looked at takes hardly more batches.
function judge_growth(operation,    few, many) {
	few = library("few", operation, "warm", "unix", "batches")
	many = library("many", operation, "warm", "unix", "batches")
	judge(label[operation] ": batches, many processes over few", \
		"at most 1.3", sprintf("%d / %d = %.2f", many, few, many / few), \
		many <= 1.3 * few)
}

# What led there is read ahead, but for what comes in large batches.
function judge_asked_again(operation, most,    first, again) {
	first = library("many", operation, "warm", "unix", "batches")
	again = library("many", operation, "again", "unix", "batches")
	judge(label[operation] ", asked again: batches, many processes", \
		"at most " most, sprintf("%d (the first time: %d)", again, \
			first), again <= most)
}

# RAM is read in parts, so that memory stays bounded.
function judge_frames(way,    small, large) {
	small = library("few", "pages", "warm", way, "wall_us")
	large = library("large", "pages", "warm", way, "wall_us") / 8
	judge(label["pages"] ": time per GiB, 8 GiB over 1 GiB, " label[way], \
		"does not rise", sprintf("%s / %s ms = %.2f", ms(large), \
			ms(small), large / small), large <= small)
}

function judge_frame_batches(    small, large) {
	small = library("few", "pages", "warm", "unix", "batches")
	large = library("large", "pages", "warm", "unix", "batches")
	judge(label["pages"] ": batches per GiB, 8 GiB over 1 GiB", \
		"does not rise", sprintf("%d / 8 / %d = %.2f", large, small, \
			large / 8 / small), large <= 8 * small)
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
	ratio = median_ratio(key("many", "read", "warm", "process", "library", "pause_us"), \
		key("many", "read", "warm", "process", "stretch", "us"))
	judge(label["read"] ": pause over raw, contiguous, process memory", \
		"at most 3", times(ratio), ratio <= 3)
}

function judge_bytes(    bytes, vmas) {
	bytes = library("many", "maps", "warm", "unix", "read_bytes")
	vmas = is("many", "vmas")
	judge(label["maps"] ": bytes read per VMA, many processes", \
		"at most 1536", sprintf("%.0f", bytes / vmas), \
		bytes <= 1536 * vmas)
}

# gdb took so many times as long as qvmi did.
function judge_gdb(state, way, least, who, words,    what, taken, us, faster) {
	what = "whole runs of `qvmi ps`, " state ": speed over " words ", " \
		label[way]
	taken = key("many", "ps", "warm", "unix", who, \
		who == "gdb" ? "whole_us" : "list_us")
	us = key("many", "ps", state, way, "qvmi", "whole_us")
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
	return library("many", "scale." scale, "warm", way, "us") / \
		library("many", "scale." scale, "warm", way, "vmas")
}

function judge_scale(way,    first, last) {
	first = per_vma(200, way)
	last = per_vma(20000, way)
	judge("maps: time per VMA, from 200 to 20,000 VMAs, " label[way], \
		"does not rise", sprintf("%.2f, %.2f, %.2f us", first, \
			per_vma(2000, way), last), last <= first)
}

# The kernel's own file: over the process list right before it.
function judge_elf(way,    guest, what, wall, pause, rss) {
	guest = "few"
	what = label["elf"] ", cold, " label[way] ": "
	wall = median_ratio(key(guest, "elf", "cold", way, "library", "wall_us"), \
		key(guest, "ps", "cold", way, "library", "wall_us"))
	judge(what "wall time over that of the " label["ps"], "at most 12", \
		times(wall), wall <= 12)
	pause = median_ratio(key(guest, "elf", "cold", way, "library", "pause_us"), \
		key(guest, "ps", "cold", way, "library", "pause_us"))
	judge(what "pause over that of the " label["ps"], "at most 1.2", \
		times(pause), pause <= 1.2)
	rss = library(guest, "elf", "cold", way, "rss_kib")
	judge(what "peak memory", "at most 96 MiB", \
		sprintf("%.1f MiB (the file: %.1f MiB)", rss / 1024, \
			is(guest, "elf") / 1048576), rss <= 96 * 1024)
}

function judge_memory(    o, s, w, x, most, whose) {
	for (o = 1; o <= 2; o++)
		for (s = 1; s <= n_states; s++)
			for (w = 1; w <= n_ways; w++) {
				x = library("many", operations[o], states[s], \
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
	return key("fresh." ram, "attach", state, way, "library", name)
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
	return key(guest, "pauses", which, way, "library", name)
}

# Another pause of a guest that is known: over the same reads, bare.
function judge_pauses(most, way,    ratio) {
	ratio = median_ratio(pauses("few", 2, way, "pause_us"), \
		key("few", "ps", "warm", way, "reads", "us"))
	judge("second pause of one open guest, " label["ps"] \
		", few processes: over raw, same reads, " label[way], "at most " most, times(ratio), ratio <= most)
}

# What starting the program takes.
function judge_start(    ratio, us, least) {
	us = key("none", "version", "-", "-", "qvmi", "whole_us")
	least = key("none", "version", "-", "-", "least", "whole_us")
	ratio = median_ratio(us, least)
	judge("whole runs of `qvmi --version`: time over a C program with libc " \
		"alone", "at most 1.4 times", sprintf("%.2f (%.2f ms, %.2f ms)", \
			ratio, median(us) / 1000, median(least) / 1000), \
		ratio <= 1.4)
}

# What programs of this host have of a guest's /proc, and what it costs a guest
# that is not looked at.
function judge_mount(way, state,    ratio, us, host, what) {
	us = key("many", "mount", state, way, "qvmi", "whole_us")
	host = key("many", "mount", state, way, "host", "whole_us")
	ratio = median_ratio(us, host)
	what = "`ps aux` by `qvmi run`, many processes, " (state == "first" ? \
		"the first time" : "once more") ", " label[way]
	judge(what ": time over the same on this host with as many", \
		"at most 3 times", sprintf("%.2f (%s ms, %s ms)", ratio, \
			ms(median(us)), ms(median(host))), ratio <= 3)
	if (state == "first")
		return
	judge(what ": pauses of both", "at most 30", \
		value("many", "mount", "both", way, "qvmi", "pauses"), \
		value("many", "mount", "both", way, "qvmi", "pauses") <= 30)
	judge("a mount that nobody looks at for 5 seconds, " label[way] \
		": pauses", "none", \
		value("many", "mount", "idle", way, "qvmi", "pauses"), \
		value("many", "mount", "idle", way, "qvmi", "pauses") == 0)
}

function judge_all(    o, r, s, w) {
	judge_batches("ps", 40)
	judge_batches("maps", 80)
	for (r = 1; r <= n_readings; r++)
		judge_maps(readings[r])
	judge_bytes()
	for (o = 6; o <= n_walks; o++) {
		for (r = 1; r <= n_readings; r++)
			for (s = 1; s <= n_kept; s++)
				judge_walks("many", operations[o], kept[s], \
					readings[r])
		judge_growth(operations[o])
	}
	for (o = n_walks + 1; o <= n_operations; o++) {
		judge_asked_again(operations[o], most_batches[o - n_walks])
	}
	judge_walks("many", "allsmaps", "again", "reads")
	for (r = 1; r <= n_readings; r++)
		for (s = 1; s <= n_kept; s++)
			judge_walks("large", "pages", kept[s], readings[r])
	judge_frame_batches()
	for (w = 1; w <= n_ways; w++)
		judge_frames(ways[w])
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
	for (w = 1; w <= n_ways; w++)
		judge_elf(ways[w])
	judge_memory()
	for (w = 1; w <= n_ways; w++)
		judge_pauses(ways[w] == "process" ? 4 : 3, ways[w])
	for (w = 2; w <= n_ways; w++) {
		judge_mount(ways[w], "first")
		judge_mount(ways[w], "again")
	}
	judge_start()
}
