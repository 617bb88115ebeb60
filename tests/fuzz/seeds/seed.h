/* SPDX-License-Identifier: BSD-2-Clause */
/* Seeds out of a running guest: structures of it, moved to small memory. */
#ifndef TESTS_FUZZ_SEED_H
#define TESTS_FUZZ_SEED_H

#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* What cannot be is the end of the program: these make test data. */

/* The page tables behind the kernel's text and a task's memory (fuzz_walk.c).
 */
void seed_walk(struct kernel *k, const struct task *t, const char *path);

/* The tree of a task's VMAs (fuzz_vma.c). */
void seed_vma(struct kernel *k, const struct task *t, const char *path);

#endif
