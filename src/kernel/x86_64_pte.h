/* SPDX-License-Identifier: BSD-2-Clause */
/* What Linux says in page-table entries of x86-64, beside where they lead. */
#ifndef KERNEL_X86_64_PTE_H
#define KERNEL_X86_64_PTE_H

#include <stdbool.h>
#include <stdint.h>

#include "machine/machine.h"

/* docs/facts/kernel.md, "Page-table entries" */
struct x86_64_pte {
	bool young, dirty;
	bool special;	 /* its frame has no struct page that counts */
	bool device;	 /* memory of a device, at a pmd (6.6 to 6.16) */
	bool none;	 /* without access: PROT_NONE */
	bool soft_dirty; /* written to since somebody reset the bit */
	bool uffd_wp;	 /* userfaultfd is told of the next write */
};

/* An entry that has a frame; from 6.6 on some bits have other places. */
struct x86_64_pte x86_64_pte(uint64_t entry, bool since_6_6);

/* One that has none: soft_dirty and uffd_wp alone. */
struct x86_64_pte x86_64_pte_absent(uint64_t entry);

/* Whether protection keys are in use: Linux lets all CPUs have them, or none.
 */
bool x86_64_pkeys(const struct machine *m);

#endif
