/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How all of RAM is used, as `qvmi page --summary` counts it; the tables with
 * bars are the command line's.
 */
#include "bench.h"

#include <inttypes.h>

#include "kernel/page/page_census.h"
#include "kernel/page/page_stack.h"

struct pages {
	struct page_census census;
	struct remarks remarks;
};

static int pages_look(struct guest *g, void *state, struct err *err)
{
	struct page_census *c = &((struct pages *)state)->census;
	const struct machine *m = g->machine;
	int rc = page_stacks_read(g->kernel, &c->stacks,
				  &((struct pages *)state)->remarks, err);
	size_t i;

	for (i = 0; i < m->ram.n && !rc; i++)
		rc = page_census_add(g->kernel, c,
				     m->ram.v[i].start / PAGE_SIZE_4K,
				     m->ram.v[i].size / PAGE_SIZE_4K, err);
	return rc ? rc : page_census_end(g->kernel, c, err);
}

static int pages_tell(void *state, struct buf *out, struct err *err)
{
	const struct page_census *c = &((struct pages *)state)->census;
	bool seen[PAGE_OWNERS] = {false};
	size_t i;

	for (i = 0; i < c->shares.n; i++) {
		const struct page_share *s = &c->shares.v[i];

		seen[s->owner] = true;
		buf_printf(out, "%s %s 0x%" PRIx64 " %" PRIu64 "\n",
			   page_owner_name(s->owner), page_kind_name(s->kind),
			   s->cache, s->frames);
	}
	if (!seen[OWNER_ANON] || !seen[OWNER_BUDDY])
		return err_set(err, ERR_NOT_FOUND,
			       "no guest is without free and anonymous pages");
	return 0;
}

static void pages_deinit(void *state)
{
	struct pages *p = state;

	page_census_deinit(&p->census);
	remarks_deinit(&p->remarks);
}

const struct operation bench_pages = {
	.name = "pages",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct pages),
	.look = pages_look,
	.tell = pages_tell,
	.deinit = pages_deinit,
};
