/* SPDX-License-Identifier: BSD-2-Clause */
/* Mounts as rows; no file of /proc. */
#ifndef PROC_MOUNT_ROWS_H
#define PROC_MOUNT_ROWS_H

#include "kernel/fs/mounts.h"
#include "proc/proc.h"

/* A record for each mount in a process's namespace; of several processes in
 * one namespace the first alone has them. */
extern const struct proc_file proc_mount_rows;

/* Say in the part whether mounts of a namespace are missing; `cut`: there are
 * more than are followed. */
void proc_mounts_missing(const struct mount_space *s, bool cut,
			 struct proc_part *part);

/* Append MNT_* and SB_* flags as words, each behind a comma, in the kernel's
 * order (fs/proc_namespace.c). */
void proc_mount_words(struct buf *out, uint32_t flags);
void proc_super_words(struct buf *out, uint32_t flags);

#endif
