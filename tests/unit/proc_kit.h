/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc of a fake kernel, read as tests want them. */
#ifndef TESTS_PROC_KIT_H
#define TESTS_PROC_KIT_H

#include "proc/proc.h"
#include "unit/fake_kernel.h"

/*
 * Read a file of the system from what memory holds now, in place of what *v and
 * *text hold: the text of all its records.  Both are the caller's, who frees
 * them; what proc_read() returns.
 */
int proc_kit_read(struct fake_kernel *f, const struct proc_file *file,
		  struct proc_values *v, struct buf *text, struct err *err);

#endif
