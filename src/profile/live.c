/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's own memory as a source of symbols and types. */
#include "profile/live.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/kallsyms.h"
#include "profile/scan.h"

#define OVERLAP	   8192u /* a token table, or a header, on a chunk's edge */
#define MAX_TOKENS 4u	 /* token tables in one span; there is one */
#define BEHIND	   16u	 /* relative_base, behind the last table (6.4) */
#define MAX_BLOBS  8u /* of BTF that are tried; each may be read for nothing */

/* The window grows a few times before it holds all tables. */
#define MAX_STEPS (4ULL * KALLSYMS_STEPS)

/* What is looked for in one span of the image; the result is in parts. */
struct search {
	const struct profile_image *img;
	struct image_window *keep; /* gets the window of success, or NULL */
	struct parts *parts;
	/* Look at the window after it grew: 1 found, 0 go on, or negative. */
	int (*look)(struct search *s, const struct image_window *w, size_t from,
		    size_t to, struct err *err);
	size_t tokens[MAX_TOKENS]; /* positions in the span */
	size_t n_tokens, n_blobs;
	uint64_t steps;	 /* spent on kallsyms */
	bool upwards;	 /* the banner is at rodata's start, the rest behind */
	bool saw_banner; /* so the span is the kernel's rodata */
	uint64_t hole;	 /* an address that could not be read, or 0 */
	char *banner;	 /* for look_for_banner() */
	size_t banner_size;
};

/* Let a window grow over a span until look() has found something. */
static int search_span(struct search *s, struct image_span span, bool downwards,
		       struct err *err)
{
	_cleanup_(image_window_deinit) struct image_window w = {0};
	size_t from, to, at = 0, before;
	int rc;

	if (image_window_init(&w, s->img, span, downwards))
		return err_nomem(err);
	s->n_tokens = 0;
	for (;;) {
		before = downwards ? w.lo : w.hi;
		rc = image_window_grow(&w, err);
		if (rc <= 0)
			break;
		from = downwards
			       ? w.lo
			       : before - (before < OVERLAP ? before : OVERLAP);
		to = downwards ? before + OVERLAP : w.hi;
		rc = s->look(s, &w, from, to < w.hi ? to : w.hi, err);
		if (rc)
			break;
	}
	if (rc > 0 && s->keep) {
		*s->keep = w;
		w = (struct image_window){0};
	}
	if (!rc)
		s->saw_banner |= scan_banner(w.buf, span.len, &at);
	if (!rc && w.holes.n)
		s->hole = s->img->text + w.holes.v[0].offset;
	return rc;
}

/* Search rodata, then, unless that was seen to be all, the whole image. */
static int live_search_image(struct search *s, struct err *err)
{
	struct image_span *spans;
	bool rodata;
	size_t i, n;
	int rc = 0, pass;

	for (pass = 0; pass < 2 && !rc && !s->saw_banner; pass++) {
		rodata = pass == 0;
		if (image_spans(s->img, rodata, &spans, &n))
			return err_nomem(err);
		for (i = 0; i < n && !rc; i++)
			rc = search_span(s, spans[i], rodata && !s->upwards,
					 err);
		free(spans);
	}
	return rc;
}

/* Chunks overlap, so a table may be seen twice. */
static void note_tokens(struct search *s, size_t at)
{
	size_t i;

	for (i = 0; i < s->n_tokens; i++)
		if (s->tokens[i] == at)
			return;
	if (s->n_tokens < MAX_TOKENS)
		s->tokens[s->n_tokens++] = at;
}

/*
 * Whether all of kallsyms was there: zeros in place of what cannot be read
 * would make symbols that look sound.  The tables lie side by side, but that
 * of absolute addresses, which is not told of.
 */
static int check_tables(const struct image_window *w, const struct landmarks *l,
			struct err *err)
{
	const struct image_span *const tables[] = {&l->num_syms, &l->tokens,
						   &l->names, &l->offsets};
	uint64_t start = UINT64_MAX, end = 0;
	size_t i;

	for (i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		const struct image_span *t = tables[i];

		if (!t->len)
			return image_window_check(w, w->span, err);
		if (t->offset < start)
			start = t->offset;
		if (t->offset + t->len > end)
			end = t->offset + t->len;
	}
	return image_window_check(
		w, (struct image_span){start, end + BEHIND - start}, err);
}

static int look_for_kallsyms(struct search *s, const struct image_window *w,
			     size_t from, size_t to, struct err *err)
{
	struct scan scan = {
		.at = w->buf + w->lo,
		.len = w->hi - w->lo,
		.va = s->img->text + w->span.offset + w->lo,
		.text = s->img->text,
		.image = image_of_guest(s->img),
	};
	size_t i, at;
	int rc = 0;

	for (at = from; kallsyms_tokens(w->buf, to, &at); at++)
		note_tokens(s, at);
	for (i = 0; i < s->n_tokens && !rc && s->steps < MAX_STEPS; i++) {
		scan.steps = 0;
		rc = scan_kallsyms(&scan, s->tokens[i] - w->lo, s->parts, err);
		s->steps += scan.steps;
	}
	if (rc <= 0)
		return rc;
	rc = check_tables(w, &s->parts->places, err);
	return rc ? rc : 1;
}

