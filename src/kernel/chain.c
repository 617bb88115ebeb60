/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows chains of objects. */
#include "kernel/chain.h"

#include <inttypes.h>
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

/* An object of a chain, by a pointer to it or into it. */
static int chain_push(struct chain_walk *w, size_t of, size_t nr,
		      uint64_t pointer)
{
	uint64_t at = pointer - (w->kind->inside ? w->kind->next : 0);

	if (!pointer || (w->kind->nulls && pointer & 1))
		return 0;
	if (!kernel_pointer(w->k, at) || map_get(&w->seen, at, NULL)) {
		w->out->torn_at = at;
		return 0;
	}
	w->out->cut |= w->out->links.n == w->kind->most;
	if (w->out->cut)
		return 0;
	if (map_put(&w->seen, at, 1))
		return ERR_NOMEM;
	return vec_push(&w->out->links, {of, nr, at});
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
		const struct chain_link l = w->out->links.v[from + i];

		if (reads[i].got < reads[i].len)
			w->out->torn_at = l.at;
		else if (chain_push(w, l.of, l.nr + 1, le64(&next[i])))
			rc = err_nomem(err);
	}
	return rc;
}

static int chain_compare(const void *a, const void *b)
{
	const struct chain_link *x = a, *y = b;

	if (x->of != y->of)
		return x->of < y->of ? -1 : 1;
	return (x->nr > y->nr) - (x->nr < y->nr);
}

int chains_read(struct kernel *k, const uint64_t *firsts, size_t n,
		const struct chain_kind *kind, struct chains *out,
		struct err *err)
{
	_cleanup_(chain_walk_deinit) struct chain_walk w = {
		.k = k, .kind = kind, .out = out};
	size_t from = 0, end, i;
	int rc = 0;

	*out = (struct chains){0};
	for (i = 0; i < n && !rc; i++)
		if (chain_push(&w, i, 0, firsts[i]))
			rc = err_nomem(err);
	for (; from < out->links.n && !rc; from = end) {
		end = out->links.n;
		rc = chain_step(&w, from, err);
	}
	if (out->links.n)
		qsort(out->links.v, out->links.n, sizeof(*out->links.v),
		      chain_compare);
	return rc;
}

void chains_deinit(struct chains *c)
{
	vec_deinit(&c->links);
}

void chains_remark(const struct chains *c, const char *what,
		   struct remarks *remarks)
{
	if (c->torn_at)
		remarks_add(remarks, "a list of %s is torn at 0x%" PRIx64, what,
			    c->torn_at);
	if (c->cut)
		remarks_add(remarks, "there are more %s than qvmi reads", what);
}
