/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose memory is written, and what its owners may write by their VMAs. */
#ifndef EDIT_RIGHTS_H
#define EDIT_RIGHTS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/place.h"
#include "kernel/mm/vma.h"

/* Why a process may not write somewhere. */
enum right {
	RIGHT_ALLOWED,
	RIGHT_NO_VMA,
	RIGHT_NO_WRITE
};

/*
 * The memory that each of n places is in, with its VMAs: that of a process, or,
 * of a space that is named by its root, that of the process whose page tables
 * these are.  Where it is no process's, mms[i].addr is 0 and lists[i] is empty.
 */
struct rights {
	struct mm *mms;
	struct vma_list *lists;
	size_t n;
};

/* Read them, of all places at once.  Deinit also after an error. */
int rights_read(struct guest *g, const struct place *places, size_t n,
		struct rights *out, struct err *err);
void rights_deinit(struct rights *r);

/*
 * Whether the VMAs of a process let it write all of [at, at + len); *bad is
 * the first address where they do not.
 */
int right_ask(const struct vma_list *vmas, uint32_t pid, uint64_t at,
	      size_t len, enum right *right, uint64_t *bad, struct err *err);

#endif
