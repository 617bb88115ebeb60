/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a place: what tables map, and what a fault would bring. */
#include "guest/place_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "walk/space.h"

#define IN_PAGE(va) ((va) % PAGE_SIZE_4K)

/* What is at an address that cannot be read. */
static int place_explain(struct machine *m, const struct place *p, uint64_t at,
			 struct err *why, struct err *err)
{
	char label[64], text[128];
	struct walk w;
	int rc;

	place_label(p, at, label, sizeof(label));
	if (p->space == ADDR_PHYS) {
		err_set(why, ERR_UNREADABLE, "%s: %s", label,
			machine_is_ram(m, at, 1) ? "RAM that cannot be read"
						 : "not RAM");
		return 0;
	}
	rc = walk_one(m, &p->root, at, &w, err);
	if (rc)
		return rc;
	walk_describe(&w, text, sizeof(text));
	if (walk_has_frame(w.result))
		snprintf(text, sizeof(text), "its page 0x%" PRIx64 " is %s",
			 w.pa & ~(uint64_t)(PAGE_SIZE_4K - 1),
			 machine_is_ram(m, w.pa, 1) ? "not readable"
						    : "not RAM");
	err_set(why, ERR_UNREADABLE, "%s: %s", label, text);
	return 0;
}

/* How much from pa on lies in RAM, up to len; RAM ranges may adjoin. */
static size_t ram_length(const struct machine *m, uint64_t pa, size_t len)
{
	const struct ram_range *r;
	size_t i, n = 0;

	for (i = 0; i < m->ram.n && n < len; i++) {
		r = &m->ram.v[i];
		if (pa + n < r->start || pa + n - r->start >= r->size)
			continue;
		if (len - n <= r->size - (pa + n - r->start))
			return len;
		n += r->size - (pa + n - r->start);
	}
	return n;
}

/* Long enough to bypass the cache. */
#define BULK (1u << 20)

/* Pieces of `most` bytes and less at their borders, up to the first bad one. */
static int place_read_pieces(struct machine *m, uint64_t pa, uint8_t *dst,
			     size_t len, size_t most, size_t *got,
			     struct err *err)
{
	_cleanup_free_ struct mem_read *reads =
		calloc(len / most + 2, sizeof(*reads));
	size_t n = 0, done, step;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (done = 0; done < len; done += step) {
		step = most - (pa + done) % most;
		step = step < len - done ? step : len - done;
		reads[n++] = (struct mem_read){
			.pa = pa + done, .dst = dst + done, .len = step};
	}
	rc = n ? machine_read(m, reads, n, err) : 0;
	if (rc)
		return rc;
	*got = 0;
	for (done = 0; done < n && reads[done].status == MEM_OK; done++)
		*got += reads[done].len;
	return 0;
}

/* In bulk; where that fails page by page, so that a bad page costs no other. */
static int read_physical(struct machine *m, uint64_t pa, uint8_t *dst,
			 size_t len, size_t *got, struct err *err)
{
	size_t ram = ram_length(m, pa, len), more = 0;
	int rc = place_read_pieces(m, pa, dst, ram, BULK, got, err);

	if (rc || *got == ram)
		return rc;
	ram = ram - *got < BULK ? ram - *got : BULK;
	rc = place_read_pieces(m, pa + *got, dst + *got, ram, PAGE_SIZE_4K,
			       &more, err);
	*got += more;
	return rc;
}

static int read_virtual(struct machine *m, const struct place *p,
			struct place_bytes *b, struct err *err)
{
	struct space_read r = {
		.root = &p->root, .va = p->at, .dst = b->dst, .len = b->len};
	int rc = space_read(m, &r, 1, err);

	if (!rc)
		b->got = r.got;
	return rc;
}

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

int place_unmapped(struct guest *g, const struct mm *mm,
		   const struct walk *walks, size_t n,
		   struct unmapped_runs *out, struct err *err)
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
	rc = unmapped_open(&u, g->kernel, mm, err);
	return rc ? rc : unmapped_find(&u, gaps, n_gaps, out, err);
}

/* Pages from where tables end on, and where each is. */
struct fill {
	struct machine *m;
	struct place_bytes *b;
	uint64_t at; /* the first byte of all */
	uint64_t first;
	size_t n;
	struct walk *walks;
	struct unmapped_runs runs;
	VEC(struct mem_read) reads;
};

static void fill_deinit(struct fill *f)
{
	free(f->walks);
	vec_deinit(&f->reads);
	unmapped_runs_deinit(&f->runs);
}

static int fill_walk(struct fill *f, const struct place *p, struct err *err)
{
	uint64_t from = p->at + f->b->got, last = p->at + (f->b->len - 1);
	size_t i;

	f->at = p->at;
	f->first = from - IN_PAGE(from);
	f->n = (size_t)((last - f->first) / PAGE_SIZE_4K) + 1;
	f->walks = calloc(f->n, sizeof(*f->walks));
	if (!f->walks)
		return err_nomem(err);
	for (i = 0; i < f->n; i++)
		walk_launch(&f->walks[i], &p->root,
			    f->first + i * PAGE_SIZE_4K);
	return walk_run(f->m, f->walks, f->n, err);
}

