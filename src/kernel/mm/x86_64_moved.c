/* SPDX-License-Identifier: BSD-2-Clause */
/* How far the parts of a program were moved when it was started. */
#include "kernel/mm/x86_64_moved.h"

/* docs/facts/kernel.md, "Layout of a process" */
#define WINDOW	     0x7ffffffff000ULL
#define WINDOW_32    0xffffe000ULL
#define WINDOW_3GB   0xc0000000ULL
#define STACK_RND    (0x400000ULL * PAGE_SIZE_4K)
#define STACK_RND_32 (0x800ULL * PAGE_SIZE_4K)
#define STACK_SHIFT  (2ULL * PAGE_SIZE_4K) /* arch_align_stack() */
#define DYN_BASE     0x555555554000ULL	   /* WINDOW / 3 * 2, of whole pages */
#define DYN_BASE_32  0x400000ULL
#define HEAP_RND     (1ULL << 30)
#define HEAP_RND_32  (1ULL << 25)

static uint64_t page_align(uint64_t v)
{
	return (v + PAGE_SIZE_4K - 1) & ~(uint64_t)(PAGE_SIZE_4K - 1);
}

uint64_t x86_64_window(const struct mm_layout *l)
{
	if (!l->compat)
		return WINDOW;
	return l->personality & MM_ADDR_LIMIT_3GB ? WINDOW_3GB : WINDOW_32;
}

/* From `from` to `to`; unknown where that cannot be. */
static struct x86_64_distance distance(uint64_t from, uint64_t to,
				       uint64_t most)
{
	return (struct x86_64_distance){.known = from && to >= from &&
						 to - from < most,
					.by = to - from,
					.most = most};
}

void x86_64_distances(const struct mm_layout *l, const struct mm_settings *s,
		      const struct x86_64_edges *e,
		      struct x86_64_distance out[X86_64_MOVED])
{
	uint64_t bits = l->compat ? s->rnd_compat_bits : s->rnd_bits;
	uint64_t pages =
		bits < 48 ? (uint64_t)PAGE_SIZE_4K << bits : UINT64_MAX;
	uint64_t base = l->compat ? DYN_BASE_32 : DYN_BASE;

	/* Both bases are moved by the same, and this one by nothing else. */
	out[X86_64_MMAP] = distance(page_align(x86_64_window(l) / 3),
				    l->mmap_legacy_base, pages);
	out[X86_64_STACK] =
		distance(e->stack_end, x86_64_window(l),
			 (l->compat ? STACK_RND_32 : STACK_RND) + STACK_SHIFT);
	out[X86_64_HEAP] = distance(e->program_end, l->start_brk,
				    l->compat ? HEAP_RND_32 : HEAP_RND);
	out[X86_64_PROGRAM] = distance(base, e->program_start, pages);
}
