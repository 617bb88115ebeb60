/* SPDX-License-Identifier: BSD-2-Clause */
/* What the kernel asks of a file system, and the answers of the tree. */
#ifndef MOUNT_ANSWER_H
#define MOUNT_ANSWER_H

#define FUSE_USE_VERSION 312

#include <fuse_lowlevel.h>

/* The user data of the session is a struct serve. */
extern const struct fuse_lowlevel_ops answer_ops;

#endif
