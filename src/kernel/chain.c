/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows chains of hash tables: a link of each in every batch. */
#include "kernel/chain.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "walk/space.h"

struct chain_walk {
	struct kernel *k;
	size_t most;
	struct chains *out;
	struct map seen;
};

static void chain_walk_deinit(struct chain_walk *w)
{
	map_deinit(&w->seen);
}

static bool chain_ends(uint64_t link)
{
	return !link || link & 1;
}

/* Take a link, unless the chain ends there or is damaged. */
static int chain_take(struct chain_walk *w, size_t chain, size_t at,
		      uint64_t link)
{
	if (chain_ends(link))
		return 0;
	if (!kernel_pointer(w->k, link) || map_get(&w->seen, link, NULL)) {
		w->out->torn_at = link;
		return 0;
	}
	w->out->cut |= w->out->v.n == w->most;
	if (w->out->cut)
		return 0;
	return map_put(&w->seen, link, 0)
		       ? ERR_NOMEM
		       : vec_push(&w->out->v, {chain, at, link});
}

/* Read what is behind the links from `first` on. */
static int chain_step(struct chain_walk *w, size_t first, struct err *err)
{
	size_t i, n = w->out->v.n - first;
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *next = calloc(n + 1, sizeof(*next));
	int rc;

	if (!reads || !next)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] =
			(struct space_read){.root = &w->k->root,
					    .va = w->out->v.v[first + i].link,
					    .dst = &next[i],
					    .len = sizeof(next[i])};
	rc = space_read(w->k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++) {
		const struct chain_link l = w->out->v.v[first + i];

		if (reads[i].got < reads[i].len)
			w->out->torn_at = l.link;
		else if (chain_take(w, l.chain, l.at + 1, le64(&next[i])))
			rc = err_nomem(err);
	}
	return rc;
}

static int chain_compare(const void *a, const void *b)
{
	const struct chain_link *x = a, *y = b;

	if (x->chain != y->chain)
		return x->chain < y->chain ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

int chains_read(struct kernel *k, const uint64_t *firsts, size_t n, size_t most,
		struct chains *out, struct err *err)
{
	_cleanup_(chain_walk_deinit) struct chain_walk w = {
		.k = k, .most = most, .out = out};
	size_t i, first, end;
	int rc = 0;

	*out = (struct chains){0};
	for (i = 0; i < n; i++)
		if (chain_take(&w, i, 0, firsts[i]))
			return err_nomem(err);
	for (first = 0; first < out->v.n && !rc; first = end) {
		end = out->v.n;
		rc = chain_step(&w, first, err);
	}
	if (out->v.n)
		qsort(out->v.v, out->v.n, sizeof(*out->v.v), chain_compare);
	return rc;
}

void chains_deinit(struct chains *c)
{
	vec_deinit(&c->v);
}
