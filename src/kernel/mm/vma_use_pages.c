/* SPDX-License-Identifier: BSD-2-Clause */
/* The struct pages behind what VMAs use, each read once. */
#include <stdlib.h>

#include "base/sort.h"
#include "kernel/limits.h"
#include "kernel/mm/vma_use_work.h"

void use_set_deinit(struct use_set *s)
{
	vec_deinit(&s->pfns);
	free(s->uses);
}

/* Put them in order, each once, and read them. */
static int use_set_read(struct kernel *k, struct use_set *s, struct err *err)
{
	size_t n = sort_u64_once(s->pfns.v, s->pfns.n);

	s->pfns.n = n;
	s->uses = calloc(n + 1, sizeof(*s->uses));
	if (!s->uses)
		return err_nomem(err);
	return page_uses_read(k, s->pfns.v, n, s->uses, err);
}

static const struct page_use *use_set_of(const struct use_set *s, uint64_t pfn)
{
	size_t i = sort_u64_find(s->pfns.v, s->pfns.n, pfn);

	return i < s->pfns.n ? &s->uses[i] : NULL;
}

const struct page_use *use_of(const struct use_work *w, uint64_t pfn)
{
	static const struct page_use unknown;
	const struct page_use *p = use_set_of(&w->heads, pfn);

	if (!p)
		p = use_set_of(&w->others, pfn);
	return p ? p : &unknown;
}

/* A huge page whose frames are shared by themselves: they are asked, too. */
static bool use_is_parted(const struct use_work *w, const struct use_entry *e)
{
	const struct page_use *p;

	if (w->numa || !e->present || use_frames(e) == 1)
		return false;
	p = use_of(w, e->pfn);
	return p->known && p->refs != 1;
}

static int use_read_others(struct use_work *w, struct err *err)
{
	uint64_t i;
	size_t e;

	for (e = 0; e < w->entries.n; e++) {
		struct use_entry *entry = &w->entries.v[e];

		if (!use_is_parted(w, entry))
			continue;
		if (w->others.pfns.n > VMA_USE_MAX - PAGES_2M) {
			w->out->v[entry->vma].uncounted += PAGES_2M;
			entry->left_out = true;
			continue;
		}
		if (vec_reserve(&w->others.pfns, PAGES_2M))
			return err_nomem(err);
		for (i = 1; i < PAGES_2M; i++)
			w->others.pfns.v[w->others.pfns.n++] = entry->pfn + i;
	}
	return use_set_read(w->k, &w->others, err);
}

int use_read_pages(struct use_work *w, struct err *err)
{
	int rc = use_set_read(w->k, &w->heads, err);

	return rc ? rc : use_read_others(w, err);
}
