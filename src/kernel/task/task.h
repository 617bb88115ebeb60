/* SPDX-License-Identifier: BSD-2-Clause */
/* Tasks: processes, threads and kernel threads as values. */
#ifndef KERNEL_TASK_H
#define KERNEL_TASK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define TASK_NAME_MAX 64 /* with its NUL, fs/proc/array.c */
#define PF_EXITING    0x00000004u
#define PF_WQ_WORKER  0x00000020u /* include/linux/sched.h */
#define PF_KTHREAD    0x00200000u

/*
 * One task_struct, read at one moment.  Numbers are those of the initial PID
 * and user namespaces.  comm is what /proc/PID/comm and stat say, longer than
 * task_struct.comm for kernel threads; raw guest bytes, NUL-terminated.
 */
struct task {
	uint64_t addr;
	uint64_t mm;   /* 0: none (kernel thread, zombie) */
	uint64_t fs;   /* fs_struct, 0: none */
	uint32_t pid;  /* thread id */
	uint32_t tgid; /* process id */
	uint32_t ppid; /* tgid of real_parent */
	uint32_t uid, gid, euid, egid;
	uint32_t flags; /* PF_* */
	char state;	/* letter as in /proc/PID/stat; '?' unknown */
	char comm[TASK_NAME_MAX];
	bool torn; /* a part of it (parent, credentials) was unreadable */
};

bool task_is_kthread(const struct task *t);

/* Memory of its own, that is: a kernel thread may work with that of others. */
bool task_has_memory(const struct task *t);

/* A set of tasks in order of pid, and whether reading it met torn memory. */
struct task_list {
	struct task *v;
	size_t n;
	bool torn;
	char why[128]; /* where torn */
};

/*
 * All processes (thread group leaders), as the PID table lists them: what
 * /proc would show; with threads set also their other threads.  Breadth-first:
 * the number of batches does not depend on the number of tasks.  Bounded by
 * PID_MAX_LIMIT (4194304).
 */
int task_list_read(struct kernel *k, bool threads, struct task_list *out,
		   struct err *err);

/* Those with the n pids, which ascend (thread ids will do). */
int task_list_find(struct kernel *k, const uint32_t *pids, size_t n,
		   struct task_list *out, struct err *err);
void task_list_deinit(struct task_list *l);

/* Drop all tasks but those with memory of their own. */
void task_list_keep_memory(struct task_list *l);

/*
 * Those with the n pids (thread ids will do), out[i] for pids[i]: its addr is
 * 0 where there is none.  As many batches as for one.  torn->code is 0, or
 * torn tells why more of them may be there (see task_missing()).
 */
int tasks_find(struct kernel *k, const uint32_t *pids, size_t n,
	       struct task *out, struct err *torn, struct err *err);

/* The words for a pid that tasks_find() did not find. */
int task_missing(uint32_t pid, const struct err *torn, struct err *err);

/* One of them, or task_missing(). */
int task_find(struct kernel *k, uint32_t pid, struct task *out,
	      struct err *err);

#endif
