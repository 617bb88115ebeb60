/* SPDX-License-Identifier: BSD-2-Clause */
/* Batched reads of structure members: the base of all breadth-first readers. */
#include "kernel/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "profile/resolve.h"

bool records_known(const struct kernel *k, uint32_t first, uint32_t last)
{
	uint32_t id;

	for (id = first; id <= last; id++)
		if (!profile_field(k->profile, id)->present)
			return false;
	return true;
}

/* Members closer than this are read in one piece. */
#define NEAR 128

/* A stretch of the structure, and where its copy begins. */
struct span {
	uint32_t start, end, copy;
};

struct field_at {
	uint32_t index; /* of its id */
	struct profile_field f;
};

static int by_offset(const void *a, const void *b)
{
	const struct field_at *x = a, *y = b;

	return x->f.offset < y->f.offset ? -1 : x->f.offset > y->f.offset;
}

/* One type's share of a batch: reads first, first + 1... */
struct share {
	const struct records_want *want;
	const struct wanted_value *types; /* NULL: the profile's */
	struct records *out;
	struct span spans[WANTS_MAX];
	size_t n_spans, first;
};

const struct profile_field *records_field(const struct kernel *k,
					  const struct wanted_value *types,
					  uint32_t id)
{
	return types ? &types[WANTS_INDEX(id)].field
		     : profile_field(k->profile, id);
}

/* Plan the spans for the members there are; returns their number. */
static size_t plan_spans(struct kernel *k, struct share *share)
{
	const struct records_want *want = share->want;
	struct field_at sorted[WANTS_MAX] = {0};
	struct records *r = share->out;
	struct span *spans = share->spans;
	size_t i, have = 0, n_spans = 0;

	for (i = 0; i < want->n_fields; i++) {
		uint32_t id = want->fields[i];
		const struct profile_field *f =
			records_field(k, share->types, id);

		if (f->present)
			sorted[have++] = (struct field_at){WANTS_INDEX(id), *f};
	}
	qsort(sorted, have, sizeof(sorted[0]), by_offset);
	for (i = 0; i < have; i++) {
		const struct profile_field *f = &sorted[i].f;
		struct span *s = n_spans ? &spans[n_spans - 1] : NULL;

		if (!s || f->offset > s->end + NEAR) {
			s = &spans[n_spans++];
			*s = (struct span){f->offset, f->offset,
					   (uint32_t)r->stride};
		}
		if (f->offset + f->size > s->end) {
			s->end = f->offset + f->size;
			r->stride = s->copy + (s->end - s->start);
		}
		r->at[sorted[i].index] = s->copy + (f->offset - s->start) + 1;
		r->field[sorted[i].index] = *f;
	}
	return n_spans;
}

/* So many reads are one batch: more of them would only take memory. */
#define SLICE (1u << 16)

static int records_plan(struct kernel *k, struct share *s)
{
	size_t i;

	*s->out = (struct records){.n = s->want->n};
	s->n_spans = plan_spans(k, s);
	s->out->bytes = reallocarray(NULL, s->out->n + 1, s->out->stride + 1);
	s->out->ok = calloc(s->out->n + 1, sizeof(*s->out->ok));
	if (!s->out->bytes || !s->out->ok)
		return ERR_NOMEM;
	for (i = 0; i < s->out->n; i++)
		s->out->ok[i] = kernel_pointer(k, s->want->addrs[i]);
	return 0;
}

/* The share that read number `at` belongs to. */
static const struct share *records_share_of(const struct share *shares,
					    size_t at)
{
	while (at - shares->first >= shares->out->n * shares->n_spans)
		shares++;
	return shares;
}

/* Where no object can be, nothing is asked for: a walk might take a batch. */
static void records_ask(struct kernel *k, const struct share *shares, size_t at,
			struct space_read *read)
{
	const struct share *s = records_share_of(shares, at);
	size_t object = (at - s->first) / s->n_spans;
	const struct span *span = &s->spans[(at - s->first) % s->n_spans];

	*read = (struct space_read){
		.root = &k->root,
		.va = s->want->addrs[object] + span->start,
		.dst = s->out->bytes + object * s->out->stride + span->copy,
		.len = s->out->ok[object] ? span->end - span->start : 0,
	};
}

static void records_settle(const struct share *shares, size_t at,
			   const struct space_read *read)
{
	const struct share *s = records_share_of(shares, at);

	s->out->ok[(at - s->first) / s->n_spans] &= read->got == read->len;
}

static void clear_bad(struct records *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (!r->ok[i])
			memset(r->bytes + i * r->stride, 0, r->stride);
}

