/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what is known of the pages of a write, and refuses with words. */
#include "edit/guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "edit/guard_who.h"

/* All of one check. */
struct check {
	struct guest *g;
	const struct guard_piece *pieces;
	size_t n;
	struct page_files files;
};

static int read_pages(struct check *c, struct page_info *found, bool *blind,
		      struct err *err)
{
	_cleanup_free_ uint64_t *pfns = calloc(c->n + 1, sizeof(*pfns));
	struct err why = {0};
	size_t i;
	int rc;

	if (!pfns)
		return err_nomem(err);
	for (i = 0; i < c->n; i++) {
		pfns[i] = c->pieces[i].piece->pa / PAGE_SIZE_4K;
		found[i] = (struct page_info){.pfn = pfns[i]};
	}
	*blind = !c->g->kernel;
	if (*blind)
		return 0;
	rc = page_read(c->g->kernel, pfns, c->n, found, &why);
	*blind = rc == ERR_NO_LINUX;
	if (rc)
		return *blind ? 0 : err_pass(err, &why);
	return page_files_read(c->g->kernel, found, c->n, &c->files, err);
}

static enum guard_access access_of(const struct guard_piece *p)
{
	switch (p->place->space) {
	case ADDR_PID:
		return GUARD_BY_PROCESS;
	case ADDR_KERNEL:
		return GUARD_BY_KERNEL;
	case ADDR_ROOT:
		if (p->piece->at >> 63)
			return GUARD_BY_KERNEL;
		return p->mm->addr ? GUARD_BY_PROCESS : GUARD_BY_FRAME;
	case ADDR_PHYS:
		break;
	}
	return GUARD_BY_FRAME;
}

static int guard_refuse(const struct check *c, const struct guard_piece *p,
			unsigned int missing, const struct guard_verdict *v,
			const struct page_info *page, struct err *err)
{
	const struct piece *piece = p->piece;
	char label[64], others[64] = "";

	if (access_of(p) == GUARD_BY_PROCESS && page->kind == PAGE_ANON_SHARED)
		guard_others(c->g->kernel, p->mm, piece->at, piece->pa, others,
			     sizeof(others));
	place_label(p->place, piece->at, label, sizeof(label));
	if (v->never)
		return err_set(err, ERR_REFUSED,
			       "%s: %s; nothing was written, and no option "
			       "allows it",
			       label, v->why);
	return err_helps(err,
			 err_set(err, ERR_REFUSED,
				 "%s: %s%s; nothing was written", label, v->why,
				 others),
			 REMEDY_ALLOW, missing);
}

static int judge_all(const struct check *c, const struct page_info *found,
		     bool blind, unsigned int allow, size_t *bad,
		     struct err *err)
{
	struct guard_verdict v;
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct guard_piece *p = &c->pieces[i];
		const struct guard_page page = {
			.access = access_of(p),
			.blind = blind,
			.entry_writes = p->piece->writes,
			.entry_dirty = p->piece->dirty,
			.vma = vma_find(p->vmas, p->piece->at),
			.info = found[i],
			.file = page_file_of(&c->files, &found[i]),
		};

		*bad = i;
		if (page.access == GUARD_BY_PROCESS && !page.vma &&
		    p->vmas->torn)
			return err_set(err, ERR_UNREADABLE,
				       "the VMAs are not whole: %s",
				       p->vmas->why);
		guard_judge(&page, allow, &v);
		if (v.never || v.need & ~allow)
			return guard_refuse(c, p, v.need & ~allow, &v,
					    &found[i], err);
	}
	return 0;
}

int guard_check(struct guest *g, const struct guard_piece *pieces, size_t n,
		unsigned int allow, struct page_info *found, bool *blind,
		size_t *bad, struct err *err)
{
	struct check c = {.g = g, .pieces = pieces, .n = n};
	int rc = read_pages(&c, found, blind, err);

	if (!rc)
		rc = judge_all(&c, found, *blind, allow, bad, err);
	page_files_deinit(&c.files);
	return rc;
}
