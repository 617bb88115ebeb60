/* SPDX-License-Identifier: BSD-2-Clause */
/* The frames of the stacks that tasks have in the kernel. */
#ifndef KERNEL_PAGE_STACK_H
#define KERNEL_PAGE_STACK_H

#include "base/err.h"
#include "base/map.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/*
 * Put the frames of all tasks' stacks into `pfns`: THREAD_SIZE bytes from
 * task_struct.stack on (docs/facts/kernel.md, "Tasks").  A stack that a CPU
 * keeps for the next task is nobody's.  Where this kernel does not tell them,
 * none are there, with a remark.
 */
int page_stacks_read(struct kernel *k, struct map *pfns,
		     struct remarks *remarks, struct err *err);

#endif
