/* SPDX-License-Identifier: BSD-2-Clause */
/* Lines about locks of files. */
#ifndef PROC_LOCK_LINE_H
#define PROC_LOCK_LINE_H

#include "base/buf.h"
#include "kernel/fs/file_locks.h"

/* Whether it is of a kind whose line is known. */
bool lock_line_is_known(const struct file_lock *l);

/* Append the line of lock number `id`, as lock_get_status() prints it
 * (fs/locks.c). */
void lock_line_put(struct buf *out, const struct file_lock *l, size_t id);

#endif
