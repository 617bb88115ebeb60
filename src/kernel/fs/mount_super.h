/* SPDX-License-Identifier: BSD-2-Clause */
/* What file systems say of their own in files about mounts. */
#ifndef KERNEL_MOUNT_SUPER_H
#define KERNEL_MOUNT_SUPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/* What is known of a thing that a file system prints. */
enum mount_say {
	MOUNT_SAYS,    /* it, all of it */
	MOUNT_TORN,    /* what it is made of cannot be read */
	MOUNT_UNKNOWN, /* a function makes it that qvmi does not know */
	MOUNT_LACKS,  /* a setting of it is of a kind that qvmi does not know */
	MOUNT_UNTYPED /* it is in a module, whose types are not there */
};

/*
 * A super block, and the directory of it that is the root of mounts: what the
 * functions of its super_operations print (include/linux/fs.h).
 */
struct mount_super {
	uint64_t addr, root; /* struct super_block, struct dentry */
	uint64_t info;	     /* s_fs_info */
	uint64_t user_ns;    /* s_user_ns */
	uint32_t quotas;     /* s_dquot.flags */
	struct buf options;  /* show_options(): ",size=4k,mode=700" */
	enum mount_say say;  /* what is known of these */
	uint64_t show;	     /* the function; of kernfs that of its user */
	uint64_t show_path, show_devname, show_stats; /* 0: none */
	char *path; /* raw; NULL: the path of the dentry */
	enum mount_say path_say;
	bool never_deleted; /* and it is not marked as deleted there */
	bool dev, ext2;	    /* its type is devtmpfs; ext2 */
};

struct mount_supers {
	VEC(struct mount_super) v;
	struct map at; /* by root */
};

/* Add one, if it is not there, and tell its number; 0 or ERR_NOMEM. */
int mount_supers_add(struct mount_supers *s, uint64_t sb, uint64_t root,
		     size_t *number);

/*
 * Read what was added: some batches for each kind of file system that there is.
 * The caller frees with mount_supers_deinit(), also after an error.
 */
int mount_supers_read(struct kernel *k, struct mount_supers *s,
		      struct err *err);
void mount_supers_deinit(struct mount_supers *s);

#endif
