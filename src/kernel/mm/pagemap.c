/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what /proc/PID/pagemap says of pages. */
#include "kernel/mm/pagemap.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/vec.h"
#include "kernel/page/page_use.h"
#include "kernel/readers.h"
#include "kernel/x86_64_pte.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_STATE = WANTS_OF(READER_PAGEMAP),
	FIELD_MM_MT_ROOT,
	CONSTANT_MAYBE_GUARD,
	STRUCT_PROCMAP
};

static const struct want want_table[] = {
	FIELD(TASK_STATE, "task_struct", OPTIONAL, "__state"),	   /* 5.14 */
	FIELD(MM_MT_ROOT, "mm_struct", OPTIONAL, "mm_mt.ma_root"), /* 6.1 */
	CONSTANT(MAYBE_GUARD, "", "VMA_MAYBE_GUARD_BIT"),	   /* 6.19 */
	STRUCT(PROCMAP, "procmap_query", OPTIONAL),		   /* 6.11 */
};

const struct wants pagemap_wants = {
	.reader = "pagemaps", .v = want_table, .n = WANTS_N(want_table)};

/* docs/facts/kernel.md, "What a process's memory uses" */
#define PM_SOFT_DIRTY	  (1ULL << 55)
#define PM_MMAP_EXCLUSIVE (1ULL << 56)
#define PM_UFFD_WP	  (1ULL << 57) /* 5.14 */
#define PM_GUARD_REGION	  (1ULL << 58) /* 6.15 */
#define PM_FILE		  (1ULL << 61)
#define PM_SWAP		  (1ULL << 62)
#define PM_PRESENT	  (1ULL << 63)
#define PM_FRAME	  ((1ULL << 55) - 1)
#define PM_SWAP_TYPE_BITS 5
#define MARKER_UFFD_WP	  (1ULL << 0)
#define MARKER_GUARD	  (1ULL << 2)
#define VM_SOFTDIRTY	  0x08000000ULL

/* A frame whose struct page decides on some bits, and of which pages. */
struct pagemap_frame {
	struct pagemap *map;
	uint64_t pfn;
	size_t first, n; /* in its words */
	bool present;
};

struct pagemap_work {
	struct kernel *k;
	struct pagemap **maps; /* those that are walked */
	size_t n;
	VEC(struct pagemap_frame) frames;
	bool uffd, guards; /* there are such bits */
	bool poison;	   /* frames of poisoned pages are told apart, too */
	bool parts;	   /* a huge page's frames are judged one by one */
};

static void pagemap_work_deinit(struct pagemap_work *w)
{
	vec_deinit(&w->frames);
}

/* Behind the last of its pages. */
static uint64_t pagemap_end(const struct pagemap *map)
{
	return map->va + map->n * PAGE_SIZE_4K;
}

/* The pages of an entry that lie in what is asked for. */
static struct pagemap_frame
pagemap_pages(struct pagemap *map, const struct walk *walk, unsigned int level)
{
	uint64_t len = 1ULL << walk->root->paging->family->form[level].shift;
	uint64_t end = walk->va + len, last = pagemap_end(map);
	uint64_t from = walk->va > map->va ? walk->va : map->va;

	if (end > last)
		end = last;
	return (struct pagemap_frame){
		.map = map,
		.first = (size_t)((from - map->va) / PAGE_SIZE_4K),
		.n = end > from ? (size_t)((end - from) / PAGE_SIZE_4K) : 0};
}

static uint64_t pagemap_present(const struct pagemap_work *w,
				const struct x86_64_pte *pte, bool hugetlb)
{
	uint64_t bits = PM_PRESENT;

	if (pte->soft_dirty && !hugetlb)
		bits |= PM_SOFT_DIRTY;
	if (pte->uffd_wp && w->uffd)
		bits |= PM_UFFD_WP;
	return bits;
}

