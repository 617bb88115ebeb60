# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# A guest's /proc as files of this host: `ps aux` on it beside the same on this
# host with as many processes, and a mount that nobody looks at. Needs what
# bench/run has: $work, $BUILD, $samples, $cache, $mount_dir, attempt,
# and a guest.

crowd=     # who has a /proc with as many processes as the guest
mount_pid= # qvmi, while the guest's /proc is on $mount_dir
mounts_guest=many
idle_seconds=5

# crowd_begin COUNT - so many processes that sleep, ps and who times it included
crowd_begin() {
	local i
	# shellcheck disable=SC2016 # these are for the shell in there
	unshare --fork --pid --kill-child --mount-proc sh -c '
		i=3
		while [ $i -lt "$0" ]; do
			sleep 100000 &
			i=$((i + 1))
		done
		echo ready
		wait' "$1" >"$work/crowd" 2>/dev/null &
	crowd=$!
	for ((i = 0; i < 1200; i++)); do
		! grep -q ready "$work/crowd" || return 0
		sleep 0.1
	done
	die 'processes to compare with did not start in time'
}

# Where the first process of the crowd is.
crowd_first() {
	pgrep --parent "$crowd"
}

# The first of them takes all others along; who made their namespace hears no
# signal while it waits for that one.
crowd_end() {
	[ -n "$crowd" ] || return 0
	pkill -KILL --parent "$crowd" || true
	wait "$crowd" 2>/dev/null || true
	crowd=
}

# qmp_pauses - how often the guest was stopped since this was asked last
qmp_pauses() {
	local line pauses=0
	printf '%s\n' '{"execute": "query-status"}' >&"$qmp_in"
	while read -r -t 20 line <&"$qmp_out"; do
		case $line in
		*'"STOP"'*) pauses=$((pauses + 1)) ;;
		*'"return"'*)
			echo "$pauses"
			return
			;;
		esac
	done
	die 'QEMU does not answer'
}

# mount_begin WAY - the guest's /proc is on $mount_dir
mount_begin() {
	local i
	mkdir -p "$mount_dir"
	: >"$work/mount.err"
	XDG_CACHE_HOME=$cache "$BUILD/qvmi" mount --gdb "$address" \
		--memory "${way_memory[$1]}" "$mount_dir" >/dev/null \
		2>"$work/mount.err" &
	mount_pid=$!
	for ((i = 0; i < 300; i++)); do
		! grep -q 'is mounted on' "$work/mount.err" || return 0
		sleep 0.1
	done
	die "failed: qvmi mount: $(cat "$work/mount.err")"
}

mount_end() {
	[ -n "$mount_pid" ] || return 0
	umount "$mount_dir"
	wait "$mount_pid"
	mount_pid=
}

# mounts_idle KERNEL GUEST WAY - after one look nobody looks for a while
mounts_idle() {
	mount_begin "$3"
	head -c 1 "$mount_dir/1/comm" >/dev/null
	qmp_pauses >/dev/null
	sleep "$idle_seconds"
	echo "$1 $2 mount idle $3 qvmi pauses=$(qmp_pauses)" >>"$samples"
	mount_end
}

# mounts_ps KERNEL GUEST WAY - in turn, by a command whose /proc is the guest's:
# the first one, and the one after it, which is known to come
mounts_ps() {
	local i
	qmp_pauses >/dev/null
	attempt "$work/out" "$BUILD/qvmi" run --gdb "$address" \
		--memory "${way_memory[$3]}" -- sh -c "
			for state in first again; do
				printf '$1 $2 mount %s $3 qvmi ' \$state
				'$BUILD/bench/whole' ps aux 2>&1 >/dev/null
			done"
	sed 's/whole: //' "$work/out" >>"$samples"
	echo "$1 $2 mount both $3 qvmi pauses=$(qmp_pauses)" >>"$samples"
	for i in first again; do
		attempt /dev/null nsenter --target "$(crowd_first)" --pid \
			--mount "$BUILD/bench/whole" ps aux
		echo "$1 $2 mount $i $3 host $(sed -n 's/^whole: //p' \
			"$work/err")" >>"$samples"
	done
}

# mounts_measure KERNEL GUEST - once, by each way
mounts_measure() {
	local way
	for way in unix process; do
		stub_listen "${way_listen[$way]}"
		mounts_ps "$1" "$2" "$way"
		mounts_idle "$1" "$2" "$way"
	done
}
