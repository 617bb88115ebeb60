/* SPDX-License-Identifier: BSD-2-Clause */
/* Where tasks may run, and where they may have memory. */
#ifndef KERNEL_TASK_MASKS_H
#define KERNEL_TASK_MASKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Bits of 64 in a word, the lowest first, of n tasks side by side. */
struct task_mask {
	uint64_t *words;
	size_t stride;	   /* words of each */
	unsigned int bits; /* that the kernel shows; 0: it has no such mask */
};

struct task_masks {
	struct task_mask cpus; /* task_struct.cpus_mask, nr_cpu_ids bits */
	struct task_mask mems; /* mems_allowed, MAX_NUMNODES bits */
	bool *ok;	       /* per task: they could be read */
};

/* Read those of n tasks, in two batches.  The caller frees them, also after an
 * error. */
int task_masks_read(struct kernel *k, const struct task *tasks, size_t n,
		    struct task_masks *out, struct err *err);
void task_masks_deinit(struct task_masks *m);

#endif
