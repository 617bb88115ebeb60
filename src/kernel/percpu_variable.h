/* SPDX-License-Identifier: BSD-2-Clause */
/* Per-CPU memory: whose an address is, and which variable's. */
#ifndef KERNEL_PERCPU_VARIABLE_H
#define KERNEL_PERCPU_VARIABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* An address in the first chunk of a CPU (docs/facts/kernel.md, "Per-CPU
 * variables"). */
struct percpu_variable {
	uint32_t cpu;
	uint64_t start, size; /* of that CPU's part of the chunk */
	/*
	 * The static variable; NULL: behind all of these.  Its memory reaches
	 * up to the next one, at most; lives as long as the profile.
	 */
	const char *name;
	uint64_t va, room;
};

/*
 * 1: it is one; 0: it is none, or this kernel does not tell; or a negative
 * code.
 */
int percpu_variable_at(struct kernel *k, uint64_t va,
		       struct percpu_variable *out, struct err *err);

#endif
