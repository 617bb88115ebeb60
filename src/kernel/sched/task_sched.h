/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler keeps of tasks. */
#ifndef KERNEL_TASK_SCHED_H
#define KERNEL_TASK_SCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* Members of task_struct by these names, zero-extended; statistics those of
 * struct sched_statistics (include/linux/sched.h). */
enum sched_number {
	SCHED_EXEC_START,
	SCHED_VRUNTIME,
	SCHED_SUM_RUNTIME,
	SCHED_MIGRATIONS,
	SCHED_SLEEP_RUNTIME,
	SCHED_BLOCK_RUNTIME, /* 5.16 */
	SCHED_WAIT_START,
	SCHED_SLEEP_START,
	SCHED_BLOCK_START,
	SCHED_SLEEP_MAX,
	SCHED_BLOCK_MAX,
	SCHED_EXEC_MAX,
	SCHED_SLICE_MAX,
	SCHED_WAIT_MAX,
	SCHED_WAIT_SUM,
	SCHED_WAIT_COUNT,
	SCHED_IOWAIT_SUM,
	SCHED_IOWAIT_COUNT,
	SCHED_COLD,
	SCHED_FAILED_AFFINE,
	SCHED_FAILED_RUNNING,
	SCHED_FAILED_HOT,
	SCHED_FORCED,
	SCHED_WAKEUPS,
	SCHED_WAKEUPS_SYNC,
	SCHED_WAKEUPS_MIGRATE,
	SCHED_WAKEUPS_LOCAL,
	SCHED_WAKEUPS_REMOTE,
	SCHED_WAKEUPS_AFFINE,
	SCHED_WAKEUPS_ATTEMPTS,
	SCHED_WAKEUPS_PASSIVE,
	SCHED_WAKEUPS_IDLE,
	SCHED_CORE_IDLE, /* with CONFIG_SCHED_CORE */
	SCHED_NVCSW,
	SCHED_NIVCSW,
	SCHED_WEIGHT,
	SCHED_LOAD_SUM,
	SCHED_RUNNABLE_SUM,
	SCHED_UTIL_SUM,
	SCHED_LOAD_AVG,
	SCHED_RUNNABLE_AVG,
	SCHED_UTIL_AVG,
	SCHED_UPDATED,
	SCHED_EST_EWMA, /* up to 6.7 */
	SCHED_EST_ENQUEUED,
	SCHED_EST, /* 6.8; before, a struct of the two */
	SCHED_POLICY,
	SCHED_PRIO,
	SCHED_DL_RUNTIME,
	SCHED_DL_DEADLINE,
	SCHED_SLICE, /* 6.6 */
	SCHED_CLASS, /* address of its sched_class */
	SCHED_NUMBERS
};

/* uclamp_req, and what comes of it (CONFIG_UCLAMP_TASK). */
enum {
	UCLAMP_MIN,
	UCLAMP_MAX,
	UCLAMPS
};

/* Pages that automatic balancing between nodes has found, on one node. */
struct numa_faults {
	uint32_t node;
	uint64_t task_shared, task_private, group_shared, group_private;
};

struct task_sched {
	char comm[17]; /* task_struct.comm: raw bytes */
	uint64_t v[SCHED_NUMBERS];
	bool known[SCHED_NUMBERS]; /* this kernel has it, and it was read */
	bool torn;		   /* something could not be read */
	bool has_uclamp;
	uint32_t uclamp[UCLAMPS], effective[UCLAMPS];
	/* CONFIG_NUMA_BALANCING */
	bool has_numa, has_mm;
	int32_t scan_seq; /* of its mm */
	uint64_t migrated, faults;
	int32_t preferred, node, group;
};

struct task_scheds {
	struct task_sched *v; /* of each task */
	bool counts;	      /* sched_schedstats is on */
	bool in_entity; /* statistics are in `se` (up to 5.15), by their names
			 */
	/* `n_nodes` of each task, with nodes that are online. */
	struct numa_faults *numa;
	size_t n_nodes;
};

/* Read those of n tasks: as many batches for many as for one.  The caller frees
 * them with task_scheds_deinit(), also after an error. */
int task_scheds_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_scheds *out, struct err *err);
void task_scheds_deinit(struct task_scheds *s);

/* The parts of it: uclamp (sched_uclamp.c), and NUMA (sched_numa.c).
 */
int task_sched_uclamps(struct kernel *k, const struct task *tasks, size_t n,
		       struct task_scheds *out, struct err *err);
int task_sched_numas(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_scheds *out, struct err *err);

#endif
