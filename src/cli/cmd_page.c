/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi page: what the kernel knows of the pages behind addresses. */
#include "cli/commands.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/page_show.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/number.h"
#include "guest/place.h"

#define LENGTH_MAX (64ULL << 30)

/* So many pages are looked at together: more of them would take memory. */
#define SLICE (1u << 14)

struct state {
	struct addr addr;
	uint64_t len; /* 0: not given, one page */
	struct place place;
	struct page_answer answer;
};

static int page_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = addr_parse(argv[0], &st->addr, err);

	if (!rc && n > 1)
		rc = number_parse_size(argv[1], "length", LENGTH_MAX, &st->len,
				       err);
	if (!rc && n > 1 && !st->len)
		rc = err_set(err, ERR_USAGE, "length '%s' is zero", argv[1]);
	return rc;
}

/* Where n pages from `at` on are. */
static int find_frames(struct session *s, const struct place *p, uint64_t at,
		       size_t n, struct walk *walks, struct err *err)
{
	size_t i;

	for (i = 0; i < n; i++, at += PAGE_SIZE_4K) {
		if (p->space == ADDR_PHYS)
			walks[i] = (struct walk){
				.va = at, .pa = at, .result = WALK_MAPPED};
		else
			walk_launch(&walks[i], &p->root, at);
	}
	return p->space == ADDR_PHYS
		       ? 0
		       : walk_run(s->guest.machine, walks, n, err);
}

static bool alike(const struct page_info *a, const struct page_info *b,
		  uint64_t distance)
{
	return a->kind == b->kind && a->pfn + distance == b->pfn &&
	       a->flags == b->flags && a->mapping == b->mapping &&
	       a->mapcount == b->mapcount && a->refcount == b->refcount &&
	       a->maps_counted == b->maps_counted &&
	       a->extra_refs == b->extra_refs && a->nr == b->nr &&
	       a->hugetlb == b->hugetlb && a->order == b->order &&
	       a->memcg == b->memcg && a->cache == b->cache &&
	       a->migrate == b->migrate && (a->nr == 1 || a->head == b->head);
}

/* One more page: it makes the last run longer, or begins a new one. */
static int add_page(struct page_answer *st, const struct walk *w,
		    const struct page_info *info)
{
	bool frame = walk_has_frame(w->result);
	struct page_run *last;

	if (vec_reserve(&st->runs, 1) || vec_reserve(&st->infos, 1))
		return ERR_NOMEM;
	last = &st->runs.v[st->runs.n ? st->runs.n - 1 : 0];
	if (st->runs.n && last->result == w->result &&
	    (!frame ||
	     alike(&st->infos.v[st->infos.n - 1], info, last->pages))) {
		last->pages++;
		return 0;
	}
	st->runs.v[st->runs.n++] = (struct page_run){w->va, 1, w->result};
	st->infos.v[st->infos.n++] = *info;
	return 0;
}

/*
 * A page that a process maps though none of its mappings was counted: a driver
 * has put it there by its frame number (a dma_buf of pages of shared memory).
 */
static void judge_count(const struct place *p, struct page_info *info)
{
	if (p->space == ADDR_PID && !info->mapcount)
		info->maps_counted = false;
}

static int take_slice(struct session *s, struct state *st, uint64_t at,
		      size_t n, struct err *err)
{
	_cleanup_free_ struct walk *walks = calloc(n, sizeof(*walks));
	_cleanup_free_ uint64_t *pfns = calloc(n, sizeof(*pfns));
	_cleanup_free_ struct page_info *infos = calloc(n, sizeof(*infos));
	size_t i, frames = 0;
	int rc;

	if (!walks || !pfns || !infos)
		return err_nomem(err);
	rc = find_frames(s, &st->place, at, n, walks, err);
	for (i = 0; i < n && !rc; i++)
		if (walk_has_frame(walks[i].result))
			pfns[frames++] = walks[i].pa / PAGE_SIZE_4K;
	if (!rc)
		rc = page_read(s->guest.kernel, pfns, frames, infos, err);
	for (i = 0; i < frames && !rc; i++)
		judge_count(&st->place, &infos[i]);
	for (i = frames = 0; i < n && !rc; i++) {
		static const struct page_info none;
		bool frame = walk_has_frame(walks[i].result);

		if (add_page(&st->answer, &walks[i],
			     frame ? &infos[frames++] : &none))
			return err_nomem(err);
	}
	return rc;
}

static int name_runs(struct session *s, struct state *st, struct err *err)
{
	struct page_answer *a = &st->answer;
	_cleanup_free_ uint64_t *at = calloc(a->runs.n + 1, sizeof(*at));
	size_t i;

	a->symbols = calloc(a->runs.n + 1, sizeof(*a->symbols));
	if (!at || !a->symbols)
		return err_nomem(err);
	for (i = 0; i < a->runs.n; i++)
		at[i] = a->runs.v[i].at;
	return lookup_names(&s->guest, &st->place, at, a->runs.n, a->symbols,
			    err);
}

/* Whose the pages are: files, control groups, slab caches. */
static int name_owners(struct kernel *k, struct page_answer *a, struct err *err)
{
	int rc = page_files_read(k, a->infos.v, a->infos.n, &a->files, err);

	if (!rc)
		rc = page_groups_read(k, a->infos.v, a->infos.n, &a->groups,
				      err);
	return rc ? rc
		  : page_slabs_read(k, a->infos.v, a->infos.n, &a->slabs, err);
}

static int page_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	uint64_t at, left;
	size_t n;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (rc)
		return rc;
	if (!place_fits(st->place.at, st->len))
		return err_set(err, ERR_REFUSED,
			       "page: the range runs over the end of the "
			       "address space");
	at = st->place.at & ~(uint64_t)(PAGE_SIZE_4K - 1);
	left = st->len ? (st->place.at + st->len - 1) / PAGE_SIZE_4K -
				 at / PAGE_SIZE_4K + 1
		       : 1;
	for (; left && !rc; left -= n, at += n * (uint64_t)PAGE_SIZE_4K) {
		n = left < SLICE ? (size_t)left : SLICE;
		rc = take_slice(s, st, at, n, err);
	}
	if (!rc)
		rc = name_owners(s->guest.kernel, &st->answer, err);
	if (!rc)
		rc = name_runs(s, st, err);
	return rc ? err_wrap(err, rc, "page") : 0;
}

static int page_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	char label[64];
	size_t i;
	bool any = false;

	(void)err;
	page_show_begin(out);
	for (i = 0; i < st->answer.runs.n; i++) {
		page_show_run(out, s->guest.kernel, &st->answer, i);
		any |= walk_has_frame(st->answer.runs.v[i].result);
	}
	place_label(&st->place, st->place.at, label, sizeof(label));
	if (!any)
		out_fail(out, ERR_NOT_FOUND, "page: %s: no page there", label);
	return 0;
}

static void page_deinit(void *state)
{
	struct state *st = state;

	page_answer_deinit(&st->answer);
}

const struct cmd cmd_page = {
	.name = "page",
	.topic = TOPIC_LOOK,
	.summary = "Show what the kernel knows of the pages behind addresses",
	.args = "ADDRESS [LENGTH]",
	.doc = "What kind of page it is, how many map it, who else refers to "
	       "it, its flags, and the file whose cache it is.  LENGTH takes "
	       "K, M, G; without it one page is shown.  Pages that follow each "
	       "other and are alike share a line.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = 2,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = page_operands,
	.run = page_run,
	.show = page_show,
	.deinit = page_deinit,
};
