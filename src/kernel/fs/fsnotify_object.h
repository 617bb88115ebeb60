/* SPDX-License-Identifier: BSD-2-Clause */
/* What marks of inotify and fanotify watch; a part of fsnotify.h. */
#ifndef KERNEL_FSNOTIFY_OBJECT_H
#define KERNEL_FSNOTIFY_OBJECT_H

#include "kernel/fs/fsnotify.h"

/*
 * Set in n marks what their struct fsnotify_mark_connectors lead to: four
 * batches.  lost[i] is set where that of i cannot be read, or not be told.
 */
int fsnotify_objects_read(struct kernel *k, const uint64_t *connectors,
			  size_t n, struct fsnotify_mark *marks, bool *lost,
			  struct err *err);

#endif
