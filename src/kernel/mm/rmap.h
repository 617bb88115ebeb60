/* SPDX-License-Identifier: BSD-2-Clause */
/* Who maps a frame: all processes, and the kernel itself. */
#ifndef KERNEL_RMAP_H
#define KERNEL_RMAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/alias.h"
#include "kernel/kernel.h"
#include "kernel/mm/mm.h"
#include "kernel/page/page.h"
#include "kernel/task/task.h"
#include "walk/mappings.h"

struct rmap {
	uint64_t pa;		/* of the byte that was asked for */
	struct task_list tasks; /* of each mm one */
	struct mm *mms;		/* of these */
	size_t n_unread;	/* of them that could not be read */
	size_t *owner; /* of each space that was looked through, its task; the
			  first is the kernel */
	struct space_tables tables;
	struct mappings found;
	struct page_info page; /* what the kernel knows of the frame */
	struct aliases aliases;
};

/*
 * Look through the page tables of all processes, each mm once, and through the
 * kernel's half.  What cannot be read is counted.  The caller frees with
 * rmap_deinit(), also after an error; *out is zero before.
 */
int rmap_read(struct kernel *k, uint64_t pa, struct rmap *out, struct err *err);
void rmap_deinit(struct rmap *r);

#endif