void live_deinit(struct live *g)
{
	image_window_deinit(&g->window);
}

int live_symbols(struct live *g, struct parts *p, struct err *err)
{
	struct search s = {.img = g->img,
			   .keep = &g->window,
			   .parts = p,
			   .look = look_for_kallsyms};
	int rc = live_search_image(&s, err);

	if (rc < 0)
		return rc;
	if (!rc && s.hole)
		return err_set(err, ERR_UNREADABLE,
			       "no kallsyms, but the kernel's image cannot be "
			       "read at 0x%" PRIx64,
			       s.hole);
	if (!rc)
		return err_helps(err,
				 err_set(err, ERR_NO_LINUX,
					 "kernel has no kallsyms in memory "
					 "(CONFIG_KALLSYMS is off?): give its "
					 "System.map, vmlinux or vmlinuz"),
				 REMEDY_PROFILE, 0);
	return 0;
}

/* Read a blob and take it; ERR_CORRUPT: it is none. */
static int take_btf(const struct profile_image *img,
		    const struct image_window *w, struct parts *p,
		    struct image_span span, struct err *err)
{
	uint8_t *btf;
	int rc;

	btf = malloc(span.len);
	if (!btf)
		return err_nomem(err);
	rc = image_window_copy(w, img, span, btf, err);
	if (!rc)
		rc = parts_take_btf(p, btf, span.len, btf, err);
	if (rc) {
		free(btf);
		return rc;
	}
	p->places.btf = span;
	return 0;
}

static int look_for_btf(struct search *s, const struct image_window *w,
			size_t from, size_t to, struct err *err)
{
	struct image_span span;
	size_t at, size;
	int rc;

	for (at = from; scan_btf(w->buf, to, &at, &size); at++) {
		if (s->n_blobs++ >= MAX_BLOBS)
			return 0;
		span = (struct image_span){w->span.offset + at, size};
		rc = take_btf(s->img, w, s->parts, span, err);
		if (!rc)
			return 1;
		if (rc != ERR_CORRUPT && rc != ERR_UNREADABLE)
			return rc;
	}
	return 0;
}

/* What helps where the types are missing. */
#define GIVE_TYPES "give its vmlinux or vmlinuz"

int live_types(struct live *g, struct parts *p, struct err *err)
{
	struct err why = {0};
	struct search s = {.img = g->img, .parts = p, .look = look_for_btf};
	struct image_span span = {0};
	uint64_t va = g->img->text;
	int rc;

	parts_btf_span(p, &span);
	if (span.len) {
		rc = take_btf(g->img, &g->window, p, span, &why);
		va += span.offset;
		if (rc == ERR_CORRUPT || rc == ERR_UNREADABLE)
			return err_helps(
				err,
				err_set(err, ERR_NO_LINUX,
					"kernel has no sound BTF at 0x%" PRIx64
					" (%.200s): " GIVE_TYPES,
					va, why.text),
				REMEDY_PROFILE, 0);
		return rc ? err_set(err, rc, "BTF at 0x%" PRIx64 ": %.400s", va,
				    why.text)
			  : 0;
	}
	rc = live_search_image(&s, err);
	if (rc < 0)
		return rc;
	if (!rc && s.hole)
		return err_set(err, ERR_UNREADABLE,
			       "no BTF, but the kernel's image cannot be read "
			       "at 0x%" PRIx64,
			       s.hole);
	if (!rc)
		return err_helps(
			err,
			err_set(err, ERR_NO_LINUX,
				"kernel has no BTF type information "
				"(CONFIG_DEBUG_INFO_BTF is off, or it is older "
				"than 5.2): " GIVE_TYPES),
			REMEDY_PROFILE, 0);
	return 0;
}

/*
 * From 6.1 on a weak copy without the build's number lies in front of the
 * banner itself (init/version.c, version-timestamp.c); it will do at a pinch.
 */
static int look_for_banner(struct search *s, const struct image_window *w,
			   size_t from, size_t to, struct err *err)
{
	const char *build;
	size_t at;

	(void)err;
	for (at = from; scan_banner(w->buf, to, &at); at++) {
		identity_text(w->buf + at, to - at, s->banner, s->banner_size);
		build = strstr(s->banner, " #");
		if (build && build[2] >= '0' && build[2] <= '9')
			return 1;
	}
	return 0;
}

void live_banner(const struct profile_image *img, char *text, size_t size)
{
	struct search s = {.img = img,
			   .look = look_for_banner,
			   .upwards = true,
			   .banner = text,
			   .banner_size = size};

	snprintf(text, size, "unknown");
	live_search_image(&s, NULL);
}
