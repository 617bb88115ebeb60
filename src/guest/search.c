/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching a guest's memory, a window of it at a time. */
#include "guest/search.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "guest/search_window.h"

/* One read; borders are multiples of it, so that no page is cut in two. */
#define PIECE (1u << 20)

/* In front of the window: the tail that a match can begin in, with its line. */
#define TAIL_MAX (PATTERN_MAX + SEARCH_LINE)

void search_deinit(struct search *s)
{
	vec_deinit(&s->hits);
	vec_deinit(&s->pieces);
	buf_deinit(&s->bytes);
	free(s->window);
}

static bool is_zeros(const struct search_piece *p)
{
	return p->from != SEARCH_MAPPED && p->pa == UINT64_MAX;
}

/* Read n pieces as one batch; those that are not there are marked. */
static int search_read_pieces(struct search *s, struct search_piece *v,
			      size_t n, struct err *err)
{
	_cleanup_free_ struct mem_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i, n_reads = 0;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (!is_zeros(&v[i]))
			reads[n_reads++] = (struct mem_read){
				.pa = v[i].pa, .dst = v[i].at, .len = v[i].len};
		else
			memset(v[i].at, 0, v[i].len);
	rc = machine_read_past(s->m, reads, n_reads, err);
	for (i = n_reads = 0; i < n; i++)
		v[i].there =
			is_zeros(&v[i]) || reads[n_reads++].status == MEM_OK;
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
					      .at = whole.at + done,
					      .from = whole.from};
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

/* The piece that has va, from the first of some that adjoin on. */
static const struct search_piece *search_piece_at(const struct search *s,
						  size_t first, uint64_t va)
{
	while (va - s->pieces.v[first].va >= s->pieces.v[first].len)
		first++;
	return &s->pieces.v[first];
}

/* Keep a match at byte `at` of n that adjoin from piece `first` on. */
static int search_keep(struct search *s, size_t first, size_t n, size_t at,
		       struct err *err)
{
	const uint8_t *bytes = s->pieces.v[first].at;
	uint64_t va = s->pieces.v[first].va;
	const struct search_piece *p = search_piece_at(s, first, va + at);
	size_t len = s->pattern->value.len;
	size_t before = (va + at) % SEARCH_LINE, end = at + len;
	size_t after = (SEARCH_LINE - (va + end) % SEARCH_LINE) % SEARCH_LINE;
	size_t shown = len < SEARCH_SHOWN ? len : SEARCH_SHOWN;
	struct search_hit hit = {.at = va + at,
				 .pa = UINT64_MAX,
				 .from = p->from,
				 .bytes = s->bytes.len};

	if (!is_zeros(p))
		hit.pa = p->pa + (va + at - p->va);

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
			rc = search_keep(s, first, n, at, err);
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
		p.va += skip, p.at += skip, p.len -= skip;
		p.pa += is_zeros(&p) ? 0 : skip;
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

static void search_count(struct search *s, const struct search_piece *p)
{
	*(p->there ? &s->searched : &s->unread) += p->len;
	if (p->there && p->from != SEARCH_MAPPED)
		s->bytes_of[p->from] += p->len;
}

/* Read what is planned and look through it. */
static int flush(struct search *s, struct err *err)
{
	size_t tail = tail_pieces(s), i, end, n = 0, last = 0, seen = 0, k;
	int rc = search_fill(s, tail, err);

	for (i = 0; i < tail; i++)
		seen += s->pieces.v[i].len;
	for (k = tail; k < s->pieces.n; k++)
		search_count(s, &s->pieces.v[k]);
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
		     int from, struct err *err)
{
	if (!s->window)
		s->window = malloc(TAIL_MAX + SEARCH_WINDOW);
	if (!s->window || vec_reserve(&s->pieces, 1))
		return err_nomem(err);
	s->pieces.v[s->pieces.n++] =
		(struct search_piece){.va = va,
				      .pa = pa,
				      .len = len,
				      .at = s->window + TAIL_MAX + s->used,
				      .from = from};
	s->used += len;
	return 0;
}

/* Memory that lies at va, and at pa or nowhere; the window may become full. */
static int add_memory(struct search *s, uint64_t va, uint64_t pa, uint64_t len,
		      int from, struct err *err)
{
	bool zeros = pa == UINT64_MAX;
	uint64_t step;
	int rc = 0;

	for (; len && !rc && !s->cut; va += step, len -= step) {
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
			rc = add_piece(s, va, pa, (size_t)step, from, err);
		pa += zeros ? 0 : step;
	}
	return rc;
}

int search_add_ram(struct search *s, uint64_t va, uint64_t pa, uint64_t last,
		   int from, struct err *err)
{
	const struct ram_range *r = s->m->ram.v;
	const struct ram_range *end = r + s->m->ram.n;
	uint64_t first, to;
	int rc = 0;

	for (; r < end && !rc && !s->cut; r++) {
		first = r->start > pa ? r->start : pa;
		to = r->start + (r->size - 1);
		to = to < last ? to : last;
		if (first <= to)
			rc = add_memory(s, va + (first - pa), first,
					to - first + 1, from, err);
	}
	return rc;
}

/* Whether a match can be in zeros alone. */
static bool fits_zeros(const struct pattern *p)
{
	static const uint8_t zeros[PATTERN_MAX];

	return pattern_find(p, zeros, p->value.len, 0) == 0;
}

int search_add_zeros(struct search *s, uint64_t va, uint64_t len, int from,
		     struct err *err)
{
	uint64_t middle = len > 2 * TAIL_MAX ? len - 2 * TAIL_MAX : 0;
	int rc;

	if (!middle || fits_zeros(s->pattern))
		return add_memory(s, va, UINT64_MAX, len, from, err);
	rc = add_memory(s, va, UINT64_MAX, TAIL_MAX, from, err);
	s->passed += middle;
	s->bytes_of[from] += middle;
	return rc ? rc
		  : add_memory(s, va + TAIL_MAX + middle, UINT64_MAX, TAIL_MAX,
			       from, err);
}

int search_end(struct search *s, struct err *err)
{
	return s->used && !s->cut ? flush(s, err) : 0;
}
