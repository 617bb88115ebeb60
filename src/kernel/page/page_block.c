/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of pages: the migrate type that each has in its section. */
#include "kernel/page/page_block.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/page/page_zone.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_SECTION_USAGE = WANTS_OF(READER_PAGE_BLOCK),
	FIELD_USAGE_FLAGS,
	STRUCT_SECTION,
	CONSTANT_BLOCK_BITS,
	CONSTANT_BLOCK_BITS_USED,
	CONSTANT_ISOLATE_BIT,
	CONSTANT_UNMOVABLE,
	CONSTANT_MOVABLE,
	CONSTANT_RECLAIMABLE,
	CONSTANT_HIGHATOMIC,
	CONSTANT_CMA,
	CONSTANT_ISOLATE
};

static const struct want want_table[] = {
	FIELD(SECTION_USAGE, "mem_section", OPTIONAL, "usage"), /* 5.3 */
	FIELD(USAGE_FLAGS, "mem_section_usage", OPTIONAL, "pageblock_flags"),
	STRUCT(SECTION, "mem_section", OPTIONAL),
	CONSTANT(BLOCK_BITS, "pageblock_bits", "NR_PAGEBLOCK_BITS"),
	CONSTANT(BLOCK_BITS_USED, "pageblock_bits",
		 "__NR_PAGEBLOCK_BITS"), /* 6.17 */
	CONSTANT(ISOLATE_BIT, "pageblock_bits", "PB_migrate_isolate"),
	CONSTANT(UNMOVABLE, "migratetype", "MIGRATE_UNMOVABLE"),
	CONSTANT(MOVABLE, "migratetype", "MIGRATE_MOVABLE"),
	CONSTANT(RECLAIMABLE, "migratetype", "MIGRATE_RECLAIMABLE"),
	CONSTANT(HIGHATOMIC, "migratetype", "MIGRATE_HIGHATOMIC"),
	CONSTANT(CMA, "migratetype", "MIGRATE_CMA"),
	CONSTANT(ISOLATE, "migratetype", "MIGRATE_ISOLATE"),
};

const struct wants page_block_wants = {
	.reader = "blocks of pages", .v = want_table, .n = WANTS_N(want_table)};

static const struct {
	uint32_t id;
	const char *name;
} migrate_names[] = {
	{CONSTANT_UNMOVABLE, "Unmovable"},
	{CONSTANT_MOVABLE, "Movable"},
	{CONSTANT_RECLAIMABLE, "Reclaimable"},
	{CONSTANT_HIGHATOMIC, "HighAtomic"},
	{CONSTANT_CMA, "CMA"},
	{CONSTANT_ISOLATE, "Isolate"},
};

#define BLOCKS	  (PAGE_SECTION_FRAMES / PAGE_BLOCK_FRAMES)
#define BITS_MOST 8u
#define TYPE_BITS 3u

/* A section's flags, as they lie in memory. */
struct section_flags {
	bool ok;
	uint8_t bytes[BLOCKS * BITS_MOST / 8];
};

/* The distinct sections of the pages. */
struct sections {
	struct map at; /* number to index */
	VEC(uint64_t) list;
	struct section_flags *flags;
};

static void sections_deinit(struct sections *s)
{
	map_deinit(&s->at);
	vec_deinit(&s->list);
	free(s->flags);
}

/* Bits of each block: a power of two.  0: not known. */
static unsigned int block_bits(const struct kernel *k)
{
	unsigned int bits = 1;
	int64_t n;

	if (!profile_constant(k->profile, CONSTANT_BLOCK_BITS_USED, &n) &&
	    !profile_constant(k->profile, CONSTANT_BLOCK_BITS, &n))
		return 0;
	while (bits < n && bits <= BITS_MOST)
		bits *= 2;
	return n >= (int64_t)TYPE_BITS && bits <= BITS_MOST ? bits : 0;
}

static int sections_want(struct sections *s, const uint64_t *pfns, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		uint64_t nr = pfns[i] / PAGE_SECTION_FRAMES;

		if (map_get(&s->at, nr, NULL))
			continue;
		if (map_put(&s->at, nr, s->list.n) || vec_push(&s->list, nr))
			return ERR_NOMEM;
	}
	s->flags = calloc(s->list.n + 1, sizeof(*s->flags));
	return s->flags ? 0 : ERR_NOMEM;
}

/* Read 8 bytes at each of n addresses: 0 where they cannot be read. */
static int read_pointers(struct kernel *k, uint64_t *addrs, size_t n,
			 struct err *err)
{
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t *bytes = calloc(n + 1, 8);
	size_t i;
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){.root = &k->root,
					       .va = addrs[i],
					       .dst = bytes + 8 * i,
					       .len = 8};
	rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = reads[i].got == 8 ? le64(bytes + 8 * i) : 0;
	return rc;
}

