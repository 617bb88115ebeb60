/* SPDX-License-Identifier: BSD-2-Clause */
/* Work on foreign bytes, in a process that can do nothing but that. */
#ifndef BASE_APART_H
#define BASE_APART_H

#include <stdint.h>

#include "base/err.h"

struct apart_limits {
	unsigned int seconds; /* of CPU time */
	uint64_t memory;      /* bytes, beyond what there is already */
	uint64_t result;      /* bytes */
};

/*
 * What is done there: read `in` by its place (pread(2)), write what comes of it
 * to `out`; 0 or a code.
 */
typedef int apart_work(void *arg, int in, int out, struct err *err);

/*
 * Do it in a child that has these two descriptors and stderr, and opens no
 * other (confine_worker()); what it changes in memory stays there.  A new
 * descriptor of what it wrote, which nobody else has any more, at its start;
 * or its code and words.  ERR_REFUSED: it went beyond a limit; ERR_CORRUPT: it
 * crashed; ERR_SYS.
 */
int apart(apart_work *work, void *arg, int in, const struct apart_limits *l,
	  struct err *err);

#endif
