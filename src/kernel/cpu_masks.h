/* SPDX-License-Identifier: BSD-2-Clause */
/* Masks of CPUs, of as many bits as there can be CPUs. */
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
	size_t n, stride;  /* in words */
	unsigned int bits; /* of each: nr_cpu_ids */
	uint64_t *words;
	bool *known; /* per mask: it is there, and could be read */
};

/* Whether a cpumask_var_t is a pointer to a mask (CONFIG_CPUMASK_OFFSTACK;
 * lib/cpumask.c has alloc_cpumask_var_node() then alone, in all versions). */
bool cpu_masks_apart(const struct kernel *k);

/*
 * Read the cpumask_var_t at n addresses (0: none): one batch, and one more
 * where they are pointers.  What is not known is no error, and zeros.  The
 * caller frees with cpu_masks_deinit(), also after an error.
 */
int cpu_masks_read(struct kernel *k, const struct cpus *cpus,
		   const uint64_t *at, size_t n, struct cpu_masks *out,
		   struct err *err);
/* The same of masks that are there themselves: one batch. */
int cpu_masks_read_plain(struct kernel *k, const struct cpus *cpus,
			 const uint64_t *at, size_t n, struct cpu_masks *out,
			 struct err *err);
void cpu_masks_deinit(struct cpu_masks *m);

/* The words of one. */
const uint64_t *cpu_mask(const struct cpu_masks *m, size_t i);

#endif
