/* SPDX-License-Identifier: BSD-2-Clause */
/* The lines about memory that take more than a counter. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/ahead.h"
#include "kernel/cpus.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/alloc/meminfo.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/mm/swap_area.h"
#include "kernel/variables.h"
#include "kernel/alloc/zone.h"

/* What is wanted of the types. */
enum {
	FIELD_HSTATE_ORDER = WANTS_OF(READER_MEMINFO_PARTS),
	FIELD_HSTATE_TOTAL,
	FIELD_HSTATE_FREE,
	FIELD_HSTATE_RSVD,
	FIELD_HSTATE_SURP,
	FIELD_COUNTER_COUNT,
	FIELD_COUNTER_CPUS,
	FIELD_SUPER_INODES,
	FIELD_INODE_LINK,
	FIELD_INODE_PAGES,
	FIELD_MAPPING_PAGES,
	STRUCT_HSTATE,
	STRUCT_MAPPING
};

static const struct want want_table[] = {
	FIELD(HSTATE_ORDER, "hstate", OPTIONAL, "order"),
	FIELD(HSTATE_TOTAL, "hstate", OPTIONAL, "nr_huge_pages"),
	FIELD(HSTATE_FREE, "hstate", OPTIONAL, "free_huge_pages"),
	FIELD(HSTATE_RSVD, "hstate", OPTIONAL, "resv_huge_pages"),
	FIELD(HSTATE_SURP, "hstate", OPTIONAL, "surplus_huge_pages"),
	FIELD(COUNTER_COUNT, "percpu_counter", OPTIONAL, "count"),
	FIELD(COUNTER_CPUS, "percpu_counter", OPTIONAL, "counters"),
	FIELD(SUPER_INODES, "super_block", OPTIONAL, "s_inodes"),
	FIELD(INODE_LINK, "inode", OPTIONAL, "i_sb_list"),
	FIELD(INODE_PAGES, "inode", OPTIONAL, "i_data.nrpages"),
	FIELD(MAPPING_PAGES, "address_space", OPTIONAL, "nrpages"),
	STRUCT(HSTATE, "hstate", OPTIONAL),
	STRUCT(MAPPING, "address_space", OPTIONAL),
};