/*
 * mem_section is a pointer to pointers to pages full of struct mem_section;
 * `usage` of one leads to the flags of its blocks.
 */
static int sections_find(struct kernel *k, const struct sections *s,
			 uint64_t root, uint64_t *at, struct err *err)
{
	uint32_t size = profile_sizeof(k->profile, STRUCT_SECTION);
	uint32_t usage = profile_field(k->profile, FIELD_SECTION_USAGE)->offset;
	uint64_t a_page = PAGE_SIZE_4K / size;
	size_t i;
	int rc;

	for (i = 0; i < s->list.n; i++)
		at[i] = root + s->list.v[i] / a_page * 8;
	rc = read_pointers(k, at, s->list.n, err);
	for (i = 0; i < s->list.n; i++)
		if (at[i])
			at[i] += s->list.v[i] % a_page * size + usage;
	return rc ? rc : read_pointers(k, at, s->list.n, err);
}

static int sections_read(struct kernel *k, struct sections *s,
			 unsigned int bits, struct err *err)
{
	size_t n = s->list.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	uint64_t root;
	int rc;

	if (!at || !reads)
		return err_nomem(err);
	rc = kernel_read_symbol(k, "mem_section", 8, &root, err);
	if (rc == ERR_NOT_FOUND)
		return 0;
	if (!rc)
		rc = sections_find(k, s, root, at, err);
	for (i = 0; i < n && !rc; i++)
		reads[i] = (struct space_read){
			.root = &k->root,
			.va = at[i] +
			      profile_field(k->profile, FIELD_USAGE_FLAGS)
				      ->offset,
			.dst = s->flags[i].bytes,
			.len = BLOCKS * bits / 8};
	if (!rc)
		rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		s->flags[i].ok = at[i] && reads[i].got == reads[i].len;
	return rc;
}

/* The type of the block that a frame is in. */
static int8_t migrate_of(const struct kernel *k, const struct section_flags *f,
			 unsigned int bits, uint64_t pfn)
{
	unsigned int block = pfn % PAGE_SECTION_FRAMES / PAGE_BLOCK_FRAMES;
	unsigned int value = f->bytes[block * bits / 8] >> block * bits % 8;
	int64_t bit, isolated;

	if (!f->ok)
		return -1;
	if (profile_constant(k->profile, CONSTANT_ISOLATE_BIT, &bit) &&
	    profile_constant(k->profile, CONSTANT_ISOLATE, &isolated) &&
	    bit >= 0 && bit < (int64_t)bits && value >> bit & 1)
		return (int8_t)isolated;
	return (int8_t)(value & ((1u << TYPE_BITS) - 1));
}

int page_blocks_read(struct kernel *k, const uint64_t *pfns, size_t n,
		     int8_t *types, struct err *err)
{
	_cleanup_(sections_deinit) struct sections s = {0};
	unsigned int bits = block_bits(k);
	uint64_t which = 0;
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++)
		types[i] = -1;
	if (!bits || !profile_sizeof(k->profile, STRUCT_SECTION) ||
	    profile_sizeof(k->profile, STRUCT_SECTION) > PAGE_SIZE_4K ||
	    !profile_field(k->profile, FIELD_SECTION_USAGE)->present ||
	    !profile_field(k->profile, FIELD_USAGE_FLAGS)->present)
		return 0;
	if (sections_want(&s, pfns, n))
		return err_nomem(err);
	if (s.list.n)
		rc = sections_read(k, &s, bits, err);
	for (i = 0; i < n && !rc; i++)
		if (map_get(&s.at, pfns[i] / PAGE_SECTION_FRAMES, &which))
			types[i] =
				migrate_of(k, &s.flags[which], bits, pfns[i]);
	return rc;
}

int page_migrate_read(struct kernel *k, struct page_info *pages, size_t n,
		      struct err *err)
{
	_cleanup_free_ uint64_t *pfns = calloc(n + 1, sizeof(*pfns));
	_cleanup_free_ int8_t *types = calloc(n + 1, sizeof(*types));
	size_t i, wanted = 0;
	int rc;

	if (!pfns || !types)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (pages[i].in_buddy)
			pfns[wanted++] = pages[i].pfn;
	rc = page_blocks_read(k, pfns, wanted, types, err);
	for (i = wanted = 0; i < n && !rc; i++)
		if (pages[i].in_buddy)
			pages[i].migrate = types[wanted++];
	return rc;
}

const char *page_migrate_name(const struct kernel *k, int migrate)
{
	int64_t value;
	size_t i;

	for (i = 0; i < sizeof(migrate_names) / sizeof(migrate_names[0]); i++)
		if (profile_constant(k->profile, migrate_names[i].id, &value) &&
		    value == migrate)
			return migrate_names[i].name;
	return NULL;
}
