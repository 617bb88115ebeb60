/* SPDX-License-Identifier: BSD-2-Clause */
/* A directory that is mounted on, and is free again whatever happens. */
#ifndef MOUNT_POINT_H
#define MOUNT_POINT_H

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

/* Zero-initialise; a plain value. */
struct point {
	char directory[PATH_MAX]; /* absolute */
	pid_t keeper;		  /* who unmounts it; 0: nobody does */
	int control;		  /* its end closes with this process */
};

/*
 * Whether it can be mounted on: a directory, empty, nothing there, and a
 * device to do it by.  ERR_REFUSED, ERR_NOT_FOUND, ERR_SYS: with what to do.
 */
int point_init(struct point *p, const char *directory, struct err *err);

/*
 * Mount, with root's rights: a descriptor of /dev/fuse.  Any directory, as of
 * the mount namespace that this process is in.  ERR_SYS, ERR_REFUSED.
 */
int point_mount(const char *directory, bool allow_other, struct err *err);

/*
 * Before it is mounted on: start who unmounts it when this process is gone, or
 * is asked to.  It keeps no descriptor of the caller's but stderr.  ERR_SYS.
 */
int point_keep(struct point *p, struct err *err);

/*
 * Have it unmounted, when the device is closed; once.  Where somebody else has
 * done so it stays as it is.  ERR_SYS.
 */
int point_leave(struct point *p, struct err *err);

#endif
