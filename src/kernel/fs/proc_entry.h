/* SPDX-License-Identifier: BSD-2-Clause */
/* What the guest's own /proc has: modules add files to it. */
#ifndef KERNEL_PROC_ENTRY_H
#define KERNEL_PROC_ENTRY_H

#include <stdbool.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * Whether there is a file of that name in /proc itself, as pde_subdir_find() of
 * fs/proc/generic.c looks for it (5.10 to 7.2): up to two batches for each
 * level of the tree that its entries are in, of which there are some eight.
 * Where that cannot be told it is taken to be there: who reads it will say what
 * is wrong.
 */
int proc_entry_find(struct kernel *k, const char *name, bool *there,
		    struct err *err);

#endif
