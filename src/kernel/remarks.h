/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers have to say beside their values. */
#ifndef KERNEL_REMARKS_H
#define KERNEL_REMARKS_H

#include "base/buf.h"

/* Sentences without a full stop; zero-initialise. */
struct remarks {
	struct buf texts; /* NUL-terminated, one after the other */
	unsigned int n;
};

void remarks_add(struct remarks *r, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* The one behind `last` (NULL: the first), or NULL. */
const char *remarks_next(const struct remarks *r, const char *last);

void remarks_deinit(struct remarks *r);

#endif