const struct wants meminfo_parts_wants = {
	.reader = "parts of memory", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t hstate_fields[] = {
	FIELD_HSTATE_ORDER, FIELD_HSTATE_TOTAL, FIELD_HSTATE_FREE,
	FIELD_HSTATE_RSVD,  FIELD_HSTATE_SURP,
};

/* So many bytes of a hstate have its numbers. */
#define HSTATE_NUMBERS 256u

/* Sizes of huge pages: 2 MiB and 1 GiB on x86-64. */
#define HSTATES_MAX  8u
#define KIB_PER_PAGE 4

/* Variables, by number. */
enum {
	VAR_RESERVE,
	VAR_OVERCOMMIT_KB,
	VAR_OVERCOMMIT_RATIO,
	VAR_HSTATES,
	VAR_HSTATE_DEFAULT,
	VAR_BLOCK_SUPER,
	VARS
};

uint64_t meminfo_pages(const struct meminfo *m, enum meminfo_line line)
{
	return m->v[line] / KIB_PER_PAGE;
}

void meminfo_put(struct meminfo *m, enum meminfo_line line, uint64_t pages)
{
	m->v[line] = pages * KIB_PER_PAGE;
	m->known[line] = true;
}

/* Huge pages of all sizes; *pages is what they take, of 4 KiB. */
static int meminfo_read_hugetlb(struct kernel *k, const struct variable *var,
				struct meminfo *out, uint64_t *pages,
				struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t at[HSTATES_MAX], n = var[VAR_HSTATES].value, i;
	uint32_t size = profile_sizeof(k->profile, STRUCT_HSTATE);
	int rc;

	*pages = 0;
	if (!variable_find(k, "hstates", &at[0]) || !size || n > HSTATES_MAX ||
	    !var[VAR_HSTATES].known || !var[VAR_HSTATE_DEFAULT].known)
		return 0;
	for (i = 1; i < n; i++)
		at[i] = at[0] + i * size;
	rc = records_read(k, at, n, hstate_fields, WANTS_N(hstate_fields), &r,
			  err);
	for (i = 0; i < n && !rc; i++) {
		uint64_t order = records_u64(&r, i, FIELD_HSTATE_ORDER) & 31;
		uint64_t total = records_u64(&r, i, FIELD_HSTATE_TOTAL);
		uint32_t j;

		*pages += total << order;
		if (i != var[VAR_HSTATE_DEFAULT].value)
			continue;
		for (j = 0; j < 4; j++) {
			out->v[MEMINFO_HUGE_TOTAL + j] =
				records_u64(&r, i, FIELD_HSTATE_TOTAL + j);
			out->known[MEMINFO_HUGE_TOTAL + j] = true;
		}
		meminfo_put(out, MEMINFO_HUGE_SIZE, 1ULL << order);
	}
	if (!rc)
		meminfo_put(out, MEMINFO_HUGETLB, *pages);
	return rc;
}

/* vm_commit_limit(), vm_memory_committed() (mm/util.c) */
static void meminfo_put_limit(const struct variable *var, uint64_t huge,
			      struct meminfo *out)
{
	uint64_t pages = meminfo_pages(out, MEMINFO_TOTAL) - huge;

	if (!var[VAR_OVERCOMMIT_KB].known || !var[VAR_OVERCOMMIT_RATIO].known)
		return;
	pages = pages * var[VAR_OVERCOMMIT_RATIO].value / 100;
	if (var[VAR_OVERCOMMIT_KB].value)
		pages = var[VAR_OVERCOMMIT_KB].value / KIB_PER_PAGE;
	meminfo_put(out, MEMINFO_COMMIT_LIMIT,
		    pages + meminfo_pages(out, MEMINFO_SWAP_TOTAL));
}

/* A struct percpu_counter: what all agree on, and the rest of each CPU. */
static int meminfo_read_committed(struct kernel *k, struct meminfo *out,
				  struct err *err)
{
	static const uint32_t fields[] = {FIELD_COUNTER_COUNT,
					  FIELD_COUNTER_CPUS};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(cpus_deinit) struct cpus cpus = {0};
	struct cpu_variable rest = {.size = 4};
	int64_t sum;
	uint64_t at;
	size_t i;
	int rc;

	if (!variable_find(k, "vm_committed_as", &at) ||
	    !profile_field(k->profile, FIELD_COUNTER_CPUS)->present)
		return 0;
	rc = cpus_read(k, &cpus, err);
	if (!rc)
		rc = records_read(k, &at, 1, fields, 2, &r, err);
	if (rc)
		return rc;
	rest.va = records_u64(&r, 0, FIELD_COUNTER_CPUS);
	rc = cpu_variables_read(k, &cpus, &rest, 1, err);
	sum = (int64_t)records_u64(&r, 0, FIELD_COUNTER_COUNT);
	for (i = 0; i < cpus.n && !rc; i++)
		if (cpus_is_online(&cpus, i))
			sum += (int32_t)le32(cpu_variable_of(&rest, i));
	if (!rc && rest.known)
		meminfo_put(out, MEMINFO_COMMITTED_AS,
			    sum < 0 ? 0 : (uint64_t)sum);
	cpu_variables_deinit(&rest, 1);
	return rc;
}

/* Pages in the caches of block devices themselves: those of the inodes of
 * their file system (nr_blockdev_pages(), block/bdev.c). */
static int meminfo_read_buffers(struct kernel *k, uint64_t super,
				struct meminfo *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_INODE_PAGES};
	const struct profile_field *head =
		profile_field(k->profile, FIELD_SUPER_INODES);
	struct list list = {.head = super + head->offset,
			    .most = BLOCK_DEVICES_MAX,
			    .packed = true};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *at = NULL;
	uint64_t pages = 0;
	size_t n = 0, i;
	int rc;

	if (!super || !head->present ||
	    !profile_field(k->profile, FIELD_INODE_PAGES)->present)
		return 0;
	rc = lists_read(k, &list, 1, err);
	at = rc ? NULL
		: lists_objects(
			  &list, 1,
			  profile_field(k->profile, FIELD_INODE_LINK)->offset,
			  &n);
	if (!rc && !at)
		rc = err_nomem(err);
	if (!rc)
		rc = records_read(k, at, n, fields, 1, &r, err);
	for (i = 0; i < n && !rc; i++)
		pages += records_u64(&r, i, FIELD_INODE_PAGES);
	if (!rc && !list.torn && !list.cut)
		meminfo_put(out, MEMINFO_BUFFERS, pages);
	list_deinit(&list);
	return rc;
}

