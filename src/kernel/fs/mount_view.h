/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts as processes see them, each from its own root directory. */
#ifndef KERNEL_MOUNT_VIEW_H
#define KERNEL_MOUNT_VIEW_H

#include "kernel/fs/mount_hash.h"
#include "kernel/fs/mount_super.h"
#include "kernel/fs/mounts.h"

/* A mount below such a root. */
struct mount_seen {
	size_t number; /* in its space */
	size_t super;
	char *point;	      /* raw; NULL: it is not known */
	enum path_fault why;  /* then */
	int32_t from;	      /* propagate_from:, the peer group; 0: none */
	bool unknown_masters; /* or that is not known */
};

/* A namespace from one root directory. */
struct mount_view {
	size_t space;
	struct path_at root;
	VEC(struct mount_seen) v; /* what can be reached, in order */
	bool cut;		  /* there are more than qvmi follows */
};

struct mount_views {
	struct mount_spaces spaces;
	struct mount_supers supers;
	VEC(struct mount_view) v; /* each once */
	size_t *of;		  /* of each task; SIZE_MAX: it has none */
	bool idmaps_known;
	uint64_t no_idmap;    /* what mount_info.idmap or .user_ns is mostly */
	enum mount_hash hash; /* where a source or a type has a "#" */
};

/*
 * Those of n tasks (fs/proc_namespace.c): a mount that is not below the task's
 * root directory is left out.  As many batches as mount_spaces_read() and
 * mount_supers_read() take, and some for each step from a mount to its master's
 * master.  The caller frees with mount_views_deinit(), also after an error.
 */
int mount_views_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct mount_views *out, struct err *err);
void mount_views_deinit(struct mount_views *m);

/* The mount itself. */
const struct mount_info *mount_seen_info(const struct mount_views *m,
					 const struct mount_view *view,
					 size_t i);

/* Whether its source or its type has a "#". */
bool mount_has_hash(const struct mount_info *info);

/* Whether its owners are mapped; false also where it is not known. */
bool mount_is_mapped(const struct mount_views *m, const struct mount_info *info,
		     const struct mount_super *super);

#endif