static uint64_t pagemap_absent(const struct pagemap_work *w,
			       const struct walk *walk, uint64_t entry)
{
	const struct x86_64_pte pte = x86_64_pte_absent(entry);
	uint64_t bits = PM_SWAP | walk->swap_type;
	bool marker = walk->result == WALK_MARKER;

	bits |= walk->swap_offset << PM_SWAP_TYPE_BITS & PM_FRAME;
	if (pte.soft_dirty)
		bits |= PM_SOFT_DIRTY;
	if (w->uffd &&
	    (pte.uffd_wp || (marker && walk->swap_offset & MARKER_UFFD_WP)))
		bits |= PM_UFFD_WP;
	if (w->guards && marker && walk->swap_offset & MARKER_GUARD)
		bits |= PM_GUARD_REGION;
	return bits;
}

/* Pages of an entry; those of a larger one have frames that follow. */
static void pagemap_set(const struct pagemap_frame *f, uint64_t bits,
			uint64_t step)
{
	size_t i;

	for (i = 0; i < f->n; i++)
		f->map->words[f->first + i] |= bits + i * step;
}

/* The struct pages that decide on pages: of the first frame, or of all. */
static int pagemap_ask(struct pagemap_work *w, const struct pagemap_frame *f,
		       uint64_t skip, bool all)
{
	size_t i;

	if (!all)
		return vec_push(&w->frames, *f);
	for (i = 0; i < f->n; i++)
		if (vec_push(&w->frames, {.map = f->map,
					  .pfn = f->pfn + skip + i,
					  .first = f->first + i,
					  .n = 1,
					  .present = f->present}))
			return ERR_NOMEM;
	return 0;
}

/* A page that is there: where it is; and its struct page, if it counts. */
static int pagemap_frame(struct pagemap_work *w, struct pagemap_frame *f,
			 const struct walk_level *l, bool hugetlb,
			 uint64_t skip)
{
	const struct x86_64_pte pte = x86_64_pte(l->entry, false);

	f->present = true;
	pagemap_set(f, pagemap_present(w, &pte, hugetlb) | (f->pfn + skip), 1);
	if (l->level == 1 && pte.special)
		return 0;
	return pagemap_ask(w, f, skip, w->parts && l->level == 2 && !hugetlb);
}

/* One that is not present (is_pfn_swap_entry()). */
static bool pagemap_has_frame(const struct pagemap_work *w,
			      const struct walk *walk)
{
	return walk->result == WALK_MIGRATING || walk->result == WALK_DEVICE ||
	       (walk->result == WALK_POISONED && walk->pa && w->poison);
}

static int pagemap_leaf(void *arg, size_t range, const struct walk *walk)
{
	struct pagemap_work *w = arg;
	struct pagemap *map = w->maps[range];
	const struct walk_level *l = &walk->level[walk->n - 1];
	struct pagemap_frame f = pagemap_pages(map, walk, l->level);
	uint64_t from = walk->va > map->va ? walk->va : map->va;
	uint64_t skip = (from - walk->va) / PAGE_SIZE_4K;
	const struct vma *v = vma_find(map->vmas, from);
	bool hugetlb = v && v->flags & VM_HUGETLB;

	if (!v || !f.n)
		return 0;
	f.pfn = walk->result == WALK_DEVICE ? walk->swap_offset
					    : walk->pa / PAGE_SIZE_4K;
	switch (walk->result) {
	case WALK_MAPPED:
	case WALK_PROT_NONE:
		return pagemap_frame(w, &f, l, hugetlb, skip);
	case WALK_MIGRATING:
	case WALK_DEVICE:
	case WALK_SWAPPED:
	case WALK_MARKER:
	case WALK_POISONED:
		break;
	default:
		return 0;
	}
	if (hugetlb) { /* of these nothing else is told */
		pagemap_set(&f, pagemap_absent(w, walk, l->entry) & PM_UFFD_WP,
			    0);
		return 0;
	}
	pagemap_set(&f,
		    pagemap_absent(w, walk, l->entry) +
			    (skip << PM_SWAP_TYPE_BITS),
		    1ULL << PM_SWAP_TYPE_BITS);
	return pagemap_has_frame(w, walk) ? vec_push(&w->frames, f) : 0;
}

