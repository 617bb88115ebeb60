/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose page tables these are, and who else has a page in them. */
#ifndef EDIT_GUARD_WHO_H
#define EDIT_GUARD_WHO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/mm/mm.h"

/*
 * The mms whose page tables n roots are, under PTI those of either half:
 * out[i] of roots[i], left alone (addr 0) where no process has them.  All
 * processes are read once, for all of them.
 */
int guard_mms_of_roots(struct kernel *k, const uint64_t *roots, size_t n,
		       struct mm *out, struct err *err);

/*
 * The PIDs of other processes that have the frame at pa at the same address,
 * as children of a fork have: ", also PID 12, 13", with "..." behind the sixth;
 * or "" where there are none, or they cannot be told.
 */
void guard_others(struct kernel *k, const struct mm *own, uint64_t va,
		  uint64_t pa, char *text, size_t size);

#endif
