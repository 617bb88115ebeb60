/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts of CPUs themselves, as x86 counts them. */
#ifndef KERNEL_X86_64_IRQS_H
#define KERNEL_X86_64_IRQS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/cpus.h"
#include "kernel/kernel.h"

#define CPU_IRQ_SYMBOL 8
#define CPU_IRQ_TEXT   64

/* A line at the end of /proc/interrupts. */
struct cpu_irq {
	char symbol[CPU_IRQ_SYMBOL]; /* "NMI" */
	char text[CPU_IRQ_TEXT];     /* "Non-maskable interrupts" */
	bool shown;
	bool summed; /* part of the sum of /proc/stat */
	bool of_all; /* `total` is all there is, and no text */
	uint64_t total;
	struct cpu_variable counts; /* 32 bits of each CPU */
};

struct cpu_irqs {
	VEC(struct cpu_irq) list;
	bool from_table; /* 7.x: the kernel has a table of them */
};

/*
 * Read them: four batches at most (docs/facts/kernel.md, "Interrupts").  Those
 * that this kernel does not count are not there.  The caller frees with
 * cpu_irqs_deinit(), also after an error.
 */
int cpu_irqs_read(struct kernel *k, const struct cpus *cpus,
		  struct cpu_irqs *out, struct err *err);
void cpu_irqs_deinit(struct cpu_irqs *s);

#endif
