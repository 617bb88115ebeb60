# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# One guest at a time for the benchmark: boot it, let it go quiet, choose where
# its gdb stub listens, end it. Needs scripts/lib.sh and $work, a directory.

qemu=    # its process
address= # of its stub, as qvmi takes it

# no_timer_check: on a loaded host a guest may miss the ticks it waits for.
guest_cmdline='console=ttyS0 panic=-1 no_timer_check'

# guest_boot KERNEL PARAMETERS [RAM] - return when the guest is up and quiet
guest_boot() {
	local kernel=$1 dir=$work/guest
	mkdir "$dir"
	mkfifo "$dir/qmp.in" "$dir/qmp.out"
	setpriv --pdeathsig KILL qemu-system-x86_64 \
		-nodefaults -no-user-config -display none -no-reboot \
		-accel tcg -machine pc -cpu qemu64 -smp 1 -m "${3:-1G}" \
		-chardev "file,id=console,path=$dir/console" \
		-serial chardev:console -serial null \
		-chardev "pipe,id=qmp,path=$dir/qmp" -mon chardev=qmp,mode=control \
		-kernel "$(scripts/fetch-kernel "$kernel")/vmlinuz" \
		-initrd "$(scripts/build-guest "$kernel")" \
		-append "$guest_cmdline $2" </dev/null >/dev/null 2>"$dir/stderr" &
	qemu=$!
	exec {qmp_in}<>"$dir/qmp.in" {qmp_out}<>"$dir/qmp.out"
	wait_ready "$dir"
	qmp '{"execute": "qmp_capabilities"}' >/dev/null
	wait_quiet
}

guest_end() {
	[ -n "$qemu" ] || return 0
	kill "$qemu"
	wait "$qemu" 2>/dev/null || true
	qemu=
	exec {qmp_in}>&- {qmp_out}>&-
	rm -rf "$work/guest"
}

wait_ready() {
	local i
	for ((i = 0; i < 3000; i++)); do
		! grep -q '^QVMI-READY' "$1/console" 2>/dev/null || return 0
		kill -0 "$qemu" 2>/dev/null || die "QEMU ended: $(cat "$1/stderr")"
		sleep 0.1
	done
	die "the guest was not ready in time: $(tail -n 3 "$1/console")"
}

# Ticks of CPU time that QEMU has used.
qemu_ticks() {
	sed 's/.*) //' "/proc/$qemu/stat" | awk '{ print $12 + $13 }'
}

# Until QEMU uses less than 5 % of a CPU for two seconds.
wait_quiet() {
	local before after i
	for ((i = 0; i < 60; i++)); do
		before=$(qemu_ticks)
		sleep 2
		after=$(qemu_ticks)
		[ $((after - before)) -ge 10 ] || return 0
	done
	say 'the guest does not go quiet; measuring it all the same'
}

# qmp COMMAND - its reply, as one line; events in front of it are dropped
qmp() {
	local line
	printf '%s\n' "$1" >&"$qmp_in"
	while read -r -t 20 line <&"$qmp_out"; do
		case $line in
		*'"return"'*)
			printf '%s\n' "$line"
			return
			;;
		*'"error"'*) die "QEMU: $line" ;;
		esac
	done
	die 'QEMU does not answer'
}

hmp() {
	qmp '{"execute": "human-monitor-command", "arguments": {"command-line": "'"$1"'"}}'
}

# guest_pages RAM - how many pages the host has behind it
guest_pages() {
	awk -v size="$(($(numfmt --from=iec "$1") / 1024))" '
		/^Size:/ { ram = $2 == size }
		/^Rss:/ && ram { pages += $2 / 4; found = 1 }
		END { if (!found) exit 1; print pages }' "/proc/$qemu/smaps" ||
		die "QEMU has no mapping of $1"
}

# stub_listen tcp|unix - there, and nowhere else; sets $address
stub_listen() {
	local device reply
	case $1 in
	tcp) device=tcp:127.0.0.1:0 ;;
	unix) device=unix:$work/guest/gdb,server=on,wait=off ;;
	esac
	hmp 'gdbserver none' >/dev/null
	rm -f "$work/guest/gdb"
	reply=$(hmp "gdbserver $device")
	[[ $reply == *'Waiting for gdb'* ]] || die "QEMU: $reply"
	address=unix:$work/guest/gdb
	[ "$1" = tcp ] || return 0
	[[ $(hmp 'info chardev') =~ tcp:(127\.0\.0\.1:[0-9]+) ]] ||
		die 'no port in what QEMU says of its stub'
	address=${BASH_REMATCH[1]}
}
