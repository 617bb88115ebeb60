/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts what all of RAM is used for, and shows it in tables with bars. */
#include "cli/page_summary.h"

#include <inttypes.h>
#include <string.h>

#include "cli/budget.h"
#include "kernel/page/page_kpf.h"
#include "kernel/page/page_stack.h"

/* Characters of the longest bar. */
#define BAR_WIDTH 24

/* So many frames are counted before it is said how far it has come. */
#define PART_FRAMES (1u << 15)

/* A block of RAM, part by part. */
static int summary_count(struct session *s, struct page_summary *sum,
			 const struct ram_range *r, uint64_t all,
			 struct err *err)
{
	uint64_t pfn = r->start / PAGE_SIZE_4K, n;
	const uint64_t end = pfn + r->size / PAGE_SIZE_4K;
	int rc = 0;

	for (; pfn < end && !rc; pfn += n) {
		progress_part(&s->progress, sum->census.frames, all);
		n = end - pfn < PART_FRAMES ? end - pfn : PART_FRAMES;
		rc = page_census_add(s->guest.kernel, &sum->census, pfn, n,
				     err);
	}
	return rc;
}

int page_summary_read(struct session *s, struct page_summary *sum,
		      struct err *err)
{
	const struct machine *m = s->guest.machine;
	struct kernel *k = s->guest.kernel;
	const uint64_t all = budget_ram(m, 0, UINT64_MAX);
	uint64_t end = 0;
	size_t i;
	/* of each frame a struct page of 64 bytes */
	int rc = budget_check(s, all / 64, err);

	if (!rc)
		rc = page_stacks_read(k, &sum->census.stacks, &sum->remarks,
				      err);
	for (i = 0; i < m->ram.n && !rc; i++) {
		const uint64_t start = m->ram.v[i].start / PAGE_SIZE_4K;

		sum->holes += start > end ? start - end : 0;
		end = start + m->ram.v[i].size / PAGE_SIZE_4K;
		rc = summary_count(s, sum, &m->ram.v[i], all / PAGE_SIZE_4K,
				   err);
	}
	return rc ? rc : page_census_end(k, &sum->census, err);
}

enum {
	RAM,
	PAGES,
	HOLES,
	OWNERS,
	SLABS,
	CLASSES,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[RAM] = ROW_COLUMN("ram", "RAM", ROW_SIZE),
	[PAGES] = ROW_COLUMN("pages", "Pages", ROW_COUNT),
	[HOLES] = ROW_COLUMN("holes", "No memory", ROW_SIZE),
	[OWNERS] = ROW_COLUMN("owners", "By owner", ROW_TABLE),
	[SLABS] = ROW_COLUMN("slabs", "Slab, by cache", ROW_TABLE),
	[CLASSES] = ROW_COLUMN("classes", "By /proc/kpageflags", ROW_TABLE),
};

/* Each of the tables ends so. */
enum {
	OWN, /* its own two columns come first */
	OWN2,
	SHARE_PAGES,
	SHARE_BYTES,
	SHARE_BAR,
	N_SHARE_COLUMNS
};

#define SHARE_COLUMNS                                            \
	[SHARE_PAGES] = ROW_COLUMN("pages", "PAGES", ROW_COUNT), \
	[SHARE_BYTES] = ROW_COLUMN("bytes", "BYTES", ROW_SIZE),  \
	[SHARE_BAR] = {.title = "SHARE", .type = ROW_WORDS, .sparse = true}

static const struct row_column owner_columns[] = {
	[OWN] = ROW_COLUMN("owner", "OWNER", ROW_WORDS),
	[OWN2] = ROW_COLUMN("kind", "KIND", ROW_WORDS),
	SHARE_COLUMNS,
};

static const struct row_column slab_columns[] = {
	[OWN] = ROW_COLUMN("cache", "CACHE", ROW_GUEST),
	[OWN2] = ROW_COLUMN("address", NULL, ROW_HEX),
	SHARE_COLUMNS,
};

static const struct row_column class_columns[] = {
	[OWN] = ROW_COLUMN("flags", "FLAGS", ROW_HEX),
	[OWN2] = ROW_COLUMN(NULL, NULL, ROW_WORDS),
	SHARE_COLUMNS,
	[N_SHARE_COLUMNS] = ROW_COLUMN("names", "NAMES", ROW_WORDS),
};

