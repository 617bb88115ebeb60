/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi page: what the kernel knows of the pages behind addresses. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/out_symbol.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/number.h"
#include "guest/place.h"
#include "kernel/page.h"

#define LENGTH_MAX (64ULL << 30)

/* So many pages are looked at together: more of them would take memory. */
#define SLICE (1u << 14)

/* Pages that follow each other and are alike in all that is shown. */
struct run {
	uint64_t at, pages;
	enum walk_result result; /* WALK_MAPPED for physical addresses */
};

struct state {
	struct addr addr;
	uint64_t len; /* 0: not given, one page */
	struct place place;
	VEC(struct run) runs;
	VEC(struct page_info) infos; /* the first page of each run */
	struct symbol *symbols;	     /* where each run begins */
	struct page_files files;
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
	       a->hugetlb == b->hugetlb && (a->nr == 1 || a->head == b->head);
}

/* One more page: it makes the last run longer, or begins a new one. */
static int add_page(struct state *st, const struct walk *w,
		    const struct page_info *info)
{
	bool frame = walk_has_frame(w->result);
	struct run *last;

	if (vec_reserve(&st->runs, 1) || vec_reserve(&st->infos, 1))
		return ERR_NOMEM;
	last = &st->runs.v[st->runs.n ? st->runs.n - 1 : 0];
	if (st->runs.n && last->result == w->result &&
	    (!frame ||
	     alike(&st->infos.v[st->infos.n - 1], info, last->pages))) {
		last->pages++;
		return 0;
	}
	st->runs.v[st->runs.n++] = (struct run){w->va, 1, w->result};
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

		if (add_page(st, &walks[i], frame ? &infos[frames++] : &none))
			return err_nomem(err);
	}
	return rc;
}

static int name_runs(struct session *s, struct state *st, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(st->runs.n + 1, sizeof(*at));
	size_t i;

	st->symbols = calloc(st->runs.n + 1, sizeof(*st->symbols));
	if (!at || !st->symbols)
		return err_nomem(err);
	for (i = 0; i < st->runs.n; i++)
		at[i] = st->runs.v[i].at;
	return lookup_names(&s->guest, &st->place, at, st->runs.n, st->symbols,
			    err);
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
		rc = page_files_read(s->guest.kernel, st->infos.v, st->infos.n,
				     &st->files, err);
	if (!rc)
		rc = name_runs(s, st, err);
	return rc ? err_wrap(err, rc, "page") : 0;
}

enum {
	ADDRESS,
	PHYSICAL,
	PAGES,
	KIND,
	MAPCOUNT,
	REFCOUNT,
	EXTRA_REFS,
	FLAGS,
	COMPOUND,
	HUGETLB,
	SWAP_CACHE,
	MAPPING,
	INDEX,
	FILE_PATH,
	FILE_SYSTEM,
	MAJOR,
	MINOR,
	INODE,
	SYMBOL,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[PHYSICAL] = ROW_COLUMN("physical", "PHYSICAL", ROW_HEX),
	[PAGES] = ROW_COLUMN("pages", "PAGES", ROW_COUNT),
	[KIND] = ROW_COLUMN("kind", "KIND", ROW_WORDS),
	[MAPCOUNT] = ROW_COLUMN("mapcount", "MAPS", ROW_COUNT),
	[REFCOUNT] = ROW_COLUMN("refcount", "REFS", ROW_COUNT),
	[EXTRA_REFS] = ROW_COLUMN("extra_refs", NULL, ROW_COUNT),
	[FLAGS] = ROW_COLUMN("flags", "FLAGS", ROW_WORDS),
	[COMPOUND] = ROW_COLUMN("compound", "COMPOUND", ROW_COUNT),
	[HUGETLB] = ROW_COLUMN("hugetlb", NULL, ROW_FLAG),
	[SWAP_CACHE] = ROW_COLUMN("swap_cache", NULL, ROW_FLAG),
	[MAPPING] = ROW_COLUMN("mapping", NULL, ROW_HEX),
	[INDEX] = ROW_COLUMN("index", NULL, ROW_COUNT),
	[FILE_PATH] = ROW_COLUMN("file", "FILE", ROW_GUEST),
	[FILE_SYSTEM] = ROW_COLUMN("fs", "FS", ROW_GUEST),
	[MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[INODE] = ROW_COLUMN("inode", NULL, ROW_COUNT),
	[SYMBOL] = {.key = "symbol",
		    .title = "SYMBOL",
		    .type = ROW_GUEST,
		    .sparse = true},
};

static void show_file(struct row_table *t, const struct page_file *f)
{
	if (f->path)
		row_string(t, FILE_PATH, f->path);
	if (*f->fs)
		row_string(t, FILE_SYSTEM, f->fs);
	if (!f->known)
		return;
	row_number(t, MAJOR, f->dev >> 20);
	row_number(t, MINOR, f->dev & 0xfffff);
	row_number(t, INODE, f->ino);
}

/* What is known of a page that has a struct page. */
static void show_known(struct row_table *t, const struct kernel *k,
		       const struct run *r, const struct page_info *p)
{
	char flags[256];

	page_flag_names(k, p->flags, flags, sizeof(flags));
	if (p->maps_counted)
		row_number(t, MAPCOUNT, p->mapcount);
	if (p->refs_counted)
		row_number(t, REFCOUNT, (uint32_t)p->refcount);
	row_string(t, FLAGS, *flags ? flags : "-");
	if (p->nr > 1)
		row_number(t, COMPOUND, p->nr);
	row_number(t, HUGETLB, p->hugetlb);
	row_number(t, SWAP_CACHE, p->swap_cache);
	if (page_is_anon(p->kind) && p->extra_refs >= 0)
		row_number(t, EXTRA_REFS, (uint32_t)p->extra_refs);
	if (p->mapping)
		row_number(t, MAPPING, p->mapping);
	if (p->mapping && r->pages == 1)
		row_number(t, INDEX, p->index);
}

static void show_run(struct row_table *t, const struct state *st,
		     const struct kernel *k, size_t i)
{
	const struct run *r = &st->runs.v[i];
	const struct page_info *p = &st->infos.v[i];
	const struct page_file *f = page_file_of(&st->files, p);

	row_add(t);
	row_number(t, ADDRESS, r->at);
	out_symbol(t, SYMBOL, &st->symbols[i]);
	row_number(t, PAGES, r->pages);
	if (!walk_has_frame(r->result)) {
		row_string(t, KIND, walk_result_name(r->result));
		return;
	}
	row_number(t, PHYSICAL, p->pfn * PAGE_SIZE_4K);
	row_string(t, KIND, page_kind_name(p->kind));
	if (p->kind != PAGE_UNKNOWN && p->kind != PAGE_NOT_RAM)
		show_known(t, k, r, p);
	if (f)
		show_file(t, f);
}

static int page_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	char label[64];
	size_t i;
	bool any = false;

	(void)err;
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < st->runs.n; i++) {
		show_run(&out->rows.top, st, s->guest.kernel, i);
		any |= walk_has_frame(st->runs.v[i].result);
	}
	place_label(&st->place, st->place.at, label, sizeof(label));
	if (!any)
		out_fail(out, ERR_NOT_FOUND, "page: %s: no page there", label);
	return 0;
}

static void page_deinit(void *state)
{
	struct state *st = state;

	vec_deinit(&st->runs);
	vec_deinit(&st->infos);
	page_files_deinit(&st->files);
	free(st->symbols);
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
