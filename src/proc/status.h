/* SPDX-License-Identifier: BSD-2-Clause */
/* What /proc/PID/status is made of; for pid_status.c and status*.c only. */
#ifndef PROC_STATUS_H
#define PROC_STATUS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "kernel/task/cred.h"
#include "kernel/mm/mm_numbers.h"
#include "kernel/mm/rss.h"
#include "kernel/task/task.h"
#include "kernel/task/task_limits.h"
#include "kernel/task/task_masks.h"
#include "kernel/task/task_numbers.h"
#include "kernel/task/task_pids.h"
#include "kernel/task/task_signals.h"
#include "kernel/task/x86_64_spec.h"

/* Lines that this kernel has, which no member of a structure tells. */
struct status_lines {
	bool namespaces; /* CONFIG_PID_NS */
	bool kthread;	 /* 6.10 */
	bool thp;	 /* it has huge pages at all */
};

struct status_values {
	struct task_numbers *numbers;
	struct mm_numbers *mm;
	struct rss *rss;
	struct cred *creds;
	struct task_signals *signals;
	struct task_limits *limits;
	struct task_pids pids;
	struct task_masks masks;
	struct x86_64_spec spec;
	struct status_lines has;
};

/* Append the lines of task i: who it is, what memory it has, and what it may
 * do. */
void status_put_identity(const struct status_values *s, const struct task *task,
			 size_t i, struct buf *out);
void status_put_memory(const struct status_values *s, size_t i,
		       struct buf *out);
void status_put_rights(const struct status_values *s, size_t i,
		       struct buf *out);

#endif
