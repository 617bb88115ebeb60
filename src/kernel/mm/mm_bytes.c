/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of an address space: what tables map, and what a fault would bring. */
#include "kernel/mm/mm_bytes.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "machine/machine.h"

#define IN_PAGE(va) ((va) % PAGE_SIZE_4K)

static int gap_order(const void *a, const void *b)
{
	const struct unmapped_gap *x = a, *y = b;

	return x->va < y->va ? -1 : x->va > y->va;
}

/* Put them in order, each page once, and together what is empty; how many. */
static size_t merge_gaps(struct unmapped_gap *v, size_t n)
{
	size_t i, out = 0;

	if (n)
		qsort(v, n, sizeof(*v), gap_order);
	for (i = 0; i < n; i++) {
		struct unmapped_gap *p = out ? &v[out - 1] : NULL;

		if (p && v[i].va - p->va < p->len)
			continue;
		if (p && p->va + p->len == v[i].va && !p->swapped &&
		    !v[i].swapped)
			p->len += v[i].len;
		else
			v[out++] = v[i];
	}
	return out;
}

int mm_unmapped(struct kernel *k, const struct mm *mm, const struct walk *walks,
		size_t n, struct unmapped_runs *out, struct err *err)
{
	_cleanup_free_ struct unmapped_gap *gaps = calloc(n + 1, sizeof(*gaps));
	_cleanup_(unmapped_close) struct unmapped u = {0};
	size_t i, n_gaps = 0;
	int rc;

	*out = (struct unmapped_runs){0};
	if (!gaps)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		const struct walk *w = &walks[i];

		if (w->result != WALK_ABSENT && w->result != WALK_SWAPPED)
			continue;
		gaps[n_gaps++] = (struct unmapped_gap){
			.va = w->va - IN_PAGE(w->va),
			.len = PAGE_SIZE_4K,
			.swapped = w->result == WALK_SWAPPED,
			.slot = {w->swap_type, w->swap_offset}};
	}
	if (!n_gaps)
		return 0;
	n_gaps = merge_gaps(gaps, n_gaps);
	rc = unmapped_open(&u, k, mm, err);
	return rc ? rc : unmapped_find(&u, gaps, n_gaps, out, err);
}

/* Pages from where the caller's reading ended on, and where each is. */
struct fill {
	struct machine *m;
	struct mm_bytes *b;
	uint64_t first;
	size_t n;
	struct walk *walks;
	VEC(struct mem_read) reads;
};

static void fill_deinit(struct fill *f)
{
	free(f->walks);
	vec_deinit(&f->reads);
}

static int fill_walk(struct fill *f, struct err *err)
{
	const struct mm_bytes *b = f->b;
	uint64_t from = b->at + b->got, last = b->at + (b->len - 1);
	size_t i;

	f->first = from - IN_PAGE(from);
	f->n = (size_t)((last - f->first) / PAGE_SIZE_4K) + 1;
	f->walks = calloc(f->n, sizeof(*f->walks));
	if (!f->walks)
		return err_nomem(err);
	for (i = 0; i < f->n; i++)
		walk_launch(&f->walks[i], b->root, f->first + i * PAGE_SIZE_4K);
	return walk_run(f->m, f->walks, f->n, err);
}

/* One more read, or one of before gets longer, unless pages count by
 * themselves. */
static int fill_add(struct fill *f, uint64_t pa, uint8_t *dst, size_t len)
{
	struct mem_read *last = f->reads.n ? &f->reads.v[f->reads.n - 1] : NULL;

	if (last && !f->b->pages && last->pa + last->len == pa &&
	    (uint8_t *)last->dst + last->len == dst &&
	    machine_is_ram(f->m, last->pa, last->len + len)) {
		last->len += len;
		return 0;
	}
	return vec_push(&f->reads, {.pa = pa, .dst = dst, .len = len});
}

/* Plan a page, or what of it is asked for; zeros are there at once.  *there:
 * it is somewhere. */
static int fill_page(struct fill *f, const struct walk *w, uint8_t *dst,
		     size_t len, bool *there)
{
	bool frame = walk_has_frame(w->result);
	const struct unmapped_run *r =
		frame ? NULL : unmapped_run_at(&f->b->runs, w->va);
	uint64_t skip =
		(f->b->at + (uint64_t)(dst - (uint8_t *)f->b->dst)) - w->va;

	*there = frame || (r && unmapped_has_bytes(r->kind));
	if (!*there || (r && !r->pa)) {
		memset(dst, 0, len);
		return 0;
	}
	return fill_add(f, skip + (r ? r->pa + (w->va - r->va) : w->pa), dst,
			len);
}

/* All pages, or those up to the first that is nowhere: *end is how many bytes
 * that makes, from the start of all. */
static int fill_plan(struct fill *f, size_t *end)
{
	const struct mm_bytes *b = f->b;
	bool there = true;
	size_t i, len;
	int rc = 0;

	for (i = 0, *end = b->got; i < f->n && !rc; i++) {
		len = PAGE_SIZE_4K - IN_PAGE(b->at + *end);
		if (len > b->len - *end)
			len = b->len - *end;
		rc = fill_page(f, &f->walks[i], (uint8_t *)b->dst + *end, len,
			       &there);
		if (b->pages)
			b->pages[i] = there;
		else if (!there)
			break;
		*end += len;
	}
	return rc;
}

/* What of the plan was not read; without `pages`: where the first is. */
static void fill_settle(struct fill *f, size_t end)
{
	struct mm_bytes *b = f->b;
	size_t i, at;

	b->got = end;
	for (i = f->reads.n; i > 0; i--) {
		const struct mem_read *r = &f->reads.v[i - 1];

		if (r->status == MEM_OK)
			continue;
		at = (size_t)((uint8_t *)r->dst - (uint8_t *)b->dst);
		if (b->pages) {
			b->pages[at / PAGE_SIZE_4K] = 0;
			memset(r->dst, 0, r->len);
		} else {
			b->got = at;
		}
	}
}

int mm_bytes_read(struct kernel *k, struct mm_bytes *b, struct err *err)
{
	_cleanup_(fill_deinit) struct fill f = {.m = k->machine, .b = b};
	size_t end = 0;
	int rc = fill_walk(&f, err);

	if (!rc && b->mm)
		rc = mm_unmapped(k, b->mm, f.walks, f.n, &b->runs, err);
	if (!rc && fill_plan(&f, &end))
		rc = err_nomem(err);
	if (!rc && f.reads.n)
		rc = machine_read(f.m, f.reads.v, f.reads.n, err);
	if (!rc)
		fill_settle(&f, end);
	return rc;
}

void mm_bytes_deinit(struct mm_bytes *b)
{
	unmapped_runs_deinit(&b->runs);
}
