/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums up how much memory is free. */
#include "proc/free.h"

#include <inttypes.h>

enum {
	KIND,
	TOTAL,
	USED,
	FREE,
	SHARED,
	BUFF_CACHE,
	AVAILABLE
};

const struct row_column proc_free_columns[PROC_FREE_COLUMNS] = {
	[KIND] = ROW_COLUMN("kind", NULL, ROW_WORDS),
	[TOTAL] = ROW_COLUMN("total", NULL, ROW_KIB),
	[USED] = ROW_COLUMN("used", NULL, ROW_KIB),
	[FREE] = ROW_COLUMN("free", NULL, ROW_KIB),
	[SHARED] = ROW_COLUMN("shared", NULL, ROW_KIB),
	[BUFF_CACHE] = ROW_COLUMN("buff_cache", NULL, ROW_KIB),
	[AVAILABLE] = ROW_COLUMN("available", NULL, ROW_KIB),
};

/* In KiB. */
struct free_sums {
	uint64_t used, buff_cache, available, swap_used;
};

/* What is available is taken for what is free where that cannot be. */
static struct free_sums free_sum(const struct meminfo *m)
{
	const uint64_t *v = m->v;
	struct free_sums s = {
		.buff_cache = v[MEMINFO_BUFFERS] + v[MEMINFO_CACHED] +
			      v[MEMINFO_SRECLAIMABLE],
		.available = v[MEMINFO_AVAILABLE],
		.swap_used = v[MEMINFO_SWAP_TOTAL] - v[MEMINFO_SWAP_FREE]};

	if (!m->known[MEMINFO_AVAILABLE] || s.available > v[MEMINFO_TOTAL])
		s.available = v[MEMINFO_FREE];
	s.used = v[MEMINFO_TOTAL] - s.available;
	return s;
}

void proc_free_text(const struct meminfo *m, struct buf *out)
{
	const uint64_t *v = m->v;
	struct free_sums s = free_sum(m);

	buf_printf(out, "%-9s%11s %11s %11s %11s %11s %11s\n", "", "total",
		   "used", "free", "shared", "buff/cache", "available");
	buf_printf(out,
		   "%-9s%11" PRIu64 " %11" PRIu64 " %11" PRIu64 " %11" PRIu64
		   " %11" PRIu64 " %11" PRIu64 "\n",
		   "Mem:", v[MEMINFO_TOTAL], s.used, v[MEMINFO_FREE],
		   v[MEMINFO_SHMEM], s.buff_cache, s.available);
	buf_printf(out, "%-9s%11" PRIu64 " %11" PRIu64 " %11" PRIu64 "\n",
		   "Swap:", v[MEMINFO_SWAP_TOTAL], s.swap_used,
		   v[MEMINFO_SWAP_FREE]);
}

static void free_put(struct row_table *out, size_t column, uint64_t kib)
{
	row_number(out, column, kib * 1024);
}

void proc_free_rows(const struct meminfo *m, struct row_table *out)
{
	const uint64_t *v = m->v;
	struct free_sums s = free_sum(m);

	row_add(out);
	row_string(out, KIND, "mem");
	free_put(out, TOTAL, v[MEMINFO_TOTAL]);
	free_put(out, USED, s.used);
	free_put(out, FREE, v[MEMINFO_FREE]);
	free_put(out, SHARED, v[MEMINFO_SHMEM]);
	free_put(out, BUFF_CACHE, s.buff_cache);
	free_put(out, AVAILABLE, s.available);
	row_add(out);
	row_string(out, KIND, "swap");
	free_put(out, TOTAL, v[MEMINFO_SWAP_TOTAL]);
	free_put(out, USED, s.swap_used);
	free_put(out, FREE, v[MEMINFO_SWAP_FREE]);
}
