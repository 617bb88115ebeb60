/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads VMAs: the trees first, then every vm_area_struct in one batch. */
#include "kernel/mm/vma.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/mm/vma_find.h"

/* What is wanted of the types. */
enum {
	FIELD_MM_MT_ROOT = WANTS_OF(READER_VMA),
	FIELD_VMA_START,
	FIELD_VMA_END,
	FIELD_VMA_NEXT,
	FIELD_VMA_MM,
	FIELD_VMA_FLAGS,
	FIELD_VMA_PGOFF,
	FIELD_VMA_FILE,
	FIELD_VMA_OPS,
	FIELD_VMA_PRIVATE,
	FIELD_VMA_ANON_NAME,
	FIELD_VMA_SHARED,
	FIELD_VMA_POLICY,
	STRUCT_VMA
};

static const struct want want_table[] = {
	FIELD(MM_MT_ROOT, "mm_struct", OPTIONAL, "mm_mt.ma_root"), /* 6.1 */
	FIELD(VMA_START, "vm_area_struct", REQUIRED, "vm_start"),
	FIELD(VMA_END, "vm_area_struct", REQUIRED, "vm_end"),
	FIELD(VMA_NEXT, "vm_area_struct", OPTIONAL, "vm_next"), /* up to 6.0 */
	FIELD(VMA_MM, "vm_area_struct", REQUIRED, "vm_mm"),
	FIELD(VMA_FLAGS, "vm_area_struct", REQUIRED, "vm_flags"),
	FIELD(VMA_PGOFF, "vm_area_struct", REQUIRED, "vm_pgoff"),
	FIELD(VMA_FILE, "vm_area_struct", REQUIRED, "vm_file"),
	FIELD(VMA_OPS, "vm_area_struct", REQUIRED, "vm_ops"),
	FIELD(VMA_PRIVATE, "vm_area_struct", REQUIRED, "vm_private_data"),
	FIELD(VMA_ANON_NAME, "vm_area_struct", OPTIONAL,
	      "anon_name"), /* 5.17 */
	FIELD(VMA_SHARED, "vm_area_struct", OPTIONAL, "shared"),
	FIELD(VMA_POLICY, "vm_area_struct", OPTIONAL, "vm_policy"), /* NUMA */
	STRUCT(VMA, "vm_area_struct", OPTIONAL),
};

const struct wants vma_wants = {
	.reader = "VMAs", .v = want_table, .n = WANTS_N(want_table)};

void vma_list_tear(struct vma_list *l, const char *what, uint64_t addr)
{
	if (!l->torn)
		snprintf(l->why, sizeof(l->why), "%s at 0x%llx", what,
			 (unsigned long long)addr);
	l->torn = true;
}

static struct vma_share vma_share_of(size_t most, size_t limit)
{
	return (struct vma_share){.left = most < limit ? most : limit,
				  .ours = limit < most};
}

int vma_budget_init(struct kernel *k, const struct mm *mms, size_t n,
		    struct vma_budget *b)
{
	size_t i, room = kernel_room(k, profile_sizeof(k->profile, STRUCT_VMA));

	b->all = vma_share_of(room, VMA_MAX_ALL);
	b->of = calloc(n + 1, sizeof(*b->of));
	for (i = 0; b->of && i < n; i++) /* nodes, too */
		b->of[i] = vma_share_of(2 * (size_t)mms[i].map_count + 64,
					VMA_MAX);
	return b->of ? 0 : ERR_NOMEM;
}

void vma_budget_deinit(struct vma_budget *b)
{
	free(b->of);
}

bool vma_budget_take(struct vma_budget *b, size_t mm, struct vma_list *lists,
		     uint64_t addr)
{
	const struct vma_share *out = !b->of[mm].left ? &b->of[mm]
				      : !b->all.left  ? &b->all
						      : NULL;

	if (out) {
		vma_list_tear(&lists[mm],
			      out->ours ? "more VMAs than qvmi follows"
					: "more VMAs than can be",
			      addr);
		return false;
	}
	b->of[mm].left--;
	b->all.left--;
	return true;
}

static void finds_deinit(struct vma_finds *f)
{
	vec_deinit(&f->list);
}

static void fill_vma(struct vma *v, const struct records *r, size_t i)
{
	v->start = records_u64(r, i, FIELD_VMA_START);
	v->end = records_u64(r, i, FIELD_VMA_END);
	v->mm = records_u64(r, i, FIELD_VMA_MM);
	v->flags = records_u64(r, i, FIELD_VMA_FLAGS);
	v->pgoff = records_u64(r, i, FIELD_VMA_PGOFF);
	v->file = records_u64(r, i, FIELD_VMA_FILE);
	v->ops = records_u64(r, i, FIELD_VMA_OPS);
	v->private_data = records_u64(r, i, FIELD_VMA_PRIVATE);
	v->next = records_u64(r, i, FIELD_VMA_NEXT);
	v->policy = records_u64(r, i, FIELD_VMA_POLICY);
	v->anon_name = records_u64(r, i, FIELD_VMA_ANON_NAME);
	/*
	 * 5.17 to 6.1: the name shares a union with the file's interval tree
	 * (vm_area_struct.shared), so it is one only where there is no file.
	 */
	if (v->file && records_have(r, FIELD_VMA_SHARED) &&
	    records_bytes(r, i, FIELD_VMA_SHARED) ==
		    records_bytes(r, i, FIELD_VMA_ANON_NAME))
		v->anon_name = 0;
}

