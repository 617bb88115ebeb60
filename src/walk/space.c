/* SPDX-License-Identifier: BSD-2-Clause */
/* Scatter reads by virtual address: all translations, then all bytes. */
#include "walk/space.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/vec.h"

#define IN_PAGE(va) ((va) % PAGE_SIZE_4K)

/* What is planned at once: a plan takes up to 400 bytes for each read. */
#define MAX_READS (1u << 17)

/* The part of one read that lies in one page. */
struct piece {
	size_t read, walk;
	uint64_t va;
	uint8_t *dst;
	size_t len;
};

/* Everything that one scatter read needs; each page is walked once. */
struct plan {
	VEC(struct piece) pieces;
	VEC(struct walk) walks;
	VEC(struct mem_read) reads;
	VEC(size_t) read_piece; /* reads.v[i] answers pieces.v[this[i]] */
	struct map seen;	/* page and root to walk */
	struct map roots;	/* root to a small number */
};

static void plan_deinit(struct plan *p)
{
	vec_deinit(&p->pieces);
	vec_deinit(&p->walks);
	vec_deinit(&p->reads);
	vec_deinit(&p->read_piece);
	map_deinit(&p->seen);
	map_deinit(&p->roots);
}

/* A key for (root, page), exact for canonical addresses: 57 bits are told. */
static int page_key(struct plan *p, const struct walk_root *root, uint64_t va,
		    uint64_t *key)
{
	uint64_t id = p->roots.n;

	if (!map_get(&p->roots, (uintptr_t)root, &id) &&
	    map_put(&p->roots, (uintptr_t)root, id))
		return ERR_NOMEM;
	*key = id << 45 | (va << 7 >> 19);
	return 0;
}

/* The walk for the page of va, launched if it is new. */
static int plan_walk(struct plan *p, const struct walk_root *root, uint64_t va,
		     size_t *walk)
{
	uint64_t key = 0, found;
	bool canonical = paging_canonical(root->paging, va);

	if (canonical) {
		if (page_key(p, root, va, &key))
			return ERR_NOMEM;
		if (map_get(&p->seen, key, &found)) {
			*walk = found;
			return 0;
		}
	}
	*walk = p->walks.n;
	if (vec_reserve(&p->walks, 1) ||
	    (canonical && map_put(&p->seen, key, *walk)))
		return ERR_NOMEM;
	walk_launch(&p->walks.v[p->walks.n++], root, va - IN_PAGE(va));
	return 0;
}

static int space_plan_read(struct plan *p, const struct space_read *r,
			   size_t number)
{
	uint64_t va = r->va;
	size_t left = r->len;

	while (left) {
		struct piece piece = {
			.read = number,
			.va = va,
			.dst = (uint8_t *)r->dst + (r->len - left),
			.len = PAGE_SIZE_4K - IN_PAGE(va),
		};

		if (piece.len > left)
			piece.len = left;
		if (plan_walk(p, r->root, va, &piece.walk) ||
		    vec_push(&p->pieces, piece))
			return ERR_NOMEM;
		va += piece.len;
		left -= piece.len;
	}
	return 0;
}

/* Pieces whose pages follow each other in memory too become one read. */
static int plan_bytes(struct machine *m, struct plan *p)
{
	size_t i;

	for (i = 0; i < p->pieces.n; i++) {
		const struct piece *pc = &p->pieces.v[i];
		const struct walk *w = &p->walks.v[pc->walk];
		struct mem_read r = {.pa = w->pa + IN_PAGE(pc->va),
				     .dst = pc->dst,
				     .len = pc->len};
		struct mem_read *last =
			p->reads.n ? &p->reads.v[p->reads.n - 1] : NULL;

		if (!walk_has_frame(w->result))
			continue;
		if (last && i && p->pieces.v[i - 1].read == pc->read &&
		    last->pa + last->len == r.pa &&
		    machine_is_ram(m, last->pa, last->len + r.len) &&
		    (uint8_t *)last->dst + last->len == pc->dst) {
			last->len += r.len;
			continue;
		}
		if (vec_push(&p->reads, r) || vec_push(&p->read_piece, i))
			return ERR_NOMEM;
	}
	return 0;
}

/* Write down how far each read came. */
static void plan_settle(const struct plan *p, struct space_read *reads,
			size_t n)
{
	size_t i, at = 0;

	for (i = 0; i < n; i++) {
		reads[i].got = 0;
		reads[i].end = WALK_MAPPED;
	}
	for (i = 0; i < p->pieces.n; i++) {
		const struct piece *pc = &p->pieces.v[i];
		struct space_read *r = &reads[pc->read];
		const struct walk *w = &p->walks.v[pc->walk];
		bool frame = walk_has_frame(w->result);

		while (frame && at + 1 < p->reads.n &&
		       p->read_piece.v[at + 1] <= i)
			at++;
		if (r->got != pc->va - r->va)
			continue; /* it ended before */
		if (!frame)
			r->end = w->result;
		else if (p->reads.v[at].status == MEM_OK)
			r->got += pc->len;
	}
}

/* The pages that the reads lie in. */
static int plan_pages(struct plan *p, const struct space_read *reads, size_t n)
{
	size_t i;

	if (vec_reserve(&p->pieces, n))
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		if (space_plan_read(p, &reads[i], i))
			return ERR_NOMEM;
	return 0;
}

int space_read(struct machine *m, struct space_read *reads, size_t n,
	       struct err *err)
{
	size_t some;
	int rc = 0;

	for (; n && !rc; reads += some, n -= some) {
		_cleanup_(plan_deinit) struct plan p = {0};

		some = n < MAX_READS ? n : MAX_READS;
		if (plan_pages(&p, reads, some))
			return err_nomem(err);
		rc = walk_run(m, p.walks.v, p.walks.n, err);
		if (!rc && plan_bytes(m, &p))
			rc = err_nomem(err);
		if (!rc)
			rc = machine_read(m, p.reads.v, p.reads.n, err);
		if (!rc)
			plan_settle(&p, reads, some);
	}
	return rc;
}

int space_read_all(struct machine *m, const struct walk_root *root, uint64_t va,
		   void *dst, size_t len, struct err *err)
{
	struct space_read r = {.root = root, .va = va, .dst = dst, .len = len};
	char why[96];
	struct walk w;
	int rc;

	rc = space_read(m, &r, 1, err);
	if (rc || r.got == len)
		return rc;
	rc = walk_one(m, root, va + r.got, &w, err);
	if (rc)
		return rc;
	walk_describe(&w, why, sizeof(why));
	return err_set(err, ERR_UNREADABLE, "0x%llx: %s%s",
		       (unsigned long long)(va + r.got), why,
		       walk_has_frame(w.result) ? ", not RAM" : "");
}
