/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of devices: their numbers, how often each came, and who asked. */
#ifndef KERNEL_IRQS_H
#define KERNEL_IRQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define IRQ_NAME    64
#define IRQ_ACTIONS 64 /* devices that share one; beyond it is cut */

/* A struct irq_desc (include/linux/irqdesc.h). */
struct irq {
	uint32_t number;
	uint64_t addr;
	uint64_t counts; /* per-CPU pointer to 32 bits each; 0: none */
	uint64_t total;	 /* of all CPUs that are possible, as 32 bits */
	uint64_t hwirq, action, chip, domain;
	uint32_t status; /* IRQ_*, include/linux/irq.h */
	/* Filled by irqs_read_names(). */
	char chip_name[IRQ_NAME];
	bool chip_prints;    /* what it is called, by a function of its own */
	char name[IRQ_NAME]; /* how it is triggered: "edge" */
	VEC(struct irq_user { char name[IRQ_NAME]; }) users;
};

struct irqs {
	uint64_t numbers;	     /* nr_irqs: how many there may be */
	VEC(struct irq) list;	     /* by number */
	struct cpu_variable *counts; /* of each of them */
};

/*
 * Read all, and their counts: a batch for each level of their tree, and three
 * more (docs/facts/kernel.md, "Interrupts").  ERR_NO_LINUX: kept in no way that
 * is known; damage is in the remarks.  The caller frees with irqs_deinit(),
 * also after an error.
 */
int irqs_read(struct kernel *k, const struct cpus *cpus, struct irqs *out,
	      struct remarks *remarks, struct err *err);
void irqs_deinit(struct irqs *s);

/* Read what they are called, and who asked for each: some batches more, one for
 * each of those who share one.  That there are more than IRQ_ACTIONS of one, or
 * IRQ_USERS_MAX of all (kernel/limits.h), is in the remarks. */
int irqs_read_names(struct kernel *k, struct irqs *s, struct remarks *remarks,
		    struct err *err);

/* How often it came on a CPU. */
uint32_t irq_count(const struct irqs *s, size_t i, size_t cpu);

#endif
