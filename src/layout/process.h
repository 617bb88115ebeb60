/* SPDX-License-Identifier: BSD-2-Clause */
/* A process's half of the addresses: what each part of it is, and gaps. */
#ifndef LAYOUT_PROCESS_H
#define LAYOUT_PROCESS_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm_layout.h"
#include "kernel/task/task.h"
#include "kernel/mm/x86_64_moved.h"
#include "layout/segments.h"
#include "proc/proc.h"
#include "rows/rows.h"

struct layout_process {
	struct task task;
	struct mm_layout mm;
	struct mm_settings set;
	struct proc_values maps;
	struct task_list threads; /* but the first */
	uint64_t *sps;
	struct layout_segments segments;
	struct x86_64_distance distance[X86_64_MOVED];
};

/* As task_find() and mm_check().  The caller deinits, also after an error;
 * *out is zero before. */
int layout_process_read(struct kernel *k, uint32_t pid,
			struct layout_process *out, struct err *err);
void layout_process_deinit(struct layout_process *p);

/* Its one row; the columns are chosen here. */
void layout_process_rows(const struct layout_process *p, struct rows *rows);

#endif
