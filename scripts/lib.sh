# shellcheck shell=bash
# SPDX-License-Identifier: BSD-2-Clause
# What the scripts share: messages, checks for tools, the cache directory.

die() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
	exit 1
}

say() {
	printf '%s: %s\n' "${0##*/}" "$*" >&2
}

# need_tools TOOL:PACKAGE... - stop with one line if a tool is missing
need_tools() {
	local pair missing=()
	for pair; do
		command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
	done
	[ ${#missing[@]} -eq 0 ] ||
		die "please install these Debian packages: ${missing[*]}"
}

# Everything that is fetched or built for the test guests; never in the tree.
test_cache() {
	printf '%s\n' \
		"${QVMI_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/qvmi-test}"
}

# lock_cache NAME - hold a lock of that name until the script ends
lock_cache() {
	local dir
	dir=$(test_cache)/locks
	mkdir -p "$dir"
	exec 9>"$dir/$1"
	flock 9
}
