/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the per-CPU batches of pages on their way to the LRU lists. */
#include "kernel/page/lru_batch.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/vec.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_LRU_ADD = WANTS_OF(READER_LRU_BATCH),
	FIELD_LRU_DEACTIVATE_FILE,
	FIELD_LRU_DEACTIVATE,
	FIELD_LRU_LAZYFREE,
	FIELD_LRU_ACTIVATE,
	FIELD_LRU_MOVE_TAIL,
	FIELD_LRU_ROTATE,
	FIELD_MLOCK_BATCH,
	FIELD_BATCH_NR,
	FIELD_BATCH_PAGES
};

static const struct want want_table[] = {
	FIELD(LRU_ADD, "cpu_fbatches|lru_pvecs", OPTIONAL,
	      "lru_add"), /* 5.19 */
	FIELD(LRU_DEACTIVATE_FILE, "cpu_fbatches|lru_pvecs", OPTIONAL,
	      "lru_deactivate_file"),
	FIELD(LRU_DEACTIVATE, "cpu_fbatches|lru_pvecs", OPTIONAL,
	      "lru_deactivate"),
	FIELD(LRU_LAZYFREE, "cpu_fbatches|lru_pvecs", OPTIONAL, "lru_lazyfree"),
	FIELD(LRU_ACTIVATE, "cpu_fbatches|lru_pvecs", OPTIONAL,
	      "lru_activate|activate|activate_page"),
	FIELD(LRU_MOVE_TAIL, "cpu_fbatches", OPTIONAL, "lru_move_tail"),
	FIELD(LRU_ROTATE, "lru_rotate", OPTIONAL, "fbatch|pvec"),
	FIELD(MLOCK_BATCH, "mlock_fbatch|mlock_pvec", OPTIONAL, "fbatch|vec"),
	FIELD(BATCH_NR, "folio_batch|pagevec", OPTIONAL, "nr"),
	FIELD(BATCH_PAGES, "folio_batch|pagevec", OPTIONAL, "folios|pages"),
};

const struct wants lru_batch_wants = {
	.reader = "LRU batches", .v = want_table, .n = WANTS_N(want_table)};

/* A batch: the per-CPU variable that has it (or had), and its place in it. */
static const struct {
	const char *symbol, *old;
	uint32_t field;
} batches[] = {
	{"cpu_fbatches", "lru_pvecs", FIELD_LRU_ADD},
	{"cpu_fbatches", "lru_pvecs", FIELD_LRU_DEACTIVATE_FILE},
	{"cpu_fbatches", "lru_pvecs", FIELD_LRU_DEACTIVATE},
	{"cpu_fbatches", "lru_pvecs", FIELD_LRU_LAZYFREE},
	{"cpu_fbatches", "lru_pvecs", FIELD_LRU_ACTIVATE},
	{"cpu_fbatches", "lru_pvecs", FIELD_LRU_MOVE_TAIL},
	{"lru_rotate", "lru_rotate", FIELD_LRU_ROTATE},
	{"mlock_fbatch", "mlock_pvec", FIELD_MLOCK_BATCH},
};

#define BATCHES (sizeof(batches) / sizeof(batches[0]))

/* mlock.c marks its entries: docs/facts/kernel.md, "Compound pages". */
#define ENTRY_MARKS 3u

/* All of a batch, wherever it is; members have this size at most. */
#define BATCH_BYTES 512

struct batch {
	uint8_t bytes[BATCH_BYTES];
};

static int lru_batch_count(struct map *counts, uint64_t page)
{
	uint64_t n = 0;

	map_get(counts, page, &n);
	return map_put(counts, page, n + 1);
}

/* The entries in use of one batch that was read whole. */
static int count_batch(struct kernel *k, const struct space_read *read,
		       struct map *counts)
{
	const struct profile_field *nr =
		profile_field(k->profile, FIELD_BATCH_NR);
	const struct profile_field *pages =
		profile_field(k->profile, FIELD_BATCH_PAGES);
	const uint8_t *bytes = read->dst;
	uint64_t i, n;

	if (read->got < read->len || nr->offset + nr->size > read->len)
		return 0;
	n = le_any(bytes + nr->offset, nr->size);
	for (i = 0; i < n && pages->offset + 8 * (i + 1) <= read->len; i++)
		if (lru_batch_count(counts,
				    le64(bytes + pages->offset + 8 * i) &
					    ~(uint64_t)ENTRY_MARKS))
			return ERR_NOMEM;
	return 0;
}

/* The batch `which` of one CPU; false where this kernel does not have it. */
static bool lru_batch_ask(struct kernel *k, size_t which, uint64_t cpu,
			  void *dst, struct space_read *read)
{
	const struct profile_field *f =
		profile_field(k->profile, batches[which].field);
	uint64_t va;

	if (!f->present || f->size > BATCH_BYTES ||
	    (!profile_symbol(k->profile, batches[which].symbol, &va) &&
	     !profile_symbol(k->profile, batches[which].old, &va)))
		return false;
	*read = (struct space_read){.root = &k->root,
				    .va = va + cpu + f->offset,
				    .dst = dst,
				    .len = f->size};
	return true;
}

int lru_batches_read(struct kernel *k, struct map *counts, struct err *err)
{
	_cleanup_free_ uint64_t *cpus = NULL;
	_cleanup_free_ struct batch *bytes = NULL;
	_cleanup_free_ struct space_read *reads = NULL;
	size_t n_cpus = 0, cpu, i, n = 0;
	int rc;

	if (!profile_field(k->profile, FIELD_BATCH_NR)->present ||
	    !profile_field(k->profile, FIELD_BATCH_PAGES)->present)
		return 0;
	rc = percpu_offsets(k, &cpus, &n_cpus, err);
	if (rc)
		return rc;
	bytes = calloc(n_cpus * BATCHES + 1, sizeof(*bytes));
	reads = calloc(n_cpus * BATCHES + 1, sizeof(*reads));
	if (!bytes || !reads)
		return err_nomem(err);
	for (cpu = 0; cpu < n_cpus; cpu++)
		for (i = 0; i < BATCHES; i++)
			n += lru_batch_ask(k, i, cpus[cpu], &bytes[n],
					   &reads[n]);
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (count_batch(k, &reads[i], counts))
			return err_nomem(err);
	return rc;
}
