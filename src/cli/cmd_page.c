/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi page: what the kernel knows of the pages behind addresses. */
#include "cli/commands.h"

#include <string.h>

#include "cli/budget.h"
#include "cli/page_show.h"
#include "cli/page_summary.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "guest/place.h"

#define LENGTH_MAX (64ULL << 30)

struct state {
	const char *list; /* a kind of page, or NULL */
	bool sums;	  /* how all of RAM is used */
	struct page_summary summary;
	struct addr addr;
	uint64_t len; /* 0: not given, one page */
	struct place place;
	struct page_runs runs; /* with what is chosen by list */
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
	struct page_runs *r = &st->runs;
	size_t i;

	st->sums |= key == 's';
	if (key != 'l')
		return key == 's' ? 0 : ARGP_ERR_UNKNOWN;
	st->list = arg;
	r->choose = true;
	r->hugetlb = !strcmp(arg, "hugetlb");
	r->kinds = 0;
	for (i = 0; i < sizeof(kind_words) / sizeof(kind_words[0]); i++)
		if (!strcmp(arg, kind_words[i].name))
			r->kinds = kind_words[i].kinds;
	for (i = 0; i < PAGE_KINDS && !r->kinds && !r->hugetlb; i++)
		if (!strcmp(arg, page_kind_name((enum page_kind)i)))
			r->kinds = KIND(i);
	return r->kinds || r->hugetlb
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

/* All RAM: for each frame its struct page is read, of 64 bytes. */
static int list_pages(struct session *s, struct state *st, struct err *err)
{
	const struct machine *m = s->guest.machine;
	size_t i;
	int rc = budget_check(s, budget_ram(m, 0, UINT64_MAX) / 64, err);

	st->place = (struct place){.space = ADDR_PHYS};
	for (i = 0; i < m->ram.n && !rc; i++)
		rc = page_runs_add(&s->guest, &st->runs, m->ram.v[i].start,
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
	return page_runs_add(&s->guest, &st->runs, at, left, err);
}

static int page_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc;

	if (st->sums) {
		rc = page_summary_read(s, &st->summary, err);
		return rc ? err_wrap(err, rc, "page") : 0;
	}
	st->runs.place = &st->place;
	rc = st->list ? list_pages(s, st, err) : take_place(s, st, err);
	if (!rc)
		rc = page_runs_name(&s->guest, &st->runs, err);
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
	for (i = 0; i < st->runs.runs.n; i++) {
		page_show_run(out, s->guest.kernel, &st->runs, i);
		any |= walk_has_frame(st->runs.runs.v[i].result);
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

	page_runs_deinit(&st->runs);
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
