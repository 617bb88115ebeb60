/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows chains of objects. */
#include "kernel/chain.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "walk/space.h"

struct chain_walk {
	struct kernel *k;
	const struct chain_kind *kind;
	struct chains *out;
	struct map seen;
};

static void chain_walk_deinit(struct chain_walk *w)
{
	map_deinit(&w->seen);
}

static void chain_tear(struct chains *c, uint64_t at)
{
	if (!c->torn)
		c->torn_at = at;
	c->torn = true;
}

/* An object of a chain, by a pointer to it or into it. */
static int chain_push(struct chain_walk *w, size_t of, uint64_t pointer)
{
	uint64_t at = pointer - (w->kind->inside ? w->kind->next : 0);

	if (!pointer)
		return 0;
	if (!kernel_pointer(w->k, at) || map_get(&w->seen, at, NULL) ||
	    w->out->links.n >= w->kind->most) {
		chain_tear(w->out, at);
		return 0;
	}
	if (map_put(&w->seen, at, 1))
		return ERR_NOMEM;
	return vec_push(&w->out->links, {of, at});
}

/* What comes after the objects from number `from` on. */
static int chain_step(struct chain_walk *w, size_t from, struct err *err)
{
	size_t n = w->out->links.n - from, i;
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *next = calloc(n + 1, sizeof(*next));
	int rc;

	if (!reads || !next)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){
			.root = &w->k->root,
			.va = w->out->links.v[from + i].at + w->kind->next,
			.dst = &next[i],
			.len = sizeof(*next)};
	rc = space_read(w->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		if (reads[i].got < reads[i].len)
			chain_tear(w->out, reads[i].va);
		else if (chain_push(w, w->out->links.v[from + i].of,
				    le64(&next[i])))
			rc = err_nomem(err);
	}
	return rc;
}

int chains_read(struct kernel *k, const uint64_t *firsts, size_t n,
		const struct chain_kind *kind, struct chains *out,
		struct err *err)
{
	_cleanup_(chain_walk_deinit) struct chain_walk w = {
		.k = k, .kind = kind, .out = out};
	size_t from = 0, end, i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		if (chain_push(&w, i, firsts[i]))
			rc = err_nomem(err);
	for (; from < out->links.n && !rc; from = end) {
		end = out->links.n;
		rc = chain_step(&w, from, err);
	}
	return rc;
}

void chains_deinit(struct chains *c)
{
	vec_deinit(&c->links);
}