/* What is there at all has a bar, on a terminal; `all` is as long as it gets.
 */
static void summary_share(const struct out *out, struct row_table *t,
			  uint64_t frames, uint64_t all)
{
	char bar[BAR_WIDTH + 1];
	size_t n = all ? (size_t)((frames * BAR_WIDTH + all / 2) / all) : 0;

	row_number(t, SHARE_PAGES, frames);
	row_number(t, SHARE_BYTES, frames * PAGE_SIZE_4K);
	if (!out->terminal)
		return;
	n = n > BAR_WIDTH ? BAR_WIDTH : n;
	memset(bar, '#', sizeof(bar));
	bar[n] = '\0';
	row_string(t, SHARE_BAR, n ? bar : ".");
}

/* Slabs together; their caches have a table of their own. */
static uint64_t summary_owners(const struct out *out, struct row_table *t,
			       const struct page_census *c)
{
	uint64_t slabs = 0, frames;
	size_t i;

	for (i = 0; i < c->shares.n; i++) {
		const struct page_share *s = &c->shares.v[i];

		frames = s->frames;
		if (s->owner == OWNER_SLAB) {
			slabs += frames;
			frames = slabs;
			if (i + 1 < c->shares.n &&
			    c->shares.v[i + 1].owner == OWNER_SLAB)
				continue;
		}
		row_add(t);
		row_string(t, OWN, page_owner_name(s->owner));
		row_string(t, OWN2, page_kind_name(s->kind));
		summary_share(out, t, frames, c->frames);
	}
	return slabs;
}

static void summary_slabs(const struct out *out, struct row_table *t,
			  const struct page_census *c, uint64_t all)
{
	size_t i;

	for (i = 0; i < c->shares.n; i++) {
		const struct page_share *s = &c->shares.v[i];
		const char *name = page_share_cache(c, s);

		if (s->owner != OWNER_SLAB)
			continue;
		row_add(t);
		if (name)
			row_string(t, OWN, name);
		if (s->cache)
			row_number(t, OWN2, s->cache);
		summary_share(out, t, s->frames, all);
	}
}

static void summary_classes(const struct out *out, struct row_table *t,
			    const struct page_census *c)
{
	char names[512];
	size_t i;

	for (i = 0; i < c->classes.n; i++) {
		const struct page_class *p = &c->classes.v[i];

		page_kpf_names(p->kpf, names, sizeof(names));
		row_add(t);
		row_number(t, OWN, p->kpf);
		summary_share(out, t, p->frames, c->frames);
		row_string(t, N_SHARE_COLUMNS, *names ? names : "-");
	}
}

void page_summary_show(struct out *out, const struct page_summary *sum)
{
	const struct page_census *c = &sum->census;
	struct row_table *t = &out->rows.top, *owners, *slabs, *classes;
	const char *remark = NULL;
	uint64_t all;

	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(t);
	row_number(t, RAM, c->frames * PAGE_SIZE_4K);
	row_number(t, PAGES, c->frames);
	row_number(t, HOLES, sum->holes * PAGE_SIZE_4K);
	owners = row_subtable(t, OWNERS, owner_columns, N_SHARE_COLUMNS);
	slabs = row_subtable(t, SLABS, slab_columns, N_SHARE_COLUMNS);
	classes = row_subtable(t, CLASSES, class_columns, N_SHARE_COLUMNS + 1);
	all = summary_owners(out, owners, c);
	summary_slabs(out, slabs, c, all);
	summary_classes(out, classes, c);
	while ((remark = remarks_next(&sum->remarks, remark)))
		out_note(out, "%s", remark);
	if (c->unclassed)
		out_fail(
			out, ERR_CORRUPT,
			"page: more combinations of flags than any kernel has: "
			"%" PRIu64 " pages are in none of those shown",
			c->unclassed);
	if (c->uncached)
		out_fail(out, ERR_CORRUPT,
			 "page: more slab caches than any kernel has: %" PRIu64
			 " pages are of others",
			 c->uncached);
}

void page_summary_deinit(struct page_summary *sum)
{
	page_census_deinit(&sum->census);
	remarks_deinit(&sum->remarks);
}
