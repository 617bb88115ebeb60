/* SPDX-License-Identifier: BSD-2-Clause */
/* Per-CPU areas: where each CPU's copy of a variable is. */
#ifndef KERNEL_PERCPU_H
#define KERNEL_PERCPU_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* CONFIG_NR_CPUS is at most this on x86-64 (arch/x86/Kconfig). */
#define PERCPU_MAX 8192

/*
 * __per_cpu_offset[0 .. nr_cpu_ids - 1]: a symbol or per-CPU pointer plus the
 * offset of a CPU is the address of that CPU's variable, in all versions
 * (docs/facts/kernel.md, "Per-CPU variables").
 * *n is 0 where the kernel has none, or its memory does not tell them: a number
 * of CPUs that cannot be, pages that cannot be read.  The caller frees
 * *offsets.
 */
int percpu_offsets(struct kernel *k, uint64_t **offsets, size_t *n,
		   struct err *err);

/* The first chunk of each CPU, with its static variables (mm/percpu.c). */
struct percpu_first {
	uint64_t first,
		size;	   /* first plus the offset of a CPU is its address */
	uint64_t *offsets; /* owned */
	size_t n;	   /* CPUs; 0 as above, or the kernel does not tell */
};

/* The caller frees the offsets, also after an error. */
int percpu_first_read(struct kernel *k, struct percpu_first *out,
		      struct err *err);

#endif
