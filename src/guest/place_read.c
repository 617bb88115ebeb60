/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a place: what tables map, and what a fault would bring. */
#include "guest/place_read.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm/mm_bytes.h"
#include "walk/space.h"

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

/* The runs that were taken, cut to what was read. */
static int place_keep(struct place_bytes *b, const struct mm_bytes *f)
{
	uint64_t end = f->at + f->got;
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
		if (vec_push(&b->filled.list, r))
			return ERR_NOMEM;
	}
	return 0;
}

/* What stands at the end of what was read, where no table maps it. */
static void place_explain_unmapped(const struct mm_bytes *f, struct err *why)
{
	const struct unmapped_run *r =
		unmapped_run_at(&f->runs, f->at + f->got);
	size_t len = strlen(why->text);

	if (r)
		snprintf(why->text + len, sizeof(why->text) - len, ", %s",
			 unmapped_words(r->kind));
}

/* From where tables end on. */
static int place_fill(struct guest *g, struct mm_bytes *f,
		      struct place_bytes *b, struct err *err)
{
	int rc;

	f->got = b->got;
	rc = mm_bytes_read(g->kernel, f, err);
	if (rc)
		return rc;
	b->got = f->got;
	return place_keep(b, f) ? err_nomem(err) : 0;
}

int place_read(struct guest *g, const struct place *p, struct place_bytes *b,
	       struct err *err)
{
	_cleanup_(mm_bytes_deinit) struct mm_bytes f = {.root = &p->root,
							.mm = &p->mm,
							.at = p->at,
							.dst = b->dst,
							.len = b->len};
	struct machine *m = g->machine;
	int rc;

	if (p->space == ADDR_PHYS)
		rc = read_physical(m, p->at, b->dst, b->len, &b->got, err);
	else
		rc = read_virtual(m, p, b, err);
	if (!rc && b->got < b->len && p->space == ADDR_PID && !b->mapped_only)
		rc = place_fill(g, &f, b, err);
	if (rc || b->got == b->len)
		return rc;
	rc = place_explain(m, p, p->at + b->got, &b->why, err);
	if (!rc)
		place_explain_unmapped(&f, &b->why);
	return rc;
}

void place_bytes_deinit(struct place_bytes *b)
{
	unmapped_runs_deinit(&b->filled);
}
