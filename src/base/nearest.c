/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of several names a mistyped word may have been. */
#include "base/nearest.h"

#include <string.h>

/* Longer words are no slip of fingers. */
#define NEAREST_MAX 24

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/*
 * Letters left out, put in, changed, or two neighbours swapped: the least
 * number of those between a word and a name ("optimal string alignment").
 */
static size_t nearest_distance(const char *a, size_t n, const char *b, size_t m)
{
	size_t d[NEAREST_MAX + 1][NEAREST_MAX + 1], i, k;

	for (i = 0; i <= n; i++)
		d[i][0] = i;
	for (k = 0; k <= m; k++)
		d[0][k] = k;
	for (i = 1; i <= n; i++) {
		for (k = 1; k <= m; k++) {
			d[i][k] = least(d[i - 1][k], d[i][k - 1]) + 1;
			d[i][k] = least(d[i][k], d[i - 1][k - 1] + (a[i - 1] !=
								    b[k - 1]));
			if (i > 1 && k > 1 && a[i - 1] == b[k - 2] &&
			    a[i - 2] == b[k - 1])
				d[i][k] = least(d[i][k], d[i - 2][k - 2] + 1);
		}
	}
	return d[n][m];
}

void nearest_try(struct nearest *n, const char *name)
{
	size_t m = strlen(name), distance;

	if (n->len > NEAREST_MAX || m > NEAREST_MAX || m + 2 < n->len ||
	    n->len + 2 < m)
		return;
	distance = nearest_distance(n->word, n->len, name, m);
	/* One slip in a short name, two in a longer one. */
	if (distance > (m < 5 ? 1 : 2) || distance >= m)
		return;
	if (n->name && distance >= n->distance)
		return;
	n->name = name;
	n->distance = distance;
}
