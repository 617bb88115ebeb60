/* SPDX-License-Identifier: BSD-2-Clause */
/* The namespaces that tasks are in. */
#ifndef KERNEL_TASK_NS_H
#define KERNEL_TASK_NS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* As they are named in /proc/PID/ns. */
enum task_ns_kind {
	TASK_NS_CGROUP,
	TASK_NS_IPC,
	TASK_NS_MNT,
	TASK_NS_NET,
	TASK_NS_PID,
	TASK_NS_TIME,
	TASK_NS_USER,
	TASK_NS_UTS,
	TASK_NS_PID_FOR_CHILDREN,
	TASK_NS_TIME_FOR_CHILDREN,
	TASK_NS_KINDS
};

/*
 * The inode numbers by which /proc/PID/ns/KIND tells namespaces apart; 0:
 * none, as of a task that has exited, or it could not be read.
 */
struct task_ns {
	uint32_t inum[TASK_NS_KINDS];
	uint32_t pid;		    /* in its own PID namespace; 0 as above */
	uint64_t at[TASK_NS_KINDS]; /* struct net and so on; 0: none */
	bool torn;		    /* what leads to some cannot be read */
};

/* "mnt": the last two are named as what they are of. */
const char *task_ns_name(enum task_ns_kind kind);

/*
 * Those of n tasks, in three batches: what tasks, then nsproxies, credentials
 * and struct pids, then namespaces say.
 */
int task_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 struct task_ns *out, struct err *err);

/*
 * Those of PID 1, in which readers of its /proc are as a rule; where there is
 * none, the initial ones, without numbers.
 */
int task_ns_of_init(struct kernel *k, struct task_ns *out, struct err *err);

#endif