/* Whether this kernel has what the readers REQUIRE, where they read at all. */
static int records_check(struct kernel *k, const struct records_want *wants,
			 size_t n, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		if (wants[i].n)
			rc = profile_check_reader(
				k->profile, WANTS_READER(*wants[i].fields),
				err);
	return rc;
}

int records_read_typed(struct kernel *k, const struct wanted_value *types,
		       const struct records_want *wants, size_t n,
		       struct records *out, struct err *err)
{
	_cleanup_free_ struct share *shares = calloc(n + 1, sizeof(*shares));
	_cleanup_free_ struct space_read *reads = NULL;
	size_t i, at, some, total = 0;
	int rc = shares ? 0 : ERR_NOMEM;

	memset(out, 0, n * sizeof(*out));
	for (i = 0; i < n && !rc; i++) {
		shares[i].want = &wants[i];
		shares[i].types = types;
		shares[i].out = &out[i];
		shares[i].first = total;
		rc = records_plan(k, &shares[i]);
		total += wants[i].n * shares[i].n_spans;
	}
	reads = reallocarray(NULL, (total < SLICE ? total : SLICE) + 1,
			     sizeof(*reads));
	if (rc || !reads)
		return err_nomem(err);
	rc = records_check(k, wants, n, err);
	for (at = 0; at < total && !rc; at += some) {
		some = total - at < SLICE ? total - at : SLICE;
		for (i = 0; i < some; i++)
			records_ask(k, shares, at + i, &reads[i]);
		rc = space_read(k->machine, reads, some, err);
		for (i = 0; i < some && !rc; i++)
			records_settle(shares, at + i, &reads[i]);
	}
	for (i = 0; i < n && !rc; i++)
		clear_bad(&out[i]);
	return rc;
}

int records_read_all(struct kernel *k, const struct records_want *wants,
		     size_t n, struct records *out, struct err *err)
{
	return records_read_typed(k, NULL, wants, n, out, err);
}

int records_read(struct kernel *k, const uint64_t *addrs, size_t n,
		 const uint32_t *fields, size_t n_fields, struct records *out,
		 struct err *err)
{
	const struct records_want want = {addrs, n, fields, n_fields};

	return records_read_all(k, &want, 1, out, err);
}

void records_deinit(struct records *r)
{
	free(r->bytes);
	free(r->ok);
	r->bytes = NULL;
	r->ok = NULL;
}

bool records_have(const struct records *r, uint32_t id)
{
	return r->at[WANTS_INDEX(id)];
}

uint32_t records_size(const struct records *r, uint32_t id)
{
	return r->field[WANTS_INDEX(id)].size;
}

const uint8_t *records_bytes(const struct records *r, size_t i, uint32_t id)
{
	if (!records_have(r, id))
		return NULL;
	return r->bytes + i * r->stride + r->at[WANTS_INDEX(id)] - 1;
}

uint64_t field_u64(const struct profile_field *f, const uint8_t *p)
{
	uint64_t value = le_any(p, f->size > 8 ? 8 : f->size);

	if (!f->bit_size || f->bit_size >= 64)
		return value;
	return value >> f->bit_offset & ((1ULL << f->bit_size) - 1);
}

uint64_t records_u64(const struct records *r, size_t i, uint32_t id)
{
	const uint8_t *p = records_bytes(r, i, id);

	return p ? field_u64(&r->field[WANTS_INDEX(id)], p) : 0;
}

int records_strings(struct kernel *k, const uint64_t *addrs, size_t n,
		    size_t max, char **out, bool *ok, struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){.root = &k->root,
					       .va = addrs[i],
					       .dst = out[i],
					       .len = max - 1};
	rc = space_read(k->machine, reads, n, err);
	if (rc)
		return rc;
	for (i = 0; i < n; i++) {
		size_t len = strnlen(out[i], reads[i].got);
		bool whole = len < reads[i].got || len == max - 1;

		out[i][whole ? len : 0] = '\0';
		if (ok)
			ok[i] = whole;
	}
	return 0;
}

int records_string_array(struct kernel *k, const char *symbol, size_t n,
			 size_t max, char *out, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ char **strings = calloc(n + 1, sizeof(*strings));
	struct space_read read = {
		.root = &k->root, .dst = at, .len = n * sizeof(*at)};
	size_t i;
	int rc;

	if (!at || !strings)
		return err_nomem(err);
	if (!profile_symbol(k->profile, symbol, &read.va))
		return 0;
	rc = space_read(k->machine, &read, 1, err);
	if (rc || read.got < read.len)
		return rc;
	for (i = 0; i < n; i++) {
		at[i] = le64(&at[i]);
		strings[i] = out + i * max;
	}
	return records_strings(k, at, n, max, strings, NULL, err);
}
