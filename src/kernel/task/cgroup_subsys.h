/* SPDX-License-Identifier: BSD-2-Clause */
/* Controllers of control groups, and the hierarchy that each is in. */
#ifndef KERNEL_CGROUP_SUBSYS_H
#define KERNEL_CGROUP_SUBSYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define CGROUP_CONTROLLERS_MAX 32
#define CGROUP_CONTROLLER_NAME 32

/* A struct cgroup_subsys (include/linux/cgroup-defs.h). */
struct cgroup_controller {
	char name[CGROUP_CONTROLLER_NAME]; /* as version 1 has it */
	int32_t hierarchy;		   /* 0: that of version 2 */
	int32_t groups;			   /* in that hierarchy */
	bool enabled;
	bool shown; /* it has files in hierarchies of version 1, or older
		       kernels did not ask */
};

struct cgroup_controllers {
	struct cgroup_controller v[CGROUP_CONTROLLERS_MAX];
	size_t n;
};

/* Read all: five batches.  ERR_NO_LINUX: kept in no way that is known;
 * ERR_UNREADABLE. */
int cgroup_controllers_read(struct kernel *k, struct cgroup_controllers *out,
			    struct err *err);

#endif
