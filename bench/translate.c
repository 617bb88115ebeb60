/* SPDX-License-Identifier: BSD-2-Clause */
/* Translates the pages that were picked, all in one call. */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "guest/number.h"

struct translate {
	struct bench_page *pages;
	struct walk *walks;
	uint64_t n;
};

static int translate_prepare(void *state, char **words, struct err *err)
{
	struct translate *t = state;
	int rc = number_parse(words[1], "COUNT", BENCH_MOST_PAGES, &t->n, err);
	size_t got;
	FILE *f;

	if (rc)
		return rc;
	t->pages = calloc(t->n + 1, sizeof(*t->pages));
	t->walks = calloc(t->n + 1, sizeof(*t->walks));
	if (!t->pages || !t->walks)
		return err_nomem(err);
	f = fopen(words[0], "r");
	if (!f)
		return err_sys(err, ERR_USAGE, "cannot open %s", words[0]);
	got = fread(t->pages, sizeof(*t->pages), t->n, f);
	fclose(f);
	if (got < t->n)
		return err_set(err, ERR_USAGE, "%s has %zu pages only",
			       words[0], got);
	return 0;
}

/* One batched call for all addresses of all processes. */
static int translate(struct translate *t, struct machine *m,
		     const struct users *u, struct map *at, struct err *err)
{
	uint64_t user;
	size_t i;

	for (i = 0; i < u->tasks.n; i++)
		if (map_put(at, u->tasks.v[i].pid, i))
			return err_nomem(err);
	for (i = 0; i < t->n; i++) {
		if (!map_get(at, t->pages[i].pid, &user) ||
		    !u->mms[user].readable)
			return err_set(err, ERR_NOT_FOUND,
				       "pid %" PRIu64 " is gone",
				       t->pages[i].pid);
		walk_launch(&t->walks[i], &u->mms[user].root, t->pages[i].va);
	}
	return walk_run(m, t->walks, t->n, err);
}

static int translate_look(struct guest *g, void *state, struct err *err)
{
	_cleanup_(users_deinit) struct users u = {0};
	_cleanup_(map_deinit) struct map at = {0};
	int rc = users_read(&u, g->kernel, err);

	return rc ? rc : translate(state, g->machine, &u, &at, err);
}

/* A guest that has changed much since the pages were picked is no measure. */
static int translate_tell(void *state, struct buf *out, struct err *err)
{
	struct translate *t = state;
	uint64_t i, mapped = 0;

	for (i = 0; i < t->n; i++)
		mapped += t->walks[i].result == WALK_MAPPED;
	if (mapped < t->n - t->n / 100)
		return err_set(err, ERR_NOT_FOUND,
			       "%" PRIu64 " of %" PRIu64
			       " pages are mapped no more",
			       t->n - mapped, t->n);
	buf_printf(out, "translated=%" PRIu64 " mapped=%" PRIu64 "\n", t->n,
		   mapped);
	return 0;
}

static void translate_deinit(void *state)
{
	struct translate *t = state;

	free(t->pages);
	free(t->walks);
}

const struct operation bench_translate = {
	.name = "translate",
	.words = "FILE COUNT",
	.n_words = 2,
	.needs_kernel = true,
	.state_size = sizeof(struct translate),
	.prepare = translate_prepare,
	.look = translate_look,
	.tell = translate_tell,
	.deinit = translate_deinit,
};