/* Put one VMA into its list, if it is what its tree says. */
static void vma_place(struct vma_list *l, const struct mm *mm,
		      const struct vma_found *f, const struct vma *v, bool ok)
{
	bool expected =
		!f->last || (v->start == f->start && v->end - 1 == f->last);

	if (!ok || v->start >= v->end || v->mm != mm->addr || !expected) {
		vma_list_tear(l, "no VMA of this process", f->addr);
		return;
	}
	l->v[l->n++] = *v;
}

/* So many VMAs are one batch: more of them would only take memory. */
#define SLICE (1u << 14)

static int vma_read_slice(struct kernel *k, const struct mm *mms,
			  const struct vma_found *finds, size_t n,
			  struct vma_list *out, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_VMA_START,  FIELD_VMA_END,     FIELD_VMA_MM,
		FIELD_VMA_FLAGS,  FIELD_VMA_PGOFF,   FIELD_VMA_FILE,
		FIELD_VMA_OPS,	  FIELD_VMA_PRIVATE, FIELD_VMA_ANON_NAME,
		FIELD_VMA_SHARED, FIELD_VMA_NEXT,    FIELD_VMA_POLICY,
	};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = finds[i].addr;
	rc = records_read(k, addrs, n, fields,
			  sizeof(fields) / sizeof(fields[0]), &r, err);
	for (i = 0; i < n && !rc; i++) {
		const struct vma_found *f = &finds[i];
		struct vma v = {.addr = f->addr};

		fill_vma(&v, &r, i);
		vma_place(&out[f->mm], &mms[f->mm], f, &v, r.ok[i]);
	}
	return rc;
}

static int vma_read_vmas(struct kernel *k, const struct mm *mms,
			 const struct vma_finds *finds, struct vma_list *out,
			 struct err *err)
{
	size_t i, some, n = finds->list.n;
	int rc = 0;

	for (i = 0; i < n && !rc; i += some) {
		some = n - i < SLICE ? n - i : SLICE;
		rc = vma_read_slice(k, mms, finds->list.v + i, some, out, err);
	}
	return rc;
}

static int by_start(const void *a, const void *b)
{
	const struct vma *x = a, *y = b;

	return x->start < y->start ? -1 : x->start > y->start;
}

/*
 * Order a list.  Areas of one process never overlap, and where they are also
 * linked, list and tree tell the same (docs/facts/kernel.md, "Areas of a
 * process").
 */
static void order(struct vma_list *l, bool linked)
{
	size_t i;

	for (i = 1; i < l->n && by_start(&l->v[i - 1], &l->v[i]) <= 0; i++)
		;
	if (i < l->n)
		qsort(l->v, l->n, sizeof(*l->v), by_start);
	for (i = 1; i < l->n; i++)
		if (l->v[i].start < l->v[i - 1].end)
			vma_list_tear(l, "overlapping VMA", l->v[i].addr);
		else if (linked && l->v[i - 1].next != l->v[i].addr)
			vma_list_tear(l, "VMA list and tree differ",
				      l->v[i].addr);
}

static int allocate(const struct vma_finds *finds, struct vma_list *out,
		    size_t n)
{
	_cleanup_free_ size_t *count = calloc(n + 1, sizeof(*count));
	size_t i;

	if (!count)
		return ERR_NOMEM;
	for (i = 0; i < finds->list.n; i++)
		count[finds->list.v[i].mm]++;
	for (i = 0; i < n; i++) {
		out[i].v = calloc(count[i] + 1, sizeof(*out[i].v));
		if (!out[i].v)
			return ERR_NOMEM;
	}
	return 0;
}

int vma_lists_read(struct kernel *k, const struct mm *mms, size_t n,
		   struct vma_list *out, struct err *err)
{
	_cleanup_(finds_deinit) struct vma_finds finds = {0};
	bool maple = profile_field(k->profile, FIELD_MM_MT_ROOT)->present;
	bool some = false;
	size_t i;
	int rc;

	memset(out, 0, n * sizeof(*out));
	for (i = 0; i < n; i++) {
		some |= mms[i].readable;
		if (!mms[i].readable)
			vma_list_tear(&out[i], "unreadable mm_struct",
				      mms[i].addr);
	}
	if (!some)
		return 0;
	rc = (maple ? maple_find : rbtree_find)(k, mms, n, &finds, out, err);
	if (rc)
		return rc;
	if (allocate(&finds, out, n))
		return err_nomem(err);
	rc = vma_read_vmas(k, mms, &finds, out, err);
	for (i = 0; i < n && !rc; i++)
		order(&out[i], !maple);
	return rc;
}

void vma_lists_deinit(struct vma_list *lists, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		free(lists[i].v);
		lists[i].v = NULL;
		lists[i].n = 0;
	}
}

const struct vma *vma_find(const struct vma_list *l, uint64_t va)
{
	size_t low = 0, high = l->n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (l->v[mid].end <= va)
			low = mid + 1;
		else
			high = mid;
	}
	return low < l->n && l->v[low].start <= va ? &l->v[low] : NULL;
}
