/* SPDX-License-Identifier: BSD-2-Clause */
/* Variables of the kernel's, many of them as one batch. */
#ifndef KERNEL_VARIABLES_H
#define KERNEL_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* A variable at a symbol, or a part of it. */
struct variable {
	const char *name; /* or names, tried in order, parted by '|' */
	size_t size;	  /* in bytes; 0: it is not wanted */
	size_t offset;	  /* behind the symbol */
	void *to; /* `size` bytes, as they are; NULL: a number, at most 8 */
	uint64_t value; /* that number; 0 where it is not known */
	bool known;	/* there is such a symbol, and it could be read */
};

/* Read n of them: one batch.  What is not known is no error, and zeros. */
int variables_read(struct kernel *k, struct variable *v, size_t n,
		   struct err *err);

/* The address of the first of such names that there is. */
bool variable_find(const struct kernel *k, const char *names, uint64_t *va);

#endif
