/* SPDX-License-Identifier: BSD-2-Clause */
/* Soft interrupts, and how many interrupts each CPU had in all. */
#ifndef KERNEL_SOFTIRQS_H
#define KERNEL_SOFTIRQS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

#define SOFTIRQS_MAX 32
#define SOFTIRQ_NAME 16

/* struct kernel_stat of each CPU (include/linux/kernel_stat.h) */
struct softirqs {
	size_t n; /* kinds; 0: not known */
	char name[SOFTIRQS_MAX][SOFTIRQ_NAME];
	struct cpu_variable counts; /* n of 32 bits */
	struct cpu_variable irqs;   /* 64 bits: interrupts of devices */
};

/* Three batches.  The caller frees with softirqs_deinit(), also after an error.
 */
int softirqs_read(struct kernel *k, const struct cpus *cpus,
		  struct softirqs *out, struct err *err);
void softirqs_deinit(struct softirqs *s);

uint32_t softirq_count(const struct softirqs *s, size_t i, size_t cpu);

#endif