/* Areas that are soft-dirty as a whole; the kernel says so of holes, too. */
static void pagemap_areas(struct pagemap *map)
{
	uint64_t last = pagemap_end(map), at;
	size_t i;

	for (i = 0; i < map->vmas->n; i++) {
		const struct vma *v = &map->vmas->v[i];

		if (!(v->flags & VM_SOFTDIRTY))
			continue;
		at = v->start > map->va ? v->start : map->va;
		for (; at < v->end && at < last; at += PAGE_SIZE_4K)
			map->words[(at - map->va) / PAGE_SIZE_4K] |=
				PM_SOFT_DIRTY;
	}
}

/* What struct pages say. */
static int pagemap_judge(struct pagemap_work *w, struct err *err)
{
	size_t n = w->frames.n, i;
	_cleanup_free_ uint64_t *pfns = calloc(n + 1, sizeof(*pfns));
	_cleanup_free_ struct page_use *uses = calloc(n + 1, sizeof(*uses));
	int rc;

	if (!pfns || !uses)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		pfns[i] = w->frames.v[i].pfn;
	rc = page_uses_read(w->k, pfns, n, uses, err);
	for (i = 0; i < n && !rc; i++) {
		const struct pagemap_frame *f = &w->frames.v[i];

		if (!uses[i].known)
			continue;
		if (!uses[i].anon)
			pagemap_set(f, PM_FILE, 0);
		if (f->present && uses[i].maps == 1)
			pagemap_set(f, PM_MMAP_EXCLUSIVE, 0);
	}
	return rc;
}

static int pagemap_walk(struct pagemap_work *w, struct space_tables *tables,
			struct err *err)
{
	_cleanup_free_ struct space_range *ranges =
		calloc(w->n + 1, sizeof(*ranges));
	size_t i;

	if (!ranges)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		ranges[i] = (struct space_range){
			.root = &w->maps[i]->mm->root,
			.start = w->maps[i]->va,
			.last = pagemap_end(w->maps[i]) - 1};
	tables->left = kernel_room(w->k, PAGE_SIZE_4K) + 1;
	return space_leaves(w->k->machine, ranges, w->n, tables, pagemap_leaf,
			    w, err);
}

/* Some of them together; *torn: tables of them are, and none is read then. */
static int pagemap_read_some(struct kernel *k, struct pagemap **maps, size_t n,
			     struct err *torn, struct err *err)
{
	_cleanup_(pagemap_work_deinit) struct pagemap_work w = {
		.k = k, .maps = maps, .n = n};
	struct space_tables tables = {0};
	struct err why = {0};
	int64_t bit;
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		memset(maps[i]->words, 0, maps[i]->n * sizeof(*maps[i]->words));
	w.uffd = profile_field(k->profile, FIELD_TASK_STATE)->present;
	w.poison = profile_field(k->profile, FIELD_MM_MT_ROOT)->present;
	w.parts = profile_sizeof(k->profile, STRUCT_PROCMAP) != 0;
	w.guards = profile_constant(k->profile, CONSTANT_MAYBE_GUARD, &bit);
	rc = pagemap_walk(&w, &tables, &why);
	if (rc == ERR_CORRUPT) {
		*torn = why;
		return 0;
	}
	if (rc)
		return err_pass(err, &why);
	if (tables.unreadable) {
		err_set(torn, ERR_UNREADABLE,
			"a page table at 0x%" PRIx64 " cannot be read",
			tables.pa);
		return 0;
	}
	rc = pagemap_judge(&w, err);
	for (i = 0; i < n && !rc; i++)
		pagemap_areas(maps[i]);
	return rc;
}

int pagemaps_read(struct kernel *k, struct pagemap *maps, size_t n,
		  struct err *err)
{
	_cleanup_free_ struct pagemap **some = calloc(n + 1, sizeof(*some));
	struct err torn = {0};
	size_t i, n_some = 0;
	int rc = 0;

	if (!some)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (maps[i].n && maps[i].vmas->torn)
			err_set(&maps[i].why, ERR_UNREADABLE, "%s",
				maps[i].vmas->why);
		else if (maps[i].n)
			some[n_some++] = &maps[i];
	if (n_some)
		rc = pagemap_read_some(k, some, n_some, &torn, err);
	if (rc || !torn.code)
		return rc;
	/* Whose tables that are is seen one by one. */
	for (i = 0; i < n_some && !rc; i++)
		rc = pagemap_read_some(k, &some[i], 1, &some[i]->why, err);
	return rc;
}
