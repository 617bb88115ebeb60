/* SPDX-License-Identifier: BSD-2-Clause */
/* A seed of page tables: a guest's own entries, its tables moved together. */
#include <stdlib.h>

#include "arch/x86_64.h"
#include "base/map.h"
#include "fuzz/seeds/cut.h"
#include "fuzz/seeds/seed.h"
#include "kernel/mm/mm.h"
#include "kernel/mm/vma.h"

/* As in fuzz_walk.c */
#define FIVE_LEVELS   1
#define PTI_KERNEL    2
#define SWAP_KNOWN    4
#define SWAP_INVERTED 8
#define ADDRESSES     16u
#define TABLES	      24u /* pages that tables go to; frames go behind them */

struct seed {
	struct map pages;   /* a table's frame to where it is moved */
	struct map written; /* places of entries that are there already */
	struct buf entries;
	uint64_t next_frame;
};

static uint64_t page_of(struct seed *s, uint64_t table)
{
	uint64_t page = s->pages.n;

	if (!map_get(&s->pages, table, &page) &&
	    map_put(&s->pages, table, page))
		abort();
	return page % TABLES;
}

static void put(struct buf *out, uint64_t value, size_t size)
{
	buf_add(out, &value, size);
}

/* The entry, as it is but for where it leads. */
static void put_entry(struct seed *s, const struct walk *w, unsigned int i)
{
	const struct walk_level *l = &w->level[i];
	uint64_t page = page_of(s, l->table), entry = l->entry;

	if (map_get(&s->written, page << 12 | l->index, NULL))
		return;
	if (map_put(&s->written, page << 12 | l->index, 0))
		abort();
	if (l->kind == ENTRY_TABLE)
		entry = (entry & ~PTE_ADDR_4K) | page_of(s, entry & PTE_ADDR_4K)
							 << 12;
	else if (l->kind == ENTRY_PAGE && w->page_size == PAGE_SIZE_4K)
		entry = (entry & ~PTE_ADDR_4K) | (TABLES + s->next_frame++ % 6)
							 << 12;
	else if (l->kind == ENTRY_PAGE)
		entry &= ~PTE_ADDR_2M;
	put(&s->entries, page, 1);
	put(&s->entries, l->index, 2);
	put(&s->entries, entry, 8);
}

/* Some of a task's memory, and what no process has. */
static size_t choose(struct kernel *k, const struct mm *mm,
		     uint64_t va[ADDRESSES])
{
	struct vma_list list;
	size_t n = 0, i;

	if (vma_lists_read(k, mm, 1, &list, NULL))
		abort();
	for (i = 0; i < list.n && n < ADDRESSES - 3; i++)
		va[n++] = list.v[i].start;
	va[n++] = mm->start_stack;
	va[n++] = k->text;
	va[n++] = k->page_offset + k->phys_text;
	vma_lists_deinit(&list, 1);
	return n;
}

void seed_walk(struct kernel *k, const struct task *t, const char *path)
{
	unsigned int flags = (k->root.paging == &paging_5level) |
			     (k->pti ? PTI_KERNEL : 0) |
			     (k->swap.known ? SWAP_KNOWN : 0) |
			     (k->swap.inverted ? SWAP_INVERTED : 0);
	uint64_t va[ADDRESSES];
	struct seed s = {0};
	struct buf out = {0};
	struct mm mm;
	struct walk w;
	unsigned int level;
	size_t i, n;

	if (mm_of_task(k, t, &mm, NULL))
		abort();
	n = choose(k, &mm, va);
	put(&out, flags, 1);
	put(&out, k->swap.hwpoison, 1);
	put(&out, n, 1);
	put(&out, page_of(&s, mm.root.pgd) << 12, 8);
	buf_add(&out, va, n * sizeof(va[0]));
	for (i = 0; i < n; i++) {
		if (walk_one(k->machine, &mm.root, va[i], &w, NULL))
			abort();
		for (level = 0; level < w.n; level++)
			put_entry(&s, &w, level);
	}
	buf_add(&out, s.entries.data, s.entries.len);
	cut_write(path, out.data, out.len);
	map_deinit(&s.pages);
	map_deinit(&s.written);
	buf_deinit(&s.entries);
	buf_deinit(&out);
}
