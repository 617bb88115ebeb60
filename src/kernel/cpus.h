/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPUs that the kernel has, and what each has of its variables. */
#ifndef KERNEL_CPUS_H
#define KERNEL_CPUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/percpu.h"

struct cpus {
	size_t n;	   /* numbers that CPUs may have: nr_cpu_ids */
	uint64_t *offsets; /* as percpu_offsets() has them */
	uint8_t online[PERCPU_MAX / 8], possible[PERCPU_MAX / 8];
	size_t n_online;
};

/*
 * Read which there are (__cpu_online_mask, __cpu_possible_mask): two batches.
 * ERR_NO_LINUX: kept in no way that is known; ERR_UNREADABLE, ERR_CORRUPT.  The
 * caller frees with cpus_deinit(), also after an error.
 */
int cpus_read(struct kernel *k, struct cpus *out, struct err *err);
void cpus_deinit(struct cpus *c);

bool cpus_is_online(const struct cpus *c, size_t cpu);
bool cpus_is_possible(const struct cpus *c, size_t cpu);

/* A variable that each CPU has. */
struct cpu_variable {
	uint64_t va;  /* of its symbol, or a per-CPU pointer; 0: none */
	size_t size;  /* bytes of one CPU's */
	uint8_t *all; /* cpus.n times size; that of a CPU which is not possible
			 is zeros */
	bool known;   /* all that are possible have it, and it was read */
};

/*
 * Read n of them: one batch (of more than 65536 with all CPUs, some more).
 * What is not known is no error, and zeros.  ERR_CORRUPT: it would take more
 * memory than any machine has need of.  `all` is NULL before; the caller
 * frees each with cpu_variables_deinit(), also after an error.
 */
int cpu_variables_read(struct kernel *k, const struct cpus *cpus,
		       struct cpu_variable *v, size_t n, struct err *err);
void cpu_variables_deinit(struct cpu_variable *v, size_t n);

/* What a CPU has of it. */
const uint8_t *cpu_variable_of(const struct cpu_variable *v, size_t cpu);

#endif
