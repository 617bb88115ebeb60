/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel stacks of tasks that no CPU runs. */
#ifndef KERNEL_X86_64_SLEEPER_H
#define KERNEL_X86_64_SLEEPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/stack/x86_64_unwind.h"

/* Where a task left its CPU, and its stack from there up to its top. */
struct sleeper {
	bool sleeps; /* else it runs, or has no stack, or: */
	bool torn;   /* it cannot be read */
	struct unwind_start start;
	uint64_t top;
	struct unwind_piece stack;
};

/* So many are read at once: more of their stacks would only take memory. */
#define SLEEPERS_SLICE 4096u

struct sleepers {
	struct sleeper *v;
	size_t n;
	uint8_t *bytes; /* all of their stacks */
};

/*
 * The n tasks whose struct task_struct are at `tasks`, in two batches.
 * ERR_NO_LINUX where this kernel's types lack what it takes.  The caller
 * deinits, also after an error.
 */
int sleepers_read(struct kernel *k, const struct unwinder *u,
		  const uint64_t *tasks, size_t n, struct sleepers *out,
		  struct err *err);
void sleepers_deinit(struct sleepers *s);

#endif
