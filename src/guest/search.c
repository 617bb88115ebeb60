/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching a guest's memory, a window of it at a time. */
#include "guest/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "walk/space.h"

/* One read; borders are multiples of it, so that no page is cut in two. */
#define PIECE (1u << 20)

/* In front of the window: the tail that a match can begin in, with its line. */
#define TAIL_MAX (PATTERN_MAX + SEARCH_LINE)

/* Slots of the address space that page tables are read of at once. */
#define SLOTS 8

/* Tables down to the pud: those of two petabytes. */
#define SLOT_TABLES 4096

void search_deinit(struct search *s)
{
	vec_deinit(&s->hits);
	vec_deinit(&s->pieces);
	buf_deinit(&s->bytes);
	free(s->window);
}

/* Read n pieces as one batch; those that are not there are marked. */
static int search_read_pieces(struct search *s, struct search_piece *v,
			      size_t n, struct err *err)
{
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct mem_read){
			.pa = v[i].pa, .dst = v[i].at, .len = v[i].len};
	rc = machine_read_past(s->m, reads, n, err);
	for (i = 0; i < n; i++)
		v[i].there = reads[i].status == MEM_OK;
	return rc;
}

/* The pages of a piece, in its place; *i is then behind the last. */
static int split(struct search *s, size_t *i, struct err *err)
{
	const struct search_piece whole = s->pieces.v[*i];
	size_t n = (whole.va % PAGE_SIZE_4K + whole.len + PAGE_SIZE_4K - 1) /
		   PAGE_SIZE_4K;
	size_t k, done = 0, len;

	if (vec_reserve(&s->pieces, n))
		return err_nomem(err);
	memmove(&s->pieces.v[*i + n], &s->pieces.v[*i + 1],
		(s->pieces.n - *i - 1) * sizeof(whole));
	s->pieces.n += n - 1;
	for (k = 0; k < n; k++, done += len) {
		len = PAGE_SIZE_4K - (whole.va + done) % PAGE_SIZE_4K;
		len = len < whole.len - done ? len : whole.len - done;
		s->pieces.v[*i + k] =
			(struct search_piece){.va = whole.va + done,
					      .pa = whole.pa + done,
					      .len = len,
					      .at = whole.at + done};
	}
	k = *i;
	*i += n;
	return search_read_pieces(s, &s->pieces.v[k], n, err);
}

/* In bulk; what fails page by page, so that a bad page costs no other. */
static int search_fill(struct search *s, size_t first, struct err *err)
{
	size_t i = first;
	int rc = search_read_pieces(s, s->pieces.v + first, s->pieces.n - first,
				    err);

	while (i < s->pieces.n && !rc) {
		if (s->pieces.v[i].there || s->pieces.v[i].len <= PAGE_SIZE_4K)
			i++;
		else
			rc = split(s, &i, err);
	}
	return rc;
}

/* Keep a match at bytes[at], of n that adjoin from virtual address va on. */
static int search_keep(struct search *s, const uint8_t *bytes, size_t n,
		       size_t at, uint64_t va, uint64_t pa, struct err *err)
{
	size_t len = s->pattern->value.len;
	size_t before = (va + at) % SEARCH_LINE, end = at + len;
	size_t after = (SEARCH_LINE - (va + end) % SEARCH_LINE) % SEARCH_LINE;
	size_t shown = len < SEARCH_SHOWN ? len : SEARCH_SHOWN;
	struct search_hit hit = {
		.at = va + at, .pa = pa, .bytes = s->bytes.len};

	hit.before = (uint8_t)(before < at ? before : at);
	hit.shown = (uint8_t)shown;
	hit.after = (uint8_t)(after < n - end ? after : n - end);
	buf_add(&s->bytes, bytes + at - hit.before, hit.before);
	buf_add(&s->bytes, bytes + at, shown);
	buf_add(&s->bytes, bytes + end, hit.after);
	if (s->bytes.oom || vec_push(&s->hits, hit))
		return err_nomem(err);
	return 0;
}

static uint64_t physical(const struct search *s, size_t piece, uint64_t va)
{
	while (va - s->pieces.v[piece].va >= s->pieces.v[piece].len)
		piece++;
	return s->pieces.v[piece].pa + (va - s->pieces.v[piece].va);
}

/*
 * Look through n bytes that adjoin, from piece `first` on; matches that end
 * within the first `seen` were found before.
 */
static int search_scan(struct search *s, size_t first, size_t n, size_t seen,
		       struct err *err)
{
	const uint8_t *bytes = s->pieces.v[first].at;
	uint64_t va = s->pieces.v[first].va, off;
	size_t len = s->pattern->value.len;
	size_t at = seen >= len ? seen - len + 1 : 0;
	int rc = 0;

	while (!rc && !s->cut) {
		at = pattern_find(s->pattern, bytes, n, at);
		if (at == n)
			break;
		off = (va + at) % s->align;
		if (off) {
			at += s->align - off < n - at ? s->align - off : n - at;
			continue;
		}
		if (s->hits.n == s->max)
			s->cut = true;
		else
			rc = search_keep(s, bytes, n, at, va,
					 physical(s, first, va + at), err);
		at++;
	}
	return rc;
}

/* The pieces from `first` on that adjoin and are there; how many bytes. */
static size_t stretch(const struct search *s, size_t first, size_t *end)
{
	const struct search_piece *v = s->pieces.v;
	size_t i, n = 0;

	for (i = first; i < s->pieces.n && v[i].there; i++) {
		if (i > first && v[i - 1].va + v[i - 1].len != v[i].va)
			break;
		n += v[i].len;
	}
	*end = i;
	return n;
}

/* The last bytes of the last n move in front of the window, as one piece or
 * some; nothing else is kept. */
