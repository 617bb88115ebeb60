/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/kpagecount, kpageflags, kpagecgroup: a word for each frame, at its
 * number times 8 (fs/proc/page.c). */
#include <endian.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/limits.h"
#include "kernel/page/page.h"
#include "kernel/page/page_group.h"
#include "kernel/page/page_kpf.h"
#include "kernel/variables.h"
#include "proc/proc.h"

#define WORD 8u

/* Frames of a section of memory (CONFIG_SPARSEMEM); the last is told whole. */
#define SECTION_FRAMES (1ULL << 15)

/* Frames that are told, and where their words go. */
struct kpage_work {
	struct kernel *k;
	uint64_t first;
	size_t n;
	uint8_t *dst, *next;
	bool of_head;		       /* tails are charged as their heads */
	struct map seen;	       /* whom pages are charged to */
	VEC(struct page_info) charged; /* a page of each */
};

static void kpage_work_deinit(struct kpage_work *w)
{
	map_deinit(&w->seen);
	vec_deinit(&w->charged);
}

static void kpage_put(struct kpage_work *w, uint64_t value)
{
	uint64_t word = htole64(value);

	memcpy(w->next, &word, WORD);
	w->next += WORD;
}

static int kpagecount_put(void *ctx, const struct page_info *pages, size_t n,
			  struct err *err)
{
	size_t i;

	(void)err;
	for (i = 0; i < n; i++)
		kpage_put(ctx, pages[i].maps_counted ? pages[i].mapcount : 0);
	return 0;
}

static int kpageflags_put(void *ctx, const struct page_info *pages, size_t n,
			  struct err *err)
{
	size_t i;

	(void)err;
	for (i = 0; i < n; i++)
		kpage_put(ctx, pages[i].kpf);
	return 0;
}

/* Whom a page is charged to as page_cgroup_ino() sees it (mm/memcontrol.c). */
static uint64_t kpage_charge(const struct kpage_work *w,
			     const struct page_info *page)
{
	if (page->kpf >> KPF_NOPAGE & 1)
		return 0;
	return page->head == page->pfn || w->of_head ? page->memcg : 0;
}

/* For now, whom they are charged to; its number is known later. */
static int kpagecgroup_put(void *ctx, const struct page_info *pages, size_t n,
			   struct err *err)
{
	struct kpage_work *w = ctx;
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t memcg = kpage_charge(w, &pages[i]);

		kpage_put(w, memcg);
		if (!memcg || map_get(&w->seen, memcg, NULL))
			continue;
		if (w->charged.n >= PAGE_CHARGES_MAX)
			return err_set(err, ERR_CORRUPT,
				       "pages are charged to more than %u "
				       "groups; qvmi reads no more",
				       PAGE_CHARGES_MAX);
		if (map_put(&w->seen, memcg, 0) ||
		    vec_push(&w->charged, pages[i]))
			return err_nomem(err);
	}
	return 0;
}

/* Put the numbers of groups where what leads to them stands. */
static int kpagecgroup_settle(struct kpage_work *w, struct err *err)
{
	_cleanup_(page_groups_deinit) struct page_groups groups = {0};
	int rc = page_groups_read(w->k, w->charged.v, w->charged.n, &groups,
				  err);
	size_t i;

	w->next = w->dst;
	for (i = 0; i < w->n && !rc; i++) {
		const struct page_group *g;
		struct page_info page = {0};

		memcpy(&page.memcg, w->next, WORD);
		page.memcg = le64toh(page.memcg);
		g = page_group_of(&groups, &page);
		kpage_put(w, g ? g->inode : 0);
	}
	return rc;
}

/* Which frames are asked for; none of them where there are no more. */
static int kpage_frames(struct kpage_work *w, const struct proc_bytes *b,
			struct err *err)
{
	struct variable last = {.name = "max_pfn", .size = 8};
	uint64_t frames, n = b->len / WORD;
	int rc;

	if (b->offset % WORD || b->len % WORD)
		return err_set(err, ERR_USAGE,
			       "words of pages are read in units of %u bytes",
			       WORD);
	rc = variables_read(w->k, &last, 1, err);
	if (rc)
		return rc;
	if (!last.known)
		return err_set(err, ERR_UNREADABLE,
			       "how many frames there are cannot be read");
	w->first = b->offset / WORD;
	w->dst = w->next = b->dst;
	frames = (last.value + SECTION_FRAMES - 1) & ~(SECTION_FRAMES - 1);
	if (w->first >= frames)
		return 0;
	w->n = n < frames - w->first ? n : frames - w->first;
	return 0;
}

/* Scan the frames that are asked for. */
static int kpage_scan(struct kpage_work *w, struct proc_bytes *b,
		      page_visit *put, struct err *err)
{
	int rc = kpage_frames(w, b, err);

	if (!rc)
		rc = page_scan(w->k, w->first, w->n, put, w, err);
	b->got = rc ? 0 : w->n * WORD;
	return rc;
}

static int kpagecount_read(struct kernel *k, struct proc_bytes *b,
			   struct err *err)
{
	struct kpage_work w = {.k = k};

	return kpage_scan(&w, b, kpagecount_put, err);
}

static int kpagecount_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
			    struct err *err)
{
	return proc_bytes_each(k, b, n, kpagecount_read, err);
}

static int kpageflags_read(struct kernel *k, struct proc_bytes *b,
			   struct err *err)
{
	struct kpage_work w = {.k = k};

	return kpage_scan(&w, b, kpageflags_put, err);
}

static int kpageflags_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
			    struct err *err)
{
	return proc_bytes_each(k, b, n, kpageflags_read, err);
}

static int kpagecgroup_read(struct kernel *k, struct proc_bytes *b,
			    struct err *err)
{
	_cleanup_(kpage_work_deinit) struct kpage_work w = {
		.k = k, .of_head = page_group_of_head(k)};
	int rc = kpage_scan(&w, b, kpagecgroup_put, err);

	if (!rc)
		rc = kpagecgroup_settle(&w, err);
	if (rc)
		b->got = 0;
	return rc;
}

static int kpagecgroup_bytes(struct kernel *k, struct proc_bytes *b, size_t n,
			     struct err *err)
{
	return proc_bytes_each(k, b, n, kpagecgroup_read, err);
}

const struct proc_file proc_kpagecount = {
	.name = "kpagecount",
	.scope = PROC_SYSTEM,
	.kind = PROC_BYTES,
	.bytes = kpagecount_bytes,
};

const struct proc_file proc_kpageflags = {
	.name = "kpageflags",
	.scope = PROC_SYSTEM,
	.kind = PROC_BYTES,
	.bytes = kpageflags_bytes,
};

const struct proc_file proc_kpagecgroup = {
	.name = "kpagecgroup",
	.scope = PROC_SYSTEM,
	.kind = PROC_BYTES,
	.needs = "page_cgroup_ino",
	.bytes = kpagecgroup_bytes,
};
