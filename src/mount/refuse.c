/* SPDX-License-Identifier: BSD-2-Clause */
/* What would change the tree is refused. */
#include "mount/refuse.h"

#include <errno.h>
#include <linux/nsfs.h>
#include <sys/ioctl.h>

void refuse_setattr(fuse_req_t req, fuse_ino_t ino, struct stat *st, int set,
		    struct fuse_file_info *fi)
{
	(void)ino, (void)st, (void)set, (void)fi;
	fuse_reply_err(req, EPERM);
}

void refuse_mknod(fuse_req_t req, fuse_ino_t parent, const char *name,
		  mode_t mode, dev_t dev)
{
	(void)parent, (void)name, (void)mode, (void)dev;
	fuse_reply_err(req, EPERM);
}

void refuse_mkdir(fuse_req_t req, fuse_ino_t parent, const char *name,
		  mode_t mode)
{
	(void)parent, (void)name, (void)mode;
	fuse_reply_err(req, EPERM);
}

void refuse_name(fuse_req_t req, fuse_ino_t parent, const char *name)
{
	(void)parent, (void)name;
	fuse_reply_err(req, EPERM);
}

void refuse_symlink(fuse_req_t req, const char *link, fuse_ino_t parent,
		    const char *name)
{
	(void)link, (void)parent, (void)name;
	fuse_reply_err(req, EPERM);
}

void refuse_rename(fuse_req_t req, fuse_ino_t parent, const char *name,
		   fuse_ino_t to, const char *to_name, unsigned int flags)
{
	(void)parent, (void)name, (void)to, (void)to_name, (void)flags;
	fuse_reply_err(req, EPERM);
}

void refuse_link(fuse_req_t req, fuse_ino_t ino, fuse_ino_t parent,
		 const char *name)
{
	(void)ino, (void)parent, (void)name;
	fuse_reply_err(req, EPERM);
}

void refuse_create(fuse_req_t req, fuse_ino_t parent, const char *name,
		   mode_t mode, struct fuse_file_info *fi)
{
	(void)parent, (void)name, (void)mode, (void)fi;
	fuse_reply_err(req, EACCES);
}

/* Of a namespace: what it is part of is not for this process, as the kernel has
 * it for those outside (fs/nsfs.c); and a file is no terminal. */
void refuse_ioctl(fuse_req_t req, fuse_ino_t ino, unsigned int cmd, void *arg,
		  struct fuse_file_info *fi, unsigned int flags, const void *in,
		  size_t in_size, size_t out_size)
{
	(void)ino, (void)arg, (void)fi, (void)flags;
	(void)in, (void)in_size, (void)out_size;
	fuse_reply_err(req, _IOC_TYPE(cmd) == NSIO ? EPERM : ENOTTY);
}
