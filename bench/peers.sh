# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# The same process list by gdb, for `make bench PEERS=1`. Needs what bench/run
# has: $work, $BUILD, $samples, attempt, whole, and a guest with its stub.

vmlinux= # of the guest's kernel, with debug info
slide=   # how far KASLR has moved it

# peers_begin KERNEL - gdb is given what it cannot find out
peers_begin() {
	local words
	stub_listen unix
	vmlinux=$(scripts/fetch-kernel --debug "$1")/vmlinux
	# refuses a vmlinux that is not the guest's
	attempt "$work/out" "$BUILD/qvmi" info --gdb "$address" \
		--profile "$vmlinux"
	slide=$(awk '/^KASLR offset:/ { print $3 }' "$work/out")
	# fills gdb's index cache, and the page cache
	gdb_words
	attempt "$work/gdb" "${words[@]}"
}

# How gdb prints what `qvmi ps` shows, into words; the index cache is on.
gdb_words() {
	words=(gdb -nx -batch
		-iex "set auto-load no" -iex "set confirm off"
		-iex "set index-cache directory $work/index"
		-iex "set index-cache enabled on"
		-ex "symbol-file -o $slide $vmlinux"
		-ex "target remote ${address#unix:}"
		-ex "source bench/gdb_ps.py" -ex detach)
}

# Lines that say the same of a process in both lists: PID, parent, UID, state.
agreement() {
	attempt "$work/ps" "$BUILD/qvmi" ps --gdb "$address"
	comm -12 <(sed 1d "$work/ps" | awk '{ print $1, $2, $3, $4 }' | sort) \
		<(awk '$4 ~ /^[A-Za-z]$/ { print $1, $2, $3, $4 }' "$work/gdb" |
			sort) | wc -l
}

# peers_measure KERNEL GUEST - the list by gdb and by qvmi, once
peers_measure() {
	local way state words
	stub_listen unix
	gdb_words
	whole "$1 $2 ps warm unix gdb" "$work/gdb" "${words[@]}"
	sed -n "s/^gdb: /$1 $2 ps warm unix gdb-list /p" "$work/err" >>"$samples"
	for way in unix process; do
		for state in warm cold; do
			read -ra words <<<"$BUILD/qvmi ps --gdb $address --memory ${way_memory[$way]} ${state_option[$state]}"
			whole "$1 $2 ps $state $way qvmi" "$work/out" \
				"${words[@]}"
		done
	done
	echo "$1 $2 ps warm unix agreement n=$(agreement)" >>"$samples"
}
