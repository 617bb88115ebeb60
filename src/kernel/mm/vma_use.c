/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts what VMAs use: page tables, then the struct pages behind them. */
#include "kernel/mm/vma_use.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/page/page.h"
#include "kernel/readers.h"
#include "kernel/mm/vma_use_work.h"
#include "kernel/x86_64_pte.h"

/* What is wanted of the types. */
enum {
	FIELD_INODE_CTIME = WANTS_OF(READER_VMA_USE),
	FIELD_MM_MT_ROOT,
	STRUCT_PROCMAP
};

static const struct want want_table[] = {
	FIELD(INODE_CTIME, "inode", OPTIONAL,
	      "__i_ctime|i_ctime_sec"),				   /* 6.6 */
	FIELD(MM_MT_ROOT, "mm_struct", OPTIONAL, "mm_mt.ma_root"), /* 6.1 */
	STRUCT(PROCMAP, "procmap_query", OPTIONAL),		   /* 6.11 */
};

const struct wants vma_use_wants = {
	.reader = "use of VMAs", .v = want_table, .n = WANTS_N(want_table)};

void use_work_deinit(struct use_work *w)
{
	vec_deinit(&w->entries);
	vec_deinit(&w->swaps);
	use_set_deinit(&w->heads);
	use_set_deinit(&w->others);
}

/*
 * vm_normal_page() and vm_normal_page_pmd(), before 6.6
 * follow_trans_huge_pmd(): what is special has no struct page that counts.
 */
static bool is_special(const struct use_work *w, const struct vma *v,
		       const struct x86_64_pte *pte, unsigned int level)
{
	if (level == 1)
		return pte->special;
	if (v->flags & VM_HUGETLB)
		return false;
	if (!w->since_6_6)
		return w->overlooks_none && pte->none;
	return pte->special || pte->device || v->flags & VM_PFNMAP;
}

/* One more entry, of those that are counted at once. */
static int use_frame(struct use_work *w, const struct use_entry *e)
{
	if (w->entries.n == VMA_USE_MAX) {
		w->out->v[e->vma].uncounted += use_frames(e);
		return 0;
	}
	w->huge |= e->level == 2 && !e->hugetlb;
	return vec_push(&w->entries, *e) || vec_push(&w->heads.pfns, e->pfn)
		       ? ERR_NOMEM
		       : 0;
}

static int use_leaf(void *arg, size_t range, const struct walk *walk)
{
	struct use_work *w = arg;
	size_t list = w->list_of[range];
	const struct walk_level *l = &walk->level[walk->n - 1];
	const struct vma *v = vma_find(&w->lists[list], walk->va);
	struct use_entry e = {.level = l->level};
	struct x86_64_pte pte = x86_64_pte(l->entry, w->since_6_6);

	if (!v)
		return 0;
	e.vma = (uint32_t)(w->out->first[list] +
			   (size_t)(v - w->lists[list].v));
	e.locked = v->flags & VM_LOCKED;
	e.hugetlb = v->flags & VM_HUGETLB;
	if (e.level > 2 && !e.hugetlb)
		return 0; /* a device's: smaps looks past it */
	switch (walk->result) {
	case WALK_MAPPED:
	case WALK_PROT_NONE:
		if (is_special(w, v, &pte, l->level))
			return 0;
		e.pfn = walk->pa / PAGE_SIZE_4K;
		e.present = true;
		e.young = pte.young;
		e.dirty = pte.dirty;
		return use_frame(w, &e);
	case WALK_POISONED:
		if (!walk->pa || !w->since_6_1)
			return 0;
		e.pfn = walk->pa / PAGE_SIZE_4K;
		return use_frame(w, &e);
	case WALK_MIGRATING:
		e.pfn = walk->pa / PAGE_SIZE_4K;
		/* smaps_pmd_entry() asks the entry, whatever it is */
		e.young = e.level == 2 && pte.young;
		e.dirty = e.level == 2 && pte.dirty;
		return use_frame(w, &e);
	case WALK_DEVICE:
		e.pfn = walk->swap_offset;
		e.present = true;
		return use_frame(w, &e);
	case WALK_SWAPPED:
		if (w->swaps.n == VMA_USE_MAX) {
			w->out->v[e.vma].uncounted++;
			return 0;
		}
		return vec_push(&w->swaps,
				{e.vma, {walk->swap_type, walk->swap_offset}});
	default:
		return 0;
	}
}

/* smaps_page_accumulate() */
static void use_share(struct vma_use *u, const struct use_entry *e,
		      const struct page_use *p, uint64_t size, uint64_t pss,
		      bool private)
{
	bool dirty = e->dirty || p->dirty;

	u->pss += pss;
	if (e->locked)
		u->pss_locked += pss;
	if (p->anon)
		u->pss_anon += pss;
	else if (p->swap_backed)
		u->pss_shmem += pss;
	else
		u->pss_file += pss;
	if (dirty)
		u->pss_dirty += pss;
	if (private)
		*(dirty ? &u->private_dirty : &u->private_clean) += size;
	else
		*(dirty ? &u->shared_dirty : &u->shared_clean) += size;
}