static void keep_tail(struct search *s, size_t first, size_t n)
{
	size_t want = s->pattern->value.len - 1 + SEARCH_LINE;
	size_t tail = n < want ? n : want, skip = n - tail, kept = 0, i;
	uint8_t *to = s->window + TAIL_MAX - tail;

	for (i = first; i < s->pieces.n && n; i++) {
		struct search_piece p = s->pieces.v[i];

		if (skip >= p.len) {
			skip -= p.len;
			continue;
		}
		p.va += skip, p.pa += skip, p.at += skip, p.len -= skip;
		skip = 0;
		memmove(to, p.at, p.len);
		p.at = to;
		to += p.len;
		s->pieces.v[kept++] = p;
	}
	s->pieces.n = kept;
	s->used = 0;
}

/* How many of the pieces are the tail of the window before. */
static size_t tail_pieces(const struct search *s)
{
	size_t i = 0;

	while (i < s->pieces.n && s->pieces.v[i].at < s->window + TAIL_MAX)
		i++;
	return i;
}

/* Read what is planned and look through it. */
static int flush(struct search *s, struct err *err)
{
	size_t tail = tail_pieces(s), i, end, n = 0, last = 0, seen = 0, k;
	int rc = search_fill(s, tail, err);

	for (i = 0; i < tail; i++)
		seen += s->pieces.v[i].len;
	for (k = tail; k < s->pieces.n; k++)
		*(s->pieces.v[k].there ? &s->searched : &s->unread) +=
			s->pieces.v[k].len;
	for (i = 0; i < s->pieces.n && !rc && !s->cut; i = end + !n) {
		n = stretch(s, i, &end);
		if (n)
			rc = search_scan(s, i, n, i < tail ? seen : 0, err);
		last = i;
	}
	if (!rc && !s->cut)
		keep_tail(s, last, n);
	return rc;
}

static int add_piece(struct search *s, uint64_t va, uint64_t pa, size_t len,
		     struct err *err)
{
	if (!s->window)
		s->window = malloc(TAIL_MAX + SEARCH_WINDOW);
	if (!s->window || vec_reserve(&s->pieces, 1))
		return err_nomem(err);
	s->pieces.v[s->pieces.n++] =
		(struct search_piece){.va = va,
				      .pa = pa,
				      .len = len,
				      .at = s->window + TAIL_MAX + s->used};
	s->used += len;
	return 0;
}

/* Memory that lies at va, and at pa; the window may become full. */
static int add_memory(struct search *s, uint64_t va, uint64_t pa, uint64_t len,
		      struct err *err)
{
	uint64_t step;
	int rc = 0;

	for (; len && !rc && !s->cut; va += step, pa += step, len -= step) {
		if (s->most && s->searched + s->used > s->most)
			return err_set(err, ERR_REFUSED,
				       "more is mapped there than 64 times "
				       "the guest's RAM: give an address and "
				       "a length");
		step = PIECE - va % PIECE;
		step = step < len ? step : len;
		if (s->used + step > SEARCH_WINDOW)
			rc = flush(s, err);
		if (!rc)
			rc = add_piece(s, va, pa, (size_t)step, err);
	}
	return rc;
}

/* The part that is RAM: a window onto a device is not read. */
static int search_add_ram(struct search *s, uint64_t va, uint64_t pa,
			  uint64_t last, struct err *err)
{
	const struct ram_range *r = s->m->ram.v;
	const struct ram_range *end = r + s->m->ram.n;
	uint64_t from, to;
	int rc = 0;

	for (; r < end && !rc && !s->cut; r++) {
		from = r->start > pa ? r->start : pa;
		to = r->start + (r->size - 1);
		to = to < last ? to : last;
		if (from <= to)
			rc = add_memory(s, va + (from - pa), from,
					to - from + 1, err);
	}
	return rc;
}

static size_t table_limit(const struct machine *m)
{
	uint64_t pages = SLOT_TABLES;
	size_t i;

	for (i = 0; i < m->ram.n; i++)
		pages += m->ram.v[i].size / PAGE_SIZE_4K;
	return (size_t)pages;
}

/* The slots at v, n of them. */
static int search_slots(struct search *s, const uint64_t *v, size_t n,
			uint64_t start, uint64_t last, struct err *err)
{
	_cleanup_free_ struct space_extent *extents = NULL;
	uint64_t end = v[n - 1] + (SPACE_SLOT - 1);
	size_t count = 0;
	size_t i;
	int rc;

	start = start > v[0] ? start : v[0];
	last = last < end ? last : end;
	rc = space_extents(s->m, s->root, start, last, &s->bottom, &extents,
			   &count, err);
	for (i = 0; i < count && !rc && !s->cut; i++)
		rc = search_add_ram(s, extents[i].va, extents[i].pa,
				    extents[i].pa + (extents[i].len - 1), err);
	return rc;
}

int search_range(struct search *s, uint64_t start, uint64_t last,
		 struct err *err)
{
	_cleanup_free_ uint64_t *slots = NULL;
	size_t n = 0, i, some;
	int rc;

	if (!s->root)
		return search_add_ram(s, start, start, last, err);
	if (!s->bottom.level) {
		s->bottom.level = SPACE_SLOT_LEVEL - 1;
		s->bottom.left = table_limit(s->m);
	}
	s->top.left = SLOT_TABLES;
	rc = space_slots(s->m, s->root, start, last, &s->top, &slots, &n, err);
	for (i = 0; i < n && !rc && !s->cut; i += some) {
		some = n - i < SLOTS ? n - i : SLOTS;
		rc = search_slots(s, slots + i, some, start, last, err);
	}
	return rc;
}

int search_end(struct search *s, struct err *err)
{
	return s->used && !s->cut ? flush(s, err) : 0;
}
