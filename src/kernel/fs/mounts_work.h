/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts while they are read, for the files that do it. */
#ifndef KERNEL_MOUNTS_WORK_H
#define KERNEL_MOUNTS_WORK_H

#include "kernel/fs/mounts.h"

/* All mounts of all spaces, side by side, and where they lead. */
struct mounts_work {
	struct kernel *k;
	size_t n;
	bool everywhere; /* also what PID 1 cannot see */
	struct mount_info **v;
	uint64_t *unique;
	uint64_t *addr, *parent, *master, *sb, *source, *root;
};

/* Set the types, from the file_system_types, which are lost, and the names of
 * subtypes. */
int mounts_read_types(struct mounts_work *w, uint64_t *types,
		      const uint64_t *subtypes, struct err *err);

/* Set the sources. */
int mounts_read_sources(struct mounts_work *w, struct err *err);

#endif
