/* SPDX-License-Identifier: BSD-2-Clause */
/* The trees of sysctls, as the kernel keeps them. */
#ifndef KERNEL_SYSCTL_TREE_H
#define KERNEL_SYSCTL_TREE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/sysctl/sysctl.h"
#include "kernel/task/task_ns.h"

/* A directory: the root of its tree, and the address of its name. */
struct sysctl_dir {
	size_t parent; /* SIZE_MAX: it is /proc/sys */
	uint64_t root, name;
};

struct sysctl_file {
	size_t dir;
	uint64_t name;
	struct sysctl s; /* its name is not set */
};

struct sysctl_tree {
	VEC(struct sysctl_dir) dirs; /* parents before children */
	VEC(struct sysctl_file) files;
};

/* As sysctls_read(), without names and order. */
int sysctl_tree_read(struct kernel *k, const struct task_ns *ns,
		     struct sysctl_tree *out, struct remarks *remarks,
		     struct err *err);
void sysctl_tree_deinit(struct sysctl_tree *t);

#endif
