/* SPDX-License-Identifier: BSD-2-Clause */
/* What would change the tree is refused. */
#ifndef MOUNT_REFUSE_H
#define MOUNT_REFUSE_H

#include "mount/answer.h"

void refuse_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *st, int set,
		    struct fuse_file_info *fi);
void refuse_mknod(fuse_req_t req, fuse_ino_t parent, const char *name,
		  mode_t mode, dev_t dev);
void refuse_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name,
		  mode_t mode);
void refuse_name(fuse_req_t req, fuse_ino_t parent, const char *name);
void refuse_symlink(fuse_req_t req, const char *link, fuse_ino_t parent,
		    const char *name);
void refuse_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
		   fuse_ino_t to, const char *to_name, unsigned int flags);
void refuse_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
		 const char *name);
void refuse_create(fuse_req_t req, fuse_ino_t parent, const char *name,
		   mode_t mode, struct fuse_file_info *fi);

void refuse_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int cmd, void *arg,
		  struct fuse_file_info *fi, unsigned int flags, const void *in,
		  size_t in_size, size_t out_size);

/* EPERM, and EACCES for a new file, as /proc has it. */
#define REFUSE_OPS                                                          \
	.setattr = refuse_setattr, .mknod = refuse_mknod,                   \
	.mkdir = refuse_mkdir, .unlink = refuse_name, .rmdir = refuse_name, \
	.symlink = refuse_symlink, .rename = refuse_rename,                 \
	.link = refuse_link, .create = refuse_create, .ioctl = refuse_ioctl

#endif
