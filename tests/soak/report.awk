# SPDX-License-Identifier: BSD-2-Clause
# The generated parts of docs/reliability.md:
#
#     awk -f report.awk -v part=head FACTS
#     awk -f report.awk -v part=tables FACTS ROWS FUZZ
#
# FACTS: "NAME WORDS...". ROWS: area, kind, subject, outcome and count, with
# tabs between them; any area will do. FUZZ: what scripts/run-fuzz prints.

function grouped(x,    s) {
	s = sprintf("%d", x)
	for (x = ""; length(s) > 3; s = substr(s, 1, length(s) - 3))
		x = "," substr(s, length(s) - 2) x
	return s x
}

function duration(seconds) {
	if (seconds + 0 < 120)
		return seconds " s"
	return sprintf("%d min", (seconds + 30) / 60)
}

FILENAME == ARGV[1] {
	fact[$1] = substr($0, length($1) + 2)
	next
}

# ROWS; n_... are numbers of names in order of their first appearance

FILENAME == ARGV[2] {
	split($0, field, "\t")
	area = field[1]
	kind = area SUBSEP field[2]
	if (!(area in kinds))
		areas[++n_areas] = area
	if (!(kind in tried))
		kind_of[area, ++kinds[area]] = field[2]
	if (!((area, field[3]) in seen)) {
		seen[area, field[3]] = 1
		subject_of[area, ++subjects[area]] = field[3]
	}
	if (!((kind, field[4]) in count))
		outcome_of[kind, ++outcomes[kind]] = field[4]
	count[kind, field[4]] += field[5]
	tried[kind] += field[5]
	total[area] += field[5]
	next
}

# FUZZ: NAME N runs N a second N MB RESULT

$3 == "runs" {
	fuzzer[++n_fuzzers] = $1
	runs[$1] = $2
	megabytes[$1] = $7
	found[$1] = $9 == "ok" ? "nothing" : "**a finding**"
	all_runs += $2
}

# "39 ended by it, 13 right answer", the most frequent first
function told(kind,    i, best, words, left) {
	for (left = outcomes[kind]; left > 0; left--) {
		best = ""
		for (i = 1; i <= outcomes[kind]; i++)
			if (!((kind, i) in done) && (best == "" || \
			    count[kind, outcome_of[kind, i]] > \
			    count[kind, outcome_of[kind, best]]))
				best = i
		done[kind, best] = 1
		words = words (words == "" ? "" : "; ") \
			grouped(count[kind, outcome_of[kind, best]]) " " \
			outcome_of[kind, best]
	}
	return words
}

function print_area(area,    i, kind, line) {
	print "### " toupper(substr(area, 1, 1)) substr(area, 2) ": " \
		grouped(total[area])
	print ""
	print "| what | how often | what became of it |"
	print "|---|---|---|"
	for (i = 1; i <= kinds[area]; i++) {
		kind = area SUBSEP kind_of[area, i]
		print "| " kind_of[area, i] " | " grouped(tried[kind]) \
			" | " told(kind) " |"
	}
	print ""
	for (i = 1; i <= subjects[area]; i++)
		line = line (i > 1 ? ", " : "") subject_of[area, i]
	print "Tried on: " line "."
	print ""
}

function print_fuzzers(    i, name) {
	print "### Fuzzers: " grouped(all_runs) " executions"
	print ""
	print "libFuzzer with ASan and UBSan, " duration(fact["fuzz_time"]) \
		" each, from the seeds in tests/fuzz/corpus; an input may take " \
		"5 s and 512 MiB."
	print ""
	print "| fuzzer | executions | memory | found |"
	print "|---|---|---|---|"
	for (i = 1; i <= n_fuzzers; i++) {
		name = fuzzer[i]
		print "| " name " | " grouped(runs[name]) " | " \
			megabytes[name] " MiB | " found[name] " |"
	}
	print ""
}

function print_head(    seconds) {
	split(fact["seconds"], seconds, " ")
	print "# Reliability"
	print ""
	print "Written by `make soak` (tests/soak/run). Do not edit: run it " \
		"again, or change the prose in tests/soak."
	print ""
	print "Run on " fact["date"] " on " fact["cpus"] " CPUs under QEMU " \
		fact["qemu"] ": " duration(seconds[1]) " of tests (" \
		fact["share"] " % of what their long form can try" \
		(fact["options"] ? ", " fact["options"] : "") ", seed " \
		fact["seed"] ") and " duration(seconds[2]) " of fuzzing. " \
		"Tests: " fact["tests"] "."
	print ""
}

function print_tables(    i) {
	print "## What was tried"
	print ""
	print "Each of these was looked at afterwards, as the promises say; " \
		"what broke one would be a failed test, not a row."
	print ""
	for (i = 1; i <= n_areas; i++)
		print_area(areas[i])
	if (n_fuzzers)
		print_fuzzers()
}

END {
	if (part == "head")
		print_head()
	else
		print_tables()
}
