/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose page tables these are, and who else has a page in them. */
#ifndef CLI_GUARD_WHO_H
#define CLI_GUARD_WHO_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/mm.h"

/*
 * The mm whose page tables a CR3 points to, under PTI those of either half;
 * *out is left alone (addr 0) where no process has them.
 */
int guard_mm_of_cr3(struct kernel *k, uint64_t cr3, struct mm *out,
		    struct err *err);

/*
 * The PIDs of other processes that have the frame at pa at the same address,
 * as children of a fork have: " (PIDs 12, 13 too)", or "" where there are
 * none, or they cannot be told.
 */
void guard_others(struct kernel *k, const struct mm *own, uint64_t va,
		  uint64_t pa, char *text, size_t size);

#endif
