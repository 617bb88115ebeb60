/* SPDX-License-Identifier: BSD-2-Clause */
/* Kernel stacks: which task's an address is in. */
#ifndef KERNEL_TASK_STACK_H
#define KERNEL_TASK_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct task_stack {
	uint64_t start, size;
	uint64_t task; /* its struct task_struct */
	uint32_t pid;  /* of the thread; 0: the idle task of a CPU */
	char comm[TASK_NAME_MAX];
};

/* THREAD_SIZE; 0: not known. */
uint64_t task_stack_size(const struct kernel *k);

/* Whether the kernel tells where stacks are, and of what size. */
bool task_stacks_known(const struct kernel *k);

/* Where the stacks of n tasks begin, into starts[]: one batch.  0: it has none,
 * as one that is dead, or that is not known. */
int task_stacks_read(struct kernel *k, const struct task *tasks, size_t n,
		     uint64_t *starts, struct err *err);

/*
 * The stack that va lies in, of all threads and the idle tasks of all CPUs: in
 * as many batches as it takes to read these, and two.  1: found; 0: it is in
 * none of those that could be read; or a negative code.
 */
int task_stack_at(struct kernel *k, uint64_t va, struct task_stack *out,
		  struct err *err);

#endif
