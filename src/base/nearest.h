/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of several names a mistyped word may have been. */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/*
 * Zero-initialise with the word, show it the names one by one, and take
 * `name`: the nearest of them, or NULL where none is near.  Borrows the names.
 */
struct nearest {
	const char *word;
	size_t len; /* of the word */
	const char *name;
	size_t distance;
};

void nearest_try(struct nearest *n, const char *name);

#endif
