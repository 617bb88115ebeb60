/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads per-CPU memory: areas of CPUs, and chunks. */
#include "kernel/alloc/percpu_chunk.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CHUNK_LINK = WANTS_OF(READER_PERCPU_CHUNK),
	FIELD_CHUNK_BASE,
	FIELD_CHUNK_FREE,
	FIELD_CHUNK_START,
	FIELD_CHUNK_END,
	FIELD_CHUNK_PAGES,
	FIELD_CHUNK_POPULATED,
	CONSTANT_CHUNK_TYPES
};

static const struct want want_table[] = {
	FIELD(CHUNK_LINK, "pcpu_chunk", REQUIRED, "list"),
	FIELD(CHUNK_BASE, "pcpu_chunk", REQUIRED, "base_addr"),
	FIELD(CHUNK_FREE, "pcpu_chunk", REQUIRED, "free_bytes"), /* 4.14 */
	FIELD(CHUNK_START, "pcpu_chunk", REQUIRED, "start_offset"),
	FIELD(CHUNK_END, "pcpu_chunk", REQUIRED, "end_offset"),
	FIELD(CHUNK_PAGES, "pcpu_chunk", REQUIRED, "nr_pages"),
	FIELD(CHUNK_POPULATED, "pcpu_chunk", REQUIRED, "nr_populated"),
	/* 5.9 to 5.13: lists of their own for chunks of control groups */
	CONSTANT(CHUNK_TYPES, "pcpu_chunk_type", "PCPU_NR_CHUNK_TYPES"),
};

const struct wants percpu_chunk_wants = {.reader = "chunks of per-CPU memory",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

static const uint32_t chunk_fields[] = {
	FIELD_CHUNK_BASE, FIELD_CHUNK_FREE,  FIELD_CHUNK_START,
	FIELD_CHUNK_END,  FIELD_CHUNK_PAGES, FIELD_CHUNK_POPULATED,
};

/* struct list_head */
#define HEAD_BYTES 16

/* What variables of mm/percpu.c say. */
struct percpu_words {
	uint64_t lists, n_lists; /* heads of lists of chunks */
	uint64_t first, reserved;
};

const char *percpu_kind_words(enum percpu_kind kind)
{
	static const char *const words[] = {
		[PERCPU_RESERVED] = "reserved",
		[PERCPU_FIRST] = "first",
		[PERCPU_OTHER] = "dynamic",
	};

	return words[kind];
}

static int percpu_unknown(const struct kernel *k, int rc, struct err *err)
{
	return rc == ERR_NOT_FOUND
		       ? profile_unknown(k->profile,
					 "this kernel keeps per-CPU memory in "
					 "no way that is known",
					 err)
		       : rc;
}

/* Symbols of them all; pcpu_slot is the lists' name up to 5.8. */
static int percpu_read_words(struct kernel *k, struct percpu_areas *out,
			     struct percpu_words *w, struct err *err)
{
	const struct {
		const char *name, *older;
		size_t size;
		uint64_t *to;
	} words[] = {
		{"pcpu_base_addr", NULL, 8, &out->base},
		{"pcpu_unit_size", NULL, 4, &out->unit_size},
		{"pcpu_nr_units", NULL, 4, &out->units},
		{"pcpu_chunk_lists", "pcpu_slot", 8, &w->lists},
		{"pcpu_nr_slots", NULL, 4, &w->n_lists},
		{"pcpu_first_chunk", NULL, 8, &w->first},
		{"pcpu_reserved_chunk", NULL, 8, &w->reserved},
	};
	int64_t types;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(words) / sizeof(words[0]) && !rc; i++) {
		rc = kernel_read_symbol(k, words[i].name, words[i].size,
					words[i].to, err);
		if (rc == ERR_NOT_FOUND && words[i].older)
			rc = kernel_read_symbol(k, words[i].older,
						words[i].size, words[i].to,
						err);
	}
	if (rc)
		return percpu_unknown(k, rc, err);
	if (profile_constant(k->profile, CONSTANT_CHUNK_TYPES, &types) &&
	    types > 0 && types <= 2)
		w->n_lists *= (uint64_t)types;
	if (w->n_lists > PERCPU_LISTS_MAX || out->units > PERCPU_MAX)
		return err_set(err, ERR_CORRUPT,
			       "per-CPU memory has %" PRIu64 " lists of chunks "
			       "and %" PRIu64 " units, which no kernel has",
			       w->n_lists, out->units);
	return 0;
}

/* Static variables, and where each CPU has them. */
static int percpu_read_cpus(struct kernel *k, struct percpu_areas *out,
			    struct err *err)
{
	_cleanup_free_ uint64_t *offsets = NULL;
	uint64_t start, end;
	size_t n = 0, i;
	int rc = percpu_offsets(k, &offsets, &n, err);

	if (rc)
		return rc;
	if (!profile_symbol(k->profile, "__per_cpu_start", &start) ||
	    !profile_symbol(k->profile, "__per_cpu_end", &end) || end < start)
		return percpu_unknown(k, ERR_NOT_FOUND, err);
	out->static_size = end - start;
	for (i = 0; i < n; i++)
		if (vec_push(&out->cpus, {.cpu = (uint32_t)i,
					  .base = start + offsets[i],
					  .offset = offsets[i]}))
			return err_nomem(err);
	return 0;
}

