/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the pages of VMAs as numa_maps does. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/mm/vma_use_work.h"

/* gather_stats() of fs/proc/task_mmu.c, of n pages behind one entry. */
static void numa_count(struct vma_uses *out, const struct use_entry *e,
		       const struct page_use *p)
{
	struct vma_numa *m = &out->numa[e->vma];
	uint64_t n = use_frames(e);

	if (!p->known || p->node < 0 || p->node >= VMA_NODES) {
		out->v[e->vma].unknown += n;
		return;
	}
	m->pages += n;
	if (e->dirty || p->dirty)
		m->dirty += n;
	if (p->swap_cache)
		m->swap_cache += n;
	if (p->active)
		m->active += n;
	if (p->writeback)
		m->writeback += n;
	if (p->anon)
		m->anon += n;
	if (p->maps > m->most_maps)
		m->most_maps = p->maps;
	m->node[p->node] += n;
}

int vma_numas_read(struct kernel *k, const struct mm *mms,
		   const struct vma_list *lists, size_t n, struct vma_uses *out,
		   struct err *err)
{
	_cleanup_(use_work_deinit) struct use_work w = {
		.k = k, .lists = lists, .out = out, .numa = true};
	size_t i, all = 0;
	int rc;

	*out = (struct vma_uses){0};
	for (i = 0; i < n; i++)
		all += lists[i].n;
	out->numa = calloc(all + 1, sizeof(*out->numa));
	if (!out->numa)
		return err_nomem(err);
	rc = use_gather(&w, mms, n, err);
	for (i = 0; i < w.entries.n && !rc; i++) {
		const struct use_entry *e = &w.entries.v[i];
		const struct page_use *p = use_of(&w, e->pfn);

		if (!e->present || p->reserved ||
		    (e->level == 2 && e->pfn == w.huge_zero))
			continue;
		numa_count(out, e, p);
	}
	return rc;
}
