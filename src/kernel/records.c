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

int records_read(struct kernel *k, const uint64_t *addrs, size_t n,
		 const enum field_id *fields, size_t n_fields,
		 struct records *out, struct err *err)
{
	_cleanup_free_ struct space_read *reads = NULL;
	struct span spans[FIELD_COUNT] = {0};
	size_t n_spans, i, s;
	int rc;

	*out = (struct records){.n = n};
	n_spans = plan_spans(k, fields, n_fields, out, spans);
	out->bytes = calloc(n + 1, out->stride + 1);
	out->ok = calloc(n + 1, sizeof(*out->ok));
	reads = calloc(n * n_spans + 1, sizeof(*reads));
	if (!out->bytes || !out->ok || !reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		for (s = 0; s < n_spans; s++)
			reads[i * n_spans + s] = (struct space_read){
				.root = &k->root,
				.va = addrs[i] + spans[s].start,
				.dst = out->bytes + i * out->stride +
				       spans[s].copy,
				.len = spans[s].end - spans[s].start,
			};
	rc = space_read(k->machine, reads, n * n_spans, err);
	if (rc)
		return rc;
	for (i = 0; i < n; i++) {
		out->ok[i] = kernel_pointer(k, addrs[i]);
		for (s = 0; s < n_spans; s++)
			out->ok[i] &= reads[i * n_spans + s].got ==
				      reads[i * n_spans + s].len;
		if (!out->ok[i])
			memset(out->bytes + i * out->stride, 0, out->stride);
	}
	return 0;
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
