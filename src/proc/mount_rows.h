/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts as rows; no file of /proc. */
#ifndef PROC_MOUNT_ROWS_H
#define PROC_MOUNT_ROWS_H

#include "proc/proc.h"

/* A record for each mount in a process's namespace; of several processes in
 * one namespace the first alone has them. */
extern const struct proc_file proc_mount_rows;

#endif
