/* SPDX-License-Identifier: BSD-2-Clause */
/* Namespaces in which a process may mount what nobody else sees. */
#ifndef MOUNT_SPACES_H
#define MOUNT_SPACES_H

#include "base/err.h"

/*
 * Give this process a mount namespace of its own, a network without any link, a
 * name of the host, and System V IPC of its own; where it may not have these, a
 * user namespace around them, in which its user and group stay what they are.
 * ERR_REFUSED: none can be had, and which setting of this host forbids it.
 */
int spaces_enter(struct err *err);

#endif
