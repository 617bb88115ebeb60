/* SPDX-License-Identifier: BSD-2-Clause */
/* Batched reads of structure members: the base of all breadth-first readers. */
#include "kernel/records.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"

/* Members closer than this are read in one piece. */
#define NEAR 128

/* A stretch of the structure, and where its copy begins. */
struct span {
	uint32_t start, end, copy;
};

struct field_at {
	enum field_id id;
	struct profile_field f;
};

static int by_offset(const void *a, const void *b)
{
	const struct field_at *x = a, *y = b;

	return x->f.offset < y->f.offset ? -1 : x->f.offset > y->f.offset;
}

/* Plan the spans for the members there are; returns their number. */
static size_t plan_spans(struct kernel *k, const enum field_id *fields,
			 size_t n, struct records *r, struct span *spans)
{
	struct field_at sorted[FIELD_COUNT] = {0};
	size_t i, have = 0, n_spans = 0;

	for (i = 0; i < n; i++) {
		const struct profile_field *f =
			profile_field(k->profile, fields[i]);

		if (f->present)
			sorted[have++] = (struct field_at){fields[i], *f};
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
		r->at[sorted[i].id] = s->copy + (f->offset - s->start) + 1;
		r->size[sorted[i].id] = f->size;
	}
	return n_spans;
}

/* One type's share of a batch. */
struct share {
	struct span spans[FIELD_COUNT];
	size_t n_spans;
	struct space_read *reads; /* n * n_spans of them */
};

static int plan(struct kernel *k, const struct records_want *w,
		struct share *share, struct records *out)
{
	share->n_spans =
		plan_spans(k, w->fields, w->n_fields, out, share->spans);
	out->bytes = reallocarray(NULL, w->n + 1, out->stride + 1);
	out->ok = calloc(w->n + 1, sizeof(*out->ok));
	return out->bytes && out->ok ? 0 : ERR_NOMEM;
}

static void ask(struct kernel *k, const struct records_want *w,
		struct share *share, struct records *out)
{
	size_t i, s;

	for (i = 0; i < w->n; i++)
		for (s = 0; s < share->n_spans; s++) {
			const struct span *span = &share->spans[s];

			share->reads[i * share->n_spans + s] =
				(struct space_read){
					.root = &k->root,
					.va = w->addrs[i] + span->start,
					.dst = out->bytes + i * out->stride +
					       span->copy,
					.len = span->end - span->start,
				};
		}
}

static void settle(struct kernel *k, const struct records_want *w,
		   const struct share *share, struct records *out)
{
	const struct space_read *r = share->reads;
	size_t i, s;

	for (i = 0; i < w->n; i++) {
		out->ok[i] = kernel_pointer(k, w->addrs[i]);
		for (s = 0; s < share->n_spans; s++, r++)
			out->ok[i] &= r->got == r->len;
		if (!out->ok[i])
			memset(out->bytes + i * out->stride, 0, out->stride);
	}
}

int records_read_all(struct kernel *k, const struct records_want *wants,
		     size_t n, struct records *out, struct err *err)
{
	_cleanup_free_ struct share *shares = calloc(n + 1, sizeof(*shares));
	_cleanup_free_ struct space_read *reads = NULL;
	size_t i, total = 0;
	int rc = shares ? 0 : ERR_NOMEM;

	for (i = 0; i < n; i++)
		out[i] = (struct records){.n = wants[i].n};
	for (i = 0; i < n && !rc; i++) {
		rc = plan(k, &wants[i], &shares[i], &out[i]);
		total += wants[i].n * shares[i].n_spans;
	}
	reads = reallocarray(NULL, total + 1, sizeof(*reads));
	if (rc || !reads)
		return err_nomem(err);
	for (i = total = 0; i < n; i++) {
		shares[i].reads = reads + total;
		total += wants[i].n * shares[i].n_spans;
		ask(k, &wants[i], &shares[i], &out[i]);
	}
	rc = space_read(k->machine, reads, total, err);
	for (i = 0; i < n && !rc; i++)
		settle(k, &wants[i], &shares[i], &out[i]);
	return rc;
}

int records_read(struct kernel *k, const uint64_t *addrs, size_t n,
		 const enum field_id *fields, size_t n_fields,
		 struct records *out, struct err *err)
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

const uint8_t *records_bytes(const struct records *r, size_t i,
			     enum field_id id)
{
	if (!r->at[id])
		return NULL;
	return r->bytes + i * r->stride + r->at[id] - 1;
}

uint64_t records_u64(const struct records *r, size_t i, enum field_id id)
{
	const uint8_t *p = records_bytes(r, i, id);

	return p ? le_any(p, r->size[id] > 8 ? 8 : r->size[id]) : 0;
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
