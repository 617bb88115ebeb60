/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in order: by their digits, the least one first. */
#include "base/sort.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define DIGIT_BITS 11
#define DIGITS	   (1U << DIGIT_BITS)
#define FEW	   256 /* numbers that are not worth the counting */

static int sort_order(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* By one digit, from one place to another; what is in order stays so. */
static void sort_by_digit(const uint64_t *from, uint64_t *to, size_t n,
			  unsigned int shift)
{
	size_t starts[DIGITS] = {0}, i, sum = 0;

	for (i = 0; i < n; i++)
		starts[from[i] >> shift & (DIGITS - 1)]++;
	for (i = 0; i < DIGITS; i++) {
		size_t count = starts[i];

		starts[i] = sum;
		sum += count;
	}
	for (i = 0; i < n; i++)
		to[starts[from[i] >> shift & (DIGITS - 1)]++] = from[i];
}

void sort_u64(uint64_t *v, size_t n)
{
	_cleanup_free_ uint64_t *other = NULL;
	uint64_t *from = v, *to, differ = 0;
	unsigned int shift;
	size_t i;

	if (n >= FEW)
		other = malloc(n * sizeof(*other));
	if (!other) {
		if (n)
			qsort(v, n, sizeof(*v), sort_order);
		return;
	}
	for (i = 1; i < n; i++)
		differ |= v[i] ^ v[0];
	to = other;
	for (shift = 0; shift < 64 && differ >> shift; shift += DIGIT_BITS) {
		uint64_t *swap = from;

		if (!(differ >> shift & (DIGITS - 1)))
			continue;
		sort_by_digit(from, to, n, shift);
		from = to;
		to = swap;
	}
	if (from != v)
		memcpy(v, from, n * sizeof(*v));
}

size_t sort_u64_once(uint64_t *v, size_t n)
{
	size_t i, out = 0;

	sort_u64(v, n);
	for (i = 0; i < n; i++)
		if (!out || v[out - 1] != v[i])
			v[out++] = v[i];
	return out;
}

size_t sort_u64_find(const uint64_t *v, size_t n, uint64_t number)
{
	const uint64_t *at =
		n ? bsearch(&number, v, n, sizeof(*v), sort_order) : NULL;

	return at ? (size_t)(at - v) : n;
}
