/* SPDX-License-Identifier: BSD-2-Clause */
/* The words of /proc/kpageflags. */
#ifndef KERNEL_PAGE_KPF_H
#define KERNEL_PAGE_KPF_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/page/page_raw.h"

/*
 * Numbers of bits: include/uapi/linux/kernel-page-flags.h; those from 32 on
 * are "for kernel hackers" (include/linux/kernel-page-flags.h).
 */
enum page_kpf_bit {
	KPF_LOCKED,
	KPF_ERROR,
	KPF_REFERENCED,
	KPF_UPTODATE,
	KPF_DIRTY,
	KPF_LRU,
	KPF_ACTIVE,
	KPF_SLAB,
	KPF_WRITEBACK,
	KPF_RECLAIM,
	KPF_BUDDY,
	KPF_MMAP,
	KPF_ANON,
	KPF_SWAPCACHE,
	KPF_SWAPBACKED,
	KPF_COMPOUND_HEAD,
	KPF_COMPOUND_TAIL,
	KPF_HUGE,
	KPF_UNEVICTABLE,
	KPF_HWPOISON,
	KPF_NOPAGE,
	KPF_KSM,
	KPF_THP,
	KPF_OFFLINE,
	KPF_ZERO_PAGE,
	KPF_IDLE,
	KPF_PGTABLE,
	KPF_RESERVED = 32,
	KPF_MLOCKED,
	KPF_MAPPEDTODISK, /* owner_2 from 6.14 on */
	KPF_PRIVATE,
	KPF_PRIVATE_2,
	KPF_OWNER_PRIVATE,
	KPF_ARCH,
	KPF_UNCACHED,
	KPF_ARCH_2 = 41,
	KPF_ARCH_3
};

/*
 * The word of one frame, as stable_page_flags() of fs/proc/page.c has it in
 * this kernel (docs/facts/kernel.md, "kpageflags"); but KPF_KSM only where KSM
 * has the page.
 */
uint64_t page_kpf(const struct page_work *w, const struct page_facts *f,
		  const struct page_raw *r);

/* What each bit of page.flags is in that word, where it is copied; of[] is all
 * zero before. */
void page_kpf_copied(const struct kernel *k, uint64_t of[64]);

/* The names that tools/mm/page-types.c has for its bits:
 * "uptodate,lru,mmap"; "" of none; cut to size. */
void page_kpf_names(uint64_t kpf, char *text, size_t size);

#endif