/* si_mem_available() (mm/show_mem.c): what could be had without swapping. */
static int meminfo_read_available(struct kernel *k, uint64_t reserve,
				  struct meminfo *out, struct err *err)
{
	_cleanup_(zones_deinit) struct zones zones = {0};
	uint64_t low = 0, cache, slab;
	int64_t pages;
	size_t i;
	int rc = zones_read_unnamed(k, &zones, err);

	if (rc)
		return rc;
	for (i = 0; i < zones.list.n; i++)
		low += zones.list.v[i].mark[1] + zones.list.v[i].boost;
	cache = meminfo_pages(out, MEMINFO_ACTIVE_FILE) +
		meminfo_pages(out, MEMINFO_INACTIVE_FILE);
	slab = meminfo_pages(out, MEMINFO_KRECLAIMABLE);
	cache -= cache / 2 < low ? cache / 2 : low;
	slab -= slab / 2 < low ? slab / 2 : low;
	pages = (int64_t)(meminfo_pages(out, MEMINFO_FREE) - reserve + cache +
			  slab);
	meminfo_put(out, MEMINFO_AVAILABLE, pages < 0 ? 0 : (uint64_t)pages);
	return 0;
}

/*
 * The swap cache up to 5.11, where nothing counts it: a struct address_space
 * for each 64 MiB of an area, as swapper_spaces[] and nr_swapper_spaces[] have
 * them by type (mm/swap_state.c).
 */
static int meminfo_read_swap_cache(struct kernel *k, struct meminfo *out,
				   struct err *err)
{
	static const uint32_t fields[] = {FIELD_MAPPING_PAGES};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t spaces[SWAP_TYPES_MAX] = {0}, pages = 0;
	uint8_t counts[SWAP_TYPES_MAX][4] = {0};
	struct variable v[] = {
		/* the number of types: MAX_SWAPFILES, at least 23 */
		{.name = "swapper_spaces", .size = 23 * 8, .to = spaces},
		{.name = "nr_swapper_spaces", .size = 23 * 4, .to = counts},
	};
	VEC(uint64_t) at = {0};
	uint32_t size = profile_sizeof(k->profile, STRUCT_MAPPING);
	size_t i, j;
	int rc;

	if (out->known[MEMINFO_SWAP_CACHED] || !size)
		return 0;
	rc = variables_read(k, v, 2, err);
	for (i = 0; i < SWAP_TYPES_MAX && !rc; i++)
		for (j = 0; le64(&spaces[i]) && j < le32(counts[i]) &&
			    j < SWAP_SPACES_MAX && !rc;
		     j++)
			if (vec_push(&at, le64(&spaces[i]) + j * size))
				rc = err_nomem(err);
	if (!rc)
		rc = records_read(k, at.v, at.n, fields, 1, &r, err);
	for (i = 0; i < at.n && !rc; i++)
		pages += records_u64(&r, i, FIELD_MAPPING_PAGES);
	if (!rc && v[0].known && v[1].known)
		meminfo_put(out, MEMINFO_SWAP_CACHED, pages);
	vec_deinit(&at);
	return rc;
}

