/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts, as the mount namespaces of tasks have them. */
#ifndef KERNEL_MOUNTS_H
#define KERNEL_MOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/fs/path.h"
#include "kernel/task/task.h"

/* docs/facts/kernel.md, "Mounts" */
#define MNT_NOSUID	 0x01u
#define MNT_NODEV	 0x02u
#define MNT_NOEXEC	 0x04u
#define MNT_NOATIME	 0x08u
#define MNT_NODIRATIME	 0x10u
#define MNT_RELATIME	 0x20u
#define MNT_READONLY	 0x40u
#define MNT_NOSYMFOLLOW	 0x80u

#define SB_RDONLY	 (1u << 0)
#define SB_SYNCHRONOUS	 (1u << 4)
#define SB_MANDLOCK	 (1u << 6)
#define SB_DIRSYNC	 (1u << 7)
#define SB_LAZYTIME	 (1u << 25)

#define MOUNT_TYPE_MAX	 64
#define MOUNT_SOURCE_MAX 4096

struct mount_info {
	uint64_t addr; /* struct mount */
	bool known;    /* false: it cannot be read, and nothing else is set */
	uint64_t on;   /* the struct mount that it lies on */
	uint64_t mountpoint; /* the dentry there */
	int32_t id, parent;
	uint32_t dev;	   /* kernel dev_t: major << 20 | minor */
	uint32_t flags;	   /* MNT_* */
	uint32_t sb_flags; /* SB_* */
	uint64_t sb;	   /* struct super_block */
	bool shared, unbindable;
	uint64_t idmap;	  /* what maps its owners: struct mnt_idmap, 6.2; or */
	uint64_t user_ns; /* 5.12; 0: none, or not in this kernel */
	int32_t group, master;	   /* peer groups; master 0: it has none */
	char type[MOUNT_TYPE_MAX]; /* with its subtype: "fuse.sshfs" */
	char *source;		   /* raw bytes; NULL: none */
	char *root;   /* what of the file system it shows; NULL: not known */
	bool deleted; /* and it has no name any more */
	uint64_t root_at;      /* the dentry */
	uint64_t master_at;    /* the struct mount; 0: none */
	struct path_job point; /* where it is; its text belongs to it */
};

/* One namespace. */
struct mount_space {
	uint64_t addr;
	VEC(struct mount_info) v; /* in the order of /proc/PID/mountinfo */
	bool cut, torn;		  /* some are missing */
	uint64_t torn_at;
};

struct mount_spaces {
	VEC(struct mount_space) v; /* each once */
	size_t *of;		   /* of each task; SIZE_MAX: it has none */
};

/*
 * Those of n tasks (docs/facts/kernel.md, "Mounts").  Trees are read level by
 * level, lists in step, and what mounts lead to in a few batches, but for paths
 * as path_resolve().  The caller frees with mount_spaces_deinit(), also after
 * an error.
 */
int mount_spaces_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct mount_spaces *out, struct err *err);

/* The same, but of all mounts, wherever they are: their points have no text. */
int mount_spaces_read_all(struct kernel *k, const struct task *tasks, size_t n,
			  struct mount_spaces *out, struct err *err);
void mount_spaces_deinit(struct mount_spaces *m);

#endif
