/* SPDX-License-Identifier: BSD-2-Clause */
/* Children of threads. */
#ifndef KERNEL_TASK_CHILDREN_H
#define KERNEL_TASK_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct task_children {
	VEC(uint32_t) pids; /* in the kernel's order: the newest last */
	bool known; /* else: this kernel's types do not tell, or it is torn */
	bool torn;  /* the list is damaged, or could not be read */
};

/*
 * Those of n tasks (task_struct.children), into out, which is zeroed: in as
 * many batches as it takes to read all tasks, and two, where all children are
 * in that list.  The caller frees them with task_children_deinit(), also after
 * an error.
 */
int task_children_read(struct kernel *k, const struct task *tasks, size_t n,
		       struct task_children *out, struct err *err);
void task_children_deinit(struct task_children *c, size_t n);

#endif
