/* SPDX-License-Identifier: BSD-2-Clause */
/* What a command would see of this host beside /proc, and sees of the guest. */
#ifndef MOUNT_COVER_H
#define MOUNT_COVER_H

#include "base/err.h"

/*
 * In a mount namespace of its own, before the tree is mounted: hide who is
 * logged in on this host, and have users be looked up in files alone.  ERR_SYS.
 */
int cover_host(struct err *err);

/*
 * When the tree on /proc is served: put what it has beside /proc in its place,
 * over that of this host, where that has one; and take the guest's name.
 * ERR_SYS: something of this host would be seen.
 */
int cover_with_guest(struct err *err);

#endif
