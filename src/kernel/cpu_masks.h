/* SPDX-License-Identifier: BSD-2-Clause */
/* Masks of CPUs that are variables: cpumask_var_t. */
#ifndef KERNEL_CPU_MASKS_H
#define KERNEL_CPU_MASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

/* n masks, each of as many words as nr_cpu_ids takes. */
struct cpu_masks {
	size_t n, stride; /* in words */
	uint64_t *words;
	bool *known; /* per mask: it is there, and could be read */
};

/*
 * Read those at n addresses (0: none): one batch, and one more where they are
 * pointers to masks (CONFIG_CPUMASK_OFFSTACK; lib/cpumask.c has
 * alloc_cpumask_var_node() then alone, in all versions).  What is not known is
 * no error, and zeros.  The caller frees with cpu_masks_deinit(), also after an
 * error.
 */
int cpu_masks_read(struct kernel *k, const struct cpus *cpus,
		   const uint64_t *at, size_t n, struct cpu_masks *out,
		   struct err *err);
void cpu_masks_deinit(struct cpu_masks *m);

/* The words of one. */
const uint64_t *cpu_mask(const struct cpu_masks *m, size_t i);

#endif