/* smaps_account() */
static void use_account(const struct use_work *w, struct vma_use *u,
			const struct use_entry *e)
{
	const struct page_use *p = use_of(w, e->pfn);
	uint64_t i, n = use_frames(e);
	uint64_t size = n * PAGE_SIZE_4K;

	if (!p->known) {
		u->unknown += n;
		return;
	}
	if (p->anon)
		u->anonymous += size;
	if (p->anon && !p->swap_backed && !e->dirty && !p->dirty)
		u->lazy_free += size;
	if (p->ksm)
		u->ksm += size;
	u->rss += size;
	if (e->young || p->referenced)
		u->referenced += size;
	if (p->refs == 1 || !e->present) {
		use_share(u, e, p, size, size << VMA_PSS_SHIFT,
			  e->present || !w->since_6_11);
		return;
	}
	for (i = 0; i < n; i++) {
		uint32_t maps = use_of(w, e->pfn + i)->maps;
		uint64_t pss = (uint64_t)PAGE_SIZE_4K << VMA_PSS_SHIFT;

		use_share(u, e, p, PAGE_SIZE_4K, maps > 1 ? pss / maps : pss,
			  maps < 2);
	}
}

/* smaps_pmd_entry() */
static void use_huge(struct vma_use *u, const struct page_use *p)
{
	uint64_t size = PAGES_2M * PAGE_SIZE_4K;

	if (!p->known)
		return;
	if (p->anon)
		u->anon_thp += size;
	else if (p->swap_backed)
		u->shmem_thp += size;
	else
		u->file_thp += size;
}

/* smaps_hugetlb_range() */
static void use_hugetlb(const struct use_work *w, struct vma_use *u,
			const struct use_entry *e)
{
	const struct page_use *p = use_of(w, e->pfn);
	uint64_t size = e->level == 2 ? 1ULL << 21 : 1ULL << 30;

	if (!p->known)
		u->unknown++;
	else if (p->maps > 1 || (!e->present && w->since_6_11))
		u->shared_hugetlb += size;
	else
		u->private_hugetlb += size;
}

static void use_count(struct use_work *w)
{
	size_t i;

	for (i = 0; i < w->entries.n; i++) {
		const struct use_entry *e = &w->entries.v[i];
		struct vma_use *u = &w->out->v[e->vma];

		if (e->left_out)
			continue;
		if (e->hugetlb) {
			use_hugetlb(w, u, e);
			continue;
		}
		if (e->level == 2 && e->pfn == w->huge_zero)
			continue;
		if (e->level == 2)
			use_huge(u, use_of(w, e->pfn));
		use_account(w, u, e);
	}
}

/* Entries of the page tables of all mms that have VMAs. */
static int use_walk(struct use_work *w, const struct mm *mms, size_t n,
		    struct err *err)
{
	_cleanup_free_ struct space_range *ranges =
		calloc(n + 1, sizeof(*ranges));
	_cleanup_free_ size_t *list_of = calloc(n + 1, sizeof(*list_of));
	struct space_tables tables = {.left = kernel_room(w->k, PAGE_SIZE_4K) +
					      n};
	size_t i, some = 0;
	int rc;

	if (!ranges || !list_of)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		const struct vma_list *l = &w->lists[i];

		if (!l->n)
			continue;
		list_of[some] = i;
		ranges[some++] = (struct space_range){
			&mms[i].root, l->v[0].start, l->v[l->n - 1].end - 1};
	}
	w->list_of = list_of;
	rc = space_leaves(w->k->machine, ranges, some, &tables, use_leaf, w,
			  err);
	w->out->unreadable = tables.unreadable;
	w->out->table = tables.pa;
	return rc;
}

static int use_make_room(struct vma_uses *u, const struct vma_list *lists,
			 size_t n)
{
	size_t i, all = 0;

	u->first = calloc(n + 1, sizeof(*u->first));
	for (i = 0; i < n && u->first; i++) {
		u->first[i] = all;
		all += lists[i].n;
	}
	u->v = calloc(all + 1, sizeof(*u->v));
	return u->first && u->v ? 0 : ERR_NOMEM;
}

/* What differs from kernel to kernel; with 6.6 inodes hid their times. */
static void use_rules(struct use_work *w)
{
	const struct profile *p = w->k->profile;

	w->since_6_6 = profile_field(p, FIELD_INODE_CTIME)->present;
	w->since_6_1 = profile_field(p, FIELD_MM_MT_ROOT)->present;
	w->overlooks_none = w->since_6_1 && !w->since_6_6 && !w->numa;
	w->since_6_11 = profile_sizeof(p, STRUCT_PROCMAP) != 0;
	w->huge_zero = UINT64_MAX;
}

int use_gather(struct use_work *w, const struct mm *mms, size_t n,
	       struct err *err)
{
	int rc;

	use_rules(w);
	if (use_make_room(w->out, w->lists, n))
		return err_nomem(err);
	rc = use_walk(w, mms, n, err);
	if (!rc && w->huge)
		rc = page_huge_zero(w->k, &w->huge_zero, err);
	return rc ? rc : use_read_pages(w, err);
}

int vma_uses_read(struct kernel *k, const struct mm *mms,
		  const struct vma_list *lists, size_t n, struct vma_uses *out,
		  struct err *err)
{
	_cleanup_(use_work_deinit) struct use_work w = {
		.k = k, .lists = lists, .out = out};
	int rc;

	*out = (struct vma_uses){0};
	rc = use_gather(&w, mms, n, err);
	if (rc)
		return rc;
	use_count(&w);
	rc = vma_swaps_count(k, w.swaps.v, w.swaps.n, out, err);
	return rc ? rc : vma_shmem_swap(k, lists, n, out, err);
}

void vma_uses_deinit(struct vma_uses *u)
{
	free(u->v);
	free(u->first);
	free(u->numa);
}

void vma_use_add(struct vma_use *sum, const struct vma_use *one)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)one;
	size_t i;

	for (i = 0; i < sizeof(*sum) / sizeof(*to); i++)
		to[i] += from[i];
}
