/* SPDX-License-Identifier: BSD-2-Clause */
/* Control groups that tasks are in, of each hierarchy. */
#ifndef KERNEL_TASK_CGROUP_H
#define KERNEL_TASK_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

#define CGROUP_NAME_MAX	  64 /* MAX_CGROUP_ROOT_NAMELEN */
#define CSS_ONLINE	  2u /* a flag of cgroup_subsys_state, cgroup-defs.h */
#define CGROUP_SUBSYS_MAX 32u

/* A hierarchy that is mounted, or was: struct cgroup_root. */
struct cgroup_hierarchy {
	uint64_t addr;
	uint32_t id;
	uint32_t subsystems;	    /* bits, by number */
	bool is_default;	    /* of version 2 */
	char name[CGROUP_NAME_MAX]; /* "" mostly */
};

/* A task's group in one of these. */
struct task_cgroup {
	const char *path; /* from that hierarchy's root on; NULL: not known, or
			     none */
	bool dead;	  /* it was removed */
	uint64_t at;	  /* struct cgroup; 0 as above */
};

struct task_cgroups {
	VEC(struct cgroup_hierarchy) list; /* in the kernel's order */
	char subsystems[CGROUP_SUBSYS_MAX][CGROUP_NAME_MAX]; /* their names */
	struct task_cgroup *of; /* of n tasks, list.n each */
	size_t n;
	char **paths; /* n_paths, which several tasks have in common */
	size_t n_paths;
	bool known, torn; /* neither: this kernel's types do not tell */
};

/*
 * Those of n tasks, as who is in the initial namespace of control groups sees
 * them (kernel/cgroup/cgroup.c, proc_cgroup_show()).  They are torn, and not
 * known, where there are more than TASK_CGROUPS_MAX_ALL.  The number of batches
 * grows with the number and depth of hierarchies alone.  The caller frees them,
 * also after an error.
 */
int task_cgroups_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_cgroups *out, struct err *err);
void task_cgroups_deinit(struct task_cgroups *c);

#endif
