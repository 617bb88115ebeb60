/* SPDX-License-Identifier: BSD-2-Clause */
/* Gathers what is known of the pages of a write, and refuses with words. */
#include "cli/guard.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/guard_who.h"

/* One address space that pieces are in. */
struct owner {
	const struct place *place;
	struct mm mm; /* addr 0: of no process that is known */
};

/* All of one check. */
struct check {
	struct session *s;
	const struct guard_piece *pieces;
	size_t n;
	VEC(struct owner) owners;
	size_t *owner_of;      /* piece to owner */
	struct vma_list *vmas; /* of each owner */
	struct mm *mms;
	struct walk *walks; /* of each piece */
	struct page_files files;
};

static void check_deinit(struct check *c)
{
	if (c->vmas)
		vma_lists_deinit(c->vmas, c->owners.n);
	vec_deinit(&c->owners);
	page_files_deinit(&c->files);
	free(c->owner_of);
	free(c->vmas);
	free(c->mms);
	free(c->walks);
}

static int add_owner(struct check *c, const struct place *place,
		     struct err *err)
{
	struct owner o = {.place = place};
	int rc = 0;

	if (place->space == ADDR_PID)
		o.mm = place->mm;
	if (place->space == ADDR_CR3 && c->s->kernel)
		rc = guard_mm_of_cr3(c->s->kernel, place->cr3, &o.mm, err);
	if (!rc && vec_push(&c->owners, o))
		rc = err_nomem(err);
	return rc;
}

static int find_owners(struct check *c, struct err *err)
{
	size_t i, k;
	int rc = 0;

	c->owner_of = calloc(c->n + 1, sizeof(*c->owner_of));
	if (!c->owner_of)
		return err_nomem(err);
	for (i = 0; i < c->n && !rc; i++) {
		/* Most often it is the last one. */
		for (k = c->owners.n; k > 0; k--)
			if (c->owners.v[k - 1].place == c->pieces[i].place)
				break;
		if (!k) {
			rc = add_owner(c, c->pieces[i].place, err);
			k = c->owners.n;
		}
		c->owner_of[i] = k - 1;
	}
	return rc;
}

static int read_vmas(struct check *c, struct err *err)
{
	size_t i, n = c->owners.n;

	c->vmas = calloc(n + 1, sizeof(*c->vmas));
	c->mms = calloc(n + 1, sizeof(*c->mms));
	if (!c->vmas || !c->mms)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		c->mms[i] = c->owners.v[i].mm;
	return c->s->kernel
		       ? vma_lists_read(c->s->kernel, c->mms, n, c->vmas, err)
		       : 0;
}

static int walk_all(struct check *c, struct err *err)
{
	size_t i, n = 0;

	c->walks = calloc(c->n + 1, sizeof(*c->walks));
	if (!c->walks)
		return err_nomem(err);
	for (i = 0; i < c->n; i++)
		if (c->pieces[i].place->space != ADDR_PHYS)
			walk_launch(&c->walks[n++], &c->pieces[i].place->root,
				    c->pieces[i].at);
	return walk_run(c->s->machine, c->walks, n, err);
}

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
		pfns[i] = c->pieces[i].pa / PAGE_SIZE_4K;
		found[i] = (struct page_info){.pfn = pfns[i]};
	}
	*blind = !c->s->kernel;
	if (*blind)
		return 0;
	rc = page_read(c->s->kernel, pfns, c->n, found, &why);
	*blind = rc == ERR_NO_LINUX;
	if (rc)
		return *blind ? 0 : err_set(err, rc, "%s", why.text);
	return page_files_read(c->s->kernel, found, c->n, &c->files, err);
}

static enum guard_access access_of(const struct check *c, size_t i)
{
	const struct guard_piece *p = &c->pieces[i];

	switch (p->place->space) {
	case ADDR_PID:
		return GUARD_BY_PROCESS;
	case ADDR_KERNEL:
		return GUARD_BY_KERNEL;
	case ADDR_CR3:
		if (p->at >> 63)
			return GUARD_BY_KERNEL;
		return c->owners.v[c->owner_of[i]].mm.addr ? GUARD_BY_PROCESS
							   : GUARD_BY_FRAME;
	case ADDR_PHYS:
		break;
	}
	return GUARD_BY_FRAME;
}

static int refuse(struct check *c, size_t i, unsigned int missing,
		  const struct guard_verdict *v, const struct page_info *page,
		  struct err *err)
{
	static const char *const names[] = {" --shared", " --readonly",
					    " --physical"};
	const struct guard_piece *p = &c->pieces[i];
	char label[64], others[64] = "", options[48] = "";
	size_t bit, len = 0;

	if (access_of(c, i) == GUARD_BY_PROCESS &&
	    page->kind == PAGE_ANON_SHARED)
		guard_others(c->s->kernel, &c->owners.v[c->owner_of[i]].mm,
			     p->at, p->pa, others, sizeof(others));
	for (bit = 0; bit < 3; bit++)
		if (missing >> bit & 1)
			len += (size_t)snprintf(options + len,
						sizeof(options) - len, "%s",
						names[bit]);
	place_label(p->place, p->at, label, sizeof(label));
	if (v->never)
		return err_set(err, ERR_REFUSED,
			       "%s: %s; nothing was written, and no option "
			       "allows it",
			       label, v->why);
	return err_set(err, ERR_REFUSED,
		       "%s: %s%s; nothing was written ('qvmi write%s' would "
		       "write it)",
		       label, v->why, others, options);
}

static int judge_all(struct check *c, const struct page_info *found, bool blind,
		     unsigned int allow, size_t *bad, struct err *err)
{
	const struct walk *walk = c->walks;
	struct guard_verdict v;
	size_t i;

	for (i = 0; i < c->n; i++) {
		const struct guard_piece *p = &c->pieces[i];
		const struct vma_list *vmas = &c->vmas[c->owner_of[i]];
		struct guard_page page = {
			.access = access_of(c, i),
			.blind = blind,
			.vma = vma_find(vmas, p->at),
			.info = found[i],
			.file = page_file_of(&c->files, &found[i]),
		};

		if (p->place->space != ADDR_PHYS) {
			page.entry_writes = walk->write;
			page.entry_dirty =
				walk->n && walk->level[walk->n - 1].entry &
						   (PTE_D | PTE_SAVED_D);
			walk++;
		}
		*bad = i;
		if (page.access == GUARD_BY_PROCESS && !page.vma && vmas->torn)
			return err_set(err, ERR_UNREADABLE,
				       "the VMAs are not whole: %s", vmas->why);
		guard_judge(&page, allow, &v);
		if (v.never || v.need & ~allow)
			return refuse(c, i, v.need & ~allow, &v, &found[i],
				      err);
	}
	return 0;
}

int guard_check(struct session *s, const struct guard_piece *pieces, size_t n,
		unsigned int allow, struct page_info *found, bool *blind,
		size_t *bad, struct err *err)
{
	_cleanup_(check_deinit) struct check c = {
		.s = s, .pieces = pieces, .n = n};
	int rc = find_owners(&c, err);

	if (!rc)
		rc = read_vmas(&c, err);
	if (!rc)
		rc = walk_all(&c, err);
	if (!rc)
		rc = read_pages(&c, found, blind, err);
	return rc ? rc : judge_all(&c, found, *blind, allow, bad, err);
}