/* What is cached of files, but for the swap cache and block devices'. */
static void meminfo_put_cached(struct meminfo *m)
{
	uint64_t all = meminfo_pages(m, MEMINFO_CACHED);
	uint64_t others = meminfo_pages(m, MEMINFO_SWAP_CACHED) +
			  meminfo_pages(m, MEMINFO_BUFFERS);

	meminfo_put(m, MEMINFO_CACHED, all > others ? all - others : 0);
	m->known[MEMINFO_CACHED] =
		m->known[MEMINFO_SWAP_CACHED] && m->known[MEMINFO_BUFFERS];
}

/* What CPUs have not told of what is committed. */
static int meminfo_committed_ahead(struct kernel *k, struct ahead *ahead,
				   struct err *err)
{
	const struct profile_field *f =
		profile_field(k->profile, FIELD_COUNTER_CPUS);
	struct variable rest = {.name = "vm_committed_as",
				.size = f->present ? 8 : 0,
				.offset = f->offset};
	_cleanup_(cpus_deinit) struct cpus cpus = {0};
	size_t i;
	int rc = variables_read(k, &rest, 1, err);

	if (!rc && rest.known)
		rc = cpus_read(k, &cpus, err);
	for (i = 0; i < cpus.n && !rc; i++)
		if (ahead_add(ahead, k, rest.value + cpus.offsets[i], 4))
			rc = err_nomem(err);
	return rc;
}

/* All that the parts will ask for and is known where to find: huge pages, the
 * first block device, and zones, too. */
static int meminfo_fetch_ahead(struct kernel *k, const struct variable *var,
			       struct err *err)
{
	_cleanup_(ahead_deinit) struct ahead ahead = {0};
	uint32_t size = profile_sizeof(k->profile, STRUCT_HSTATE);
	uint64_t at, super = var[VAR_BLOCK_SUPER].value;
	size_t i;
	int rc = meminfo_committed_ahead(k, &ahead, err);

	if (!rc && variable_find(k, "hstates", &at))
		for (i = 0; i < var[VAR_HSTATES].value && i < HSTATES_MAX; i++)
			if (ahead_add(&ahead, k, at + i * size, HSTATE_NUMBERS))
				return err_nomem(err);
	at = super + profile_field(k->profile, FIELD_SUPER_INODES)->offset;
	if (super && ahead_add(&ahead, k, at, 16)) /* a list_head */
		return err_nomem(err);
	if (!rc && var[VAR_RESERVE].known)
		rc = zones_ahead(k, &ahead, err);
	return rc ? rc : ahead_fetch(&ahead, k, err);
}

int meminfo_read_parts(struct kernel *k, struct meminfo *out, struct err *err)
{
	struct variable var[VARS] = {
		[VAR_RESERVE] = {.name = "totalreserve_pages", .size = 8},
		[VAR_OVERCOMMIT_KB] = {.name = "sysctl_overcommit_kbytes",
				       .size = 8},
		[VAR_OVERCOMMIT_RATIO] = {.name = "sysctl_overcommit_ratio",
					  .size = 4},
		[VAR_HSTATES] = {.name = "hugetlb_max_hstate", .size = 4},
		[VAR_HSTATE_DEFAULT] = {.name = "default_hstate_idx",
					.size = 4},
		[VAR_BLOCK_SUPER] = {.name = "blockdev_superblock", .size = 8},
	};
	uint64_t huge;
	int rc = variables_read(k, var, VARS, err);

	if (!rc)
		rc = meminfo_fetch_ahead(k, var, err);
	if (!rc)
		rc = meminfo_read_hugetlb(k, var, out, &huge, err);
	if (!rc)
		rc = meminfo_read_committed(k, out, err);
	if (!rc)
		rc = meminfo_read_buffers(k, var[VAR_BLOCK_SUPER].value, out,
					  err);
	if (!rc)
		rc = meminfo_read_swap_cache(k, out, err);
	if (rc)
		return rc;
	meminfo_put_limit(var, huge, out);
	meminfo_put_cached(out);
	return var[VAR_RESERVE].known
		       ? meminfo_read_available(k, var[VAR_RESERVE].value, out,
						err)
		       : 0;
}
