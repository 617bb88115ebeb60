/* SPDX-License-Identifier: BSD-2-Clause */
/* Which process hangs below which, in whatever order and however broken. */
#ifndef CLI_TREE_H
#define CLI_TREE_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/task/task.h"

#define TREE_MAX_DEPTH 200
#define TREE_ROOT      ((size_t)-1)

/*
 * For each of n tasks the index of its parent among them into parents[n]: the
 * process of a thread, the parent of a process.  TREE_ROOT for those without
 * one, on a cycle, or deeper than TREE_MAX_DEPTH.  0 or ERR_NOMEM.
 */
int tree_parents(const struct task *tasks, size_t n, size_t *parents);

#endif
