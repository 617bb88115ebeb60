/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi page: what the kernel knows of the pages behind addresses. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/budget.h"
#include "cli/page_show.h"
#include "cli/page_summary.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/number.h"
#include "guest/place.h"

#define LENGTH_MAX (64ULL << 30)

/* So many pages are looked at together: more of them would take memory. */
#define SLICE (1u << 14)

/* Runs of one kind in all RAM: more of them are no list that anybody reads. */
#define LISTED_MOST (1u << 20)

struct state {
	const char *list; /* a kind of page, or NULL */
	uint32_t kinds;	  /* which of them that is, a bit each... */
	bool hugetlb;	  /* ...or these */
	bool sums;	  /* how all of RAM is used */
	struct page_summary summary;
	struct addr addr;
	uint64_t len; /* 0: not given, one page */
	struct place place;
	struct page_answer answer;
};

static const struct argp_option options[] = {
	{"list", 'l', "KIND", 0,
	 "All pages of RAM that are of that kind: as the column KIND has it, "
	 "or "
	 "anon, table, buddy, reserved, hugetlb",
	 0},
	{"summary", 's', NULL, 0,
	 "How all of RAM is used: by owner, by slab cache, and by the words of "
	 "/proc/kpageflags",
	 0},
	{0}};

#define KIND(k) (1u << (k))

/* Words that stand for several kinds, or for another name of one. */
static const struct {
	const char *name;
	uint32_t kinds;
} kind_words[] = {
	{"anon", KIND(PAGE_ANON) | KIND(PAGE_ANON_SHARED)},
	{"buddy", KIND(PAGE_FREE)},
	{"table", KIND(PAGE_TABLE)},
	{"reserved", KIND(PAGE_RESERVED) | KIND(PAGE_TEXT) | KIND(PAGE_RODATA) |
			     KIND(PAGE_DATA) | KIND(PAGE_PERCPU)},
};

static int page_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;
	size_t i;

	st->sums |= key == 's';
	if (key != 'l')
		return key == 's' ? 0 : ARGP_ERR_UNKNOWN;
	st->list = arg;
	st->hugetlb = !strcmp(arg, "hugetlb");
	st->kinds = 0;
	for (i = 0; i < sizeof(kind_words) / sizeof(kind_words[0]); i++)
		if (!strcmp(arg, kind_words[i].name))
			st->kinds = kind_words[i].kinds;
	for (i = 0; i < PAGE_KINDS && !st->kinds && !st->hugetlb; i++)
		if (!strcmp(arg, page_kind_name((enum page_kind)i)))
			st->kinds = KIND(i);
	return st->kinds || st->hugetlb
		       ? 0
		       : err_set(err, ERR_USAGE,
				 "--list '%s' is no kind of page: anon, file, "
				 "shmem, slab, table, buddy, reserved, "
				 "hugetlb, ksm...",
				 arg);
}

static int page_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc;

	if (st->list && st->sums)
		return err_set(err, ERR_USAGE,
			       "--list and --summary: one of them, please");
	if (st->list || st->sums)
		return n ? err_set(err, ERR_USAGE,
				   "%s is of all RAM: it takes no address",
				   st->list ? "--list" : "--summary")
			 : 0;
	if (!n)
		return cmd_missing(&cmd_page, err);
	rc = addr_parse(argv[0], &st->addr, err);
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

static bool is_listed(const struct state *st, const struct page_info *p)
{
	return st->kinds & KIND(p->kind) || (st->hugetlb && p->hugetlb);
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

		if (st->list && !is_listed(st, &infos[i])) {
			frames++;
			continue;
		}
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

/* Pages from `at` on, a slice at a time. */
static int take_pages(struct session *s, struct state *st, uint64_t at,
		      uint64_t left, struct err *err)
{
	size_t n;
	int rc = 0;

	for (; left && !rc; left -= n, at += n * (uint64_t)PAGE_SIZE_4K) {
		n = left < SLICE ? (size_t)left : SLICE;
		rc = take_slice(s, st, at, n, err);
		if (!rc && st->list && st->answer.runs.n > LISTED_MOST)
			rc = err_set(err, ERR_REFUSED,
				     "more than %u runs of such pages",
				     LISTED_MOST);
	}
	return rc;
}

/* All RAM: for each frame its struct page is read, of 64 bytes. */
static int list_pages(struct session *s, struct state *st, struct err *err)
{
	const struct machine *m = s->guest.machine;
	size_t i;
	int rc = budget_check(s, budget_ram(m, 0, UINT64_MAX) / 64, err);

	st->place = (struct place){.space = ADDR_PHYS};
	for (i = 0; i < m->ram.n && !rc; i++)
		rc = take_pages(s, st, m->ram.v[i].start,
				m->ram.v[i].size / PAGE_SIZE_4K, err);
	return rc;
}

static int take_place(struct session *s, struct state *st, struct err *err)
{
	uint64_t at, left;
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
	return take_pages(s, st, at, left, err);
}

static int page_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	if (st->sums) {
		rc = page_summary_read(s, &st->summary, err);
		return rc ? err_wrap(err, rc, "page") : 0;
	}
	rc = st->list ? list_pages(s, st, err) : take_place(s, st, err);
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
	if (st->sums) {
		page_summary_show(out, &st->summary);
		return 0;
	}
	page_show_begin(out);
	for (i = 0; i < st->answer.runs.n; i++) {
		page_show_run(out, s->guest.kernel, &st->answer, i);
		any |= walk_has_frame(st->answer.runs.v[i].result);
	}
	place_label(&st->place, st->place.at, label, sizeof(label));
	if (!any && st->list)
		out_fail(out, ERR_NOT_FOUND,
			 "page: no page of RAM is of kind '%s'", st->list);
	else if (!any)
		out_fail(out, ERR_NOT_FOUND, "page: %s: no page there", label);
	return 0;
}

static void page_deinit(void *state)
{
	struct state *st = state;

	page_answer_deinit(&st->answer);
	page_summary_deinit(&st->summary);
}

const struct cmd cmd_page = {
	.name = "page",
	.topic = TOPIC_LOOK,
	.summary = "Show what the kernel knows of the pages behind addresses",
	.args = "{ADDRESS [LENGTH] | --list KIND | --summary}",
	.doc = "What kind of page it is, how many map it, who else refers to "
	       "it, its flags, and the file whose cache it is.  LENGTH takes "
	       "K, M, G; without it one page is shown.  Pages that follow each "
	       "other and are alike share a line.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 0,
	.max_args = 2,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = page_option,
	.operands = page_operands,
	.run = page_run,
	.show = page_show,
	.deinit = page_deinit,
};
