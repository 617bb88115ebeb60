# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# Whole runs of programs, timed from outside: how long qvmi takes to start, and
# a qvmi that was built before. Needs what bench/run has: $work, $BUILD, $OLD,
# $samples, attempt, and a guest with its stub.

# Starts that are compared, for each run of the benchmark.
starts=20

# What the old program and the new one do, and how often in each run: pairs, of
# which every other one has the old program first.
old_commands='ps maps read info'
declare -A old_words=(
	[ps]='ps'
	[maps]='maps --all'
	[read]='read p:0x100000 64M --format raw'
	[info]='info'
)
old_pairs=4

# whole KEYS OUTPUT COMMAND... - once; with what --stats says, where it is there
whole() {
	local keys=$1 output=$2
	shift 2
	attempt "$output" "$BUILD/bench/whole" "$@"
	echo "$keys $(sed -nE 's/^(stats|whole): //p' "$work/err" | tr '\n' ' ')" \
		>>"$samples"
}

# starts_measure KERNEL - no guest is there
starts_measure() {
	local i
	for ((i = 0; i < RUNS * starts; i++)); do
		whole "$1 none version - - qvmi" /dev/null "$BUILD/qvmi" --version
		whole "$1 none version - - least" /dev/null "$BUILD/bench/least"
	done
}

# old_run KERNEL GUEST COMMAND WAY old|new
old_run() {
	local words cache=$work/cache program=$BUILD/qvmi
	if [ "$5" = old ]; then
		cache=$work/cache.old
		program=$OLD
	fi
	read -ra words <<<"$program ${old_words[$3]} --gdb $address --memory ${way_memory[$4]} --stats"
	whole "$1 $2 whole.$3 - $4 $5" /dev/null "${words[@]}"
}

# old_prepare - each has its own cache, and finds this guest in it
old_prepare() {
	local cache
	stub_listen unix
	cache=$work/cache attempt /dev/null "$BUILD/qvmi" info --gdb "$address"
	cache=$work/cache.old attempt /dev/null "$OLD" info --gdb "$address"
}

# old_measure KERNEL GUEST
old_measure() {
	local way command pair order who
	old_prepare
	for way in unix process; do
		for command in $old_commands; do
			for ((pair = 0; pair < old_pairs; pair++)); do
				order='old new'
				[ $((pair % 2)) -eq 0 ] || order='new old'
				for who in $order; do
					old_run "$1" "$2" "$command" "$way" "$who"
				done
			done
		done
	done
}