/* The addresses of all chunks: the reserved one, which no list has, first. */
static int percpu_find_chunks(struct kernel *k, const struct percpu_words *w,
			      struct percpu_areas *out, struct remarks *remarks,
			      struct err *err)
{
	uint32_t link = profile_field(k->profile, FIELD_CHUNK_LINK)->offset;
	struct list *lists = calloc(w->n_lists + 1, sizeof(*lists));
	size_t i, j;
	int rc = lists ? 0 : err_nomem(err);

	for (i = 0; i < w->n_lists && !rc; i++)
		lists[i] = (struct list){.head = w->lists + i * HEAD_BYTES,
					 .most = PERCPU_CHUNKS_MAX};
	if (!rc)
		rc = lists_read(k, lists, w->n_lists, err);
	if (!rc && w->reserved &&
	    vec_push(&out->chunks,
		     {.addr = w->reserved, .kind = PERCPU_RESERVED}))
		rc = err_nomem(err);
	if (!rc &&
	    vec_push(&out->chunks, {.addr = w->first, .kind = PERCPU_FIRST}))
		rc = err_nomem(err);
	for (i = 0; i < w->n_lists && !rc; i++) {
		if (lists[i].torn || lists[i].cut)
			remarks_add(remarks,
				    "a list of chunks of per-CPU memory is "
				    "damaged, or too long");
		for (j = 0; j < lists[i].links.n && !rc; j++) {
			uint64_t at = lists[i].links.v[j] - link;

			if (at != w->first &&
			    vec_push(&out->chunks,
				     {.addr = at, .kind = PERCPU_OTHER}))
				rc = err_nomem(err);
		}
	}
	for (i = 0; lists && i < w->n_lists; i++)
		list_deinit(&lists[i]);
	free(lists);
	return rc;
}

/* False where no chunk can be so. */
static bool percpu_fill(const struct percpu_areas *a, const struct records *rec,
			size_t i, struct percpu_chunk *c)
{
	uint64_t all = records_u64(rec, i, FIELD_CHUNK_PAGES) * PAGE_SIZE_4K;
	uint64_t start = records_u64(rec, i, FIELD_CHUNK_START);
	uint64_t end = records_u64(rec, i, FIELD_CHUNK_END);

	c->base = records_u64(rec, i, FIELD_CHUNK_BASE) + start;
	c->free = records_u64(rec, i, FIELD_CHUNK_FREE);
	c->populated = (uint32_t)records_u64(rec, i, FIELD_CHUNK_POPULATED);
	if (!rec->ok[i] || all > a->unit_size || start + end > all)
		return false;
	c->size = all - start - end;
	return c->free <= all &&
	       (uint64_t)c->populated * PAGE_SIZE_4K <= a->unit_size;
}

/* What each says, and sums of it. */
static int percpu_read_chunks(struct kernel *k, struct percpu_areas *out,
			      struct remarks *remarks, struct err *err)
{
	_cleanup_(records_deinit) struct records rec = {0};
	size_t n = out->chunks.n, i, kept = 0;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	uint64_t pages = 0;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = out->chunks.v[i].addr;
	rc = records_read(k, at, n, chunk_fields, WANTS_N(chunk_fields), &rec,
			  err);
	for (i = 0; i < n && !rc; i++) {
		struct percpu_chunk c = out->chunks.v[i];

		if (!percpu_fill(out, &rec, i, &c)) {
			remarks_add(remarks,
				    "the chunk of per-CPU memory at 0x%" PRIx64
				    " cannot be read, or is damaged",
				    c.addr);
			continue;
		}
		out->chunks.v[kept++] = c;
		if (c.kind == PERCPU_RESERVED)
			out->reserved_size = c.size;
		else if (c.kind == PERCPU_FIRST)
			out->dynamic_size = c.size;
		else
			pages += c.populated;
	}
	out->chunks.n = rc ? 0 : kept;
	pages += (out->static_size + out->reserved_size + out->dynamic_size +
		  PAGE_SIZE_4K - 1) /
		 PAGE_SIZE_4K;
	out->memory = pages * PAGE_SIZE_4K * out->units;
	return rc;
}

int percpu_areas_read(struct kernel *k, struct percpu_areas *out,
		      struct remarks *remarks, struct err *err)
{
	struct percpu_words w = {0};
	int rc = profile_check_reader(k->profile, READER_PERCPU_CHUNK, err);

	if (!rc)
		rc = percpu_read_words(k, out, &w, err);
	if (!rc)
		rc = percpu_read_cpus(k, out, err);
	if (!rc)
		rc = percpu_find_chunks(k, &w, out, remarks, err);
	return rc ? rc : percpu_read_chunks(k, out, remarks, err);
}

void percpu_areas_deinit(struct percpu_areas *a)
{
	vec_deinit(&a->cpus);
	vec_deinit(&a->chunks);
}
