/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What each frame of RAM is: how many there are of each kind.  That those of
 * one kind are put together in runs is the command line's.
 */
#include "bench.h"

#include "kernel/page.h"

/* So many frames at a time, as `qvmi page` has them: parts of 64 MiB. */
#define SLICE (1u << 14)

struct pages {
	size_t n[PAGE_KINDS];
	uint64_t pfns[SLICE];
	struct page_info infos[SLICE];
};

static int pages_take(struct pages *p, struct kernel *k, uint64_t first,
		      size_t n, struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		p->pfns[i] = first + i;
	rc = page_read(k, p->pfns, n, p->infos, err);
	for (i = 0; i < n && !rc; i++)
		p->n[p->infos[i].kind]++;
	return rc;
}

static int pages_look(struct guest *g, void *state, struct err *err)
{
	struct pages *p = state;
	uint64_t left, at;
	size_t i, n;
	int rc = 0;

	for (i = 0; i < g->machine->ram.n && !rc; i++) {
		at = g->machine->ram.v[i].start / PAGE_SIZE_4K;
		left = g->machine->ram.v[i].size / PAGE_SIZE_4K;
		for (; left && !rc; left -= n, at += n) {
			n = left < SLICE ? (size_t)left : SLICE;
			rc = pages_take(p, g->kernel, at, n, err);
		}
	}
	return rc;
}

static int pages_tell(void *state, struct buf *out, struct err *err)
{
	struct pages *p = state;
	size_t i;

	if (!p->n[PAGE_ANON] || !p->n[PAGE_FREE])
		return err_set(err, ERR_NOT_FOUND,
			       "no guest is without free and anonymous pages");
	for (i = 0; i < PAGE_KINDS; i++)
		if (p->n[i])
			buf_printf(out, "%s=%zu\n",
				   page_kind_name((enum page_kind)i), p->n[i]);
	return 0;
}

static void pages_deinit(void *state)
{
	(void)state;
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
