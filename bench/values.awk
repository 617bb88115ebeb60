# SPDX-License-Identifier: BSD-2-Clause
# Reads the facts and samples of a benchmark, for bench/report.awk.
#
# FACTS: "NAME WORDS..." and "guest KERNEL GUEST NAME=VALUE...".
# SAMPLES: "KERNEL GUEST OPERATION STATE WAY WHO NAME=VALUE...", where WHO is
# library, reads and stretch (the raw limits), or what was run as a whole: qvmi
# and who it is measured against.

function take_pairs(key, from,    i, at, name) {
	for (i = from; i <= NF; i++) {
		at = index($i, "=")
		if (!at)
			continue
		name = key SUBSEP substr($i, 1, at - 1)
		sample[name, ++count[name]] = substr($i, at + 1)
	}
}

$1 == "guest" {
	if (!($2 in seen)) {
		kernels[++n_kernels] = $2
		seen[$2] = 1
	}
	take_pairs($2 SUBSEP $3, 4)
	next
}

FILENAME == ARGV[1] {
	fact[$1] = substr($0, length($1) + 2)
	next
}

{
	take_pairs($1 SUBSEP $2 SUBSEP $3 SUBSEP $4 SUBSEP $5 SUBSEP $6, 7)
}

# Values. The kernel spoken of is in K; -1 stands for what was not measured.

function middle(v, n,    i, j, x) {
	for (i = 2; i <= n; i++) {
		x = v[i]
		for (j = i - 1; j > 0 && v[j] > x; j--)
			v[j + 1] = v[j]
		v[j + 1] = x
	}
	if (!n)
		return -1
	return n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2
}

function median(name,    n, i, v) {
	n = count[name]
	for (i = 1; i <= n; i++)
		v[i] = sample[name, i] + 0
	return middle(v, n)
}

# Of the quotients of what was measured one after the other.
function median_ratio(a, b,    n, i, v) {
	n = count[a] < count[b] ? count[a] : count[b]
	for (i = 1; i <= n; i++)
		v[i] = sample[a, i] / max(sample[b, i], 1)
	return middle(v, n)
}

# From the smallest to the largest, over the median.
function spread(name,    n, i, low, high) {
	n = count[name]
	low = high = sample[name, 1] + 0
	for (i = 2; i <= n; i++) {
		if (sample[name, i] + 0 < low)
			low = sample[name, i] + 0
		high = max(high, sample[name, i] + 0)
	}
	return (high - low) / median(name)
}

function is(guest, name) {
	return sample[K, guest, name, 1]
}

function key(guest, operation, state, way, who, name) {
	return K SUBSEP guest SUBSEP operation SUBSEP state SUBSEP way \
		SUBSEP who SUBSEP name
}

function value(guest, operation, state, way, who, name) {
	return median(key(guest, operation, state, way, who, name))
}

function library(guest, operation, state, way, name) {
	return value(guest, operation, state, way, "library", name)
}

# How often the limit's time the library took.
function over_raw(guest, operation, state, way, reading) {
	return median_ratio(key(guest, operation, state, way, "library", \
			"wall_us"), \
		key(guest, operation, state, way, reading, "us"))
}

function max(a, b) {
	return a > b ? a : b
}