/* One more read, or one of before gets longer. */
static int fill_add(struct fill *f, uint64_t pa, uint8_t *dst, size_t len)
{
	struct mem_read *last = f->reads.n ? &f->reads.v[f->reads.n - 1] : NULL;

	if (last && last->pa + last->len == pa &&
	    (uint8_t *)last->dst + last->len == dst &&
	    machine_is_ram(f->m, last->pa, last->len + len)) {
		last->len += len;
		return 0;
	}
	return vec_push(&f->reads, {.pa = pa, .dst = dst, .len = len});
}

/*
 * Plan all pages up to the first that is nowhere; zeros are there at once.
 * *end is how many bytes that makes, from the start of all.
 */
static int fill_plan(struct fill *f, size_t *end)
{
	size_t i, skip, len;

	for (i = 0, *end = f->b->got; i < f->n; i++, *end += len) {
		const struct walk *w = &f->walks[i];
		uint8_t *dst = (uint8_t *)f->b->dst + *end;
		bool frame = walk_has_frame(w->result);
		const struct unmapped_run *r =
			frame ? NULL : unmapped_run_at(&f->runs, w->va);

		skip = IN_PAGE(f->at + *end);
		len = PAGE_SIZE_4K - skip;
		if (len > f->b->len - *end)
			len = f->b->len - *end;
		if (!frame && (!r || !unmapped_has_bytes(r->kind)))
			return 0;
		if (r && !r->pa)
			memset(dst, 0, len);
		else if (fill_add(f,
				  skip + (r ? r->pa + (w->va - r->va) : w->pa),
				  dst, len))
			return ERR_NOMEM;
	}
	return 0;
}

/* How far that came: up to the first read that failed. */
static size_t fill_got(const struct fill *f, size_t end)
{
	size_t i;

	for (i = 0; i < f->reads.n; i++)
		if (f->reads.v[i].status != MEM_OK)
			return (size_t)((uint8_t *)f->reads.v[i].dst -
					(uint8_t *)f->b->dst);
	return end;
}

/* The runs that were taken, cut to what was read. */
static int fill_keep(struct fill *f)
{
	uint64_t end = f->at + f->b->got;
	size_t i;

	for (i = 0; i < f->runs.list.n; i++) {
		struct unmapped_run r = f->runs.list.v[i];

		if (r.va >= end || !unmapped_has_bytes(r.kind))
			continue;
		if (r.va < f->at) {
			r.len -= f->at - r.va;
			r.pa += r.pa ? f->at - r.va : 0;
			r.va = f->at;
		}
		if (r.len > end - r.va)
			r.len = end - r.va;
		if (vec_push(&f->b->filled.list, r))
			return ERR_NOMEM;
	}
	return 0;
}

/* What stands at the end of what was read, where no table maps it. */
static void fill_explain(const struct fill *f, struct err *why)
{
	const struct unmapped_run *r =
		unmapped_run_at(&f->runs, f->at + f->b->got);
	size_t len = strlen(why->text);

	if (r)
		snprintf(why->text + len, sizeof(why->text) - len, ", %s",
			 unmapped_words(r->kind));
}

static int fill_read(struct guest *g, const struct place *p, struct fill *f,
		     struct err *err)
{
	size_t end = 0;
	int rc = fill_walk(f, p, err);

	if (!rc)
		rc = place_unmapped(g, &p->mm, f->walks, f->n, &f->runs, err);
	if (!rc && fill_plan(f, &end))
		rc = err_nomem(err);
	if (!rc && f->reads.n)
		rc = machine_read(f->m, f->reads.v, f->reads.n, err);
	if (rc)
		return rc;
	f->b->got = fill_got(f, end);
	return fill_keep(f) ? err_nomem(err) : 0;
}

int place_read(struct guest *g, const struct place *p, struct place_bytes *b,
	       struct err *err)
{
	_cleanup_(fill_deinit) struct fill f = {.m = g->machine, .b = b};
	int rc;

	if (p->space == ADDR_PHYS)
		rc = read_physical(f.m, p->at, b->dst, b->len, &b->got, err);
	else
		rc = read_virtual(f.m, p, b, err);
	if (!rc && b->got < b->len && p->space == ADDR_PID && !b->mapped_only)
		rc = fill_read(g, p, &f, err);
	if (rc || b->got == b->len)
		return rc;
	rc = place_explain(f.m, p, p->at + b->got, &b->why, err);
	if (!rc)
		fill_explain(&f, &b->why);
	return rc;
}

void place_bytes_deinit(struct place_bytes *b)
{
	unmapped_runs_deinit(&b->filled);
}
