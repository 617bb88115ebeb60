/* SPDX-License-Identifier: BSD-2-Clause */
/* What Linux says in page-table entries of x86-64. */
#include "kernel/x86_64_pte.h"

#include "arch/x86_64.h"

#define PTE_SPECIAL	   (1ULL << 9)
#define PTE_UFFD_WP	   (1ULL << 10)
#define PTE_SOFT_DIRTY	   (1ULL << 11)
#define PTE_DEVMAP	   (1ULL << 57) /* 6.6 to 6.16 */
#define PTE_SWP_SOFT_DIRTY (1ULL << 1)
#define PTE_SWP_UFFD_WP	   (1ULL << 2)

#define CR4_PKE		   (1ULL << 22)

struct x86_64_pte x86_64_pte(uint64_t entry, bool since_6_6)
{
	return (struct x86_64_pte){
		.young = entry & PTE_A,
		.dirty = entry & PTE_D || (since_6_6 && entry & PTE_SAVED_D),
		.special = entry & PTE_SPECIAL,
		.device = since_6_6 && entry & PTE_DEVMAP,
		.none = !(entry & PTE_P) && entry & PTE_G,
		.soft_dirty = entry & PTE_SOFT_DIRTY,
		.uffd_wp = entry & PTE_UFFD_WP,
	};
}

struct x86_64_pte x86_64_pte_absent(uint64_t entry)
{
	return (struct x86_64_pte){
		.soft_dirty = entry & PTE_SWP_SOFT_DIRTY,
		.uffd_wp = entry & PTE_SWP_UFFD_WP,
	};
}

bool x86_64_pkeys(const struct machine *m)
{
	return m->vcpus.n && m->arch == &arch_x86_64 &&
	       m->vcpus.v[0].reg[X86_CR4] & CR4_PKE;
}
