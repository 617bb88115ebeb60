/* SPDX-License-Identifier: BSD-2-Clause */
/* Tells the type of a page by the word in its struct page that says it. */
#include "kernel/page/page_type.h"

#include "kernel/readers.h"

/* What page.page_type tells: docs/facts/kernel.md, "Pages". */
enum {
	FIELD_PAGE_TYPE = WANTS_OF(READER_PAGE_TYPE),
	FIELD_PAGE_MEMCG_DATA,
	FIELD_PAGE_MEM_CGROUP,
	CONSTANT_PG_HUGETLB,
	CONSTANT_HUGETLB_DTOR,
	CONSTANT_PGTY_BUDDY,
	CONSTANT_PGTY_OFFLINE,
	CONSTANT_PGTY_TABLE,
	CONSTANT_PGTY_HUGETLB,
	CONSTANT_PGTY_SLAB,
	CONSTANT_TYPE_BUDDY,
	CONSTANT_TYPE_OFFLINE,
	CONSTANT_TYPE_TABLE,
	CONSTANT_TYPE_HUGETLB,
	CONSTANT_TYPE_SLAB,
	CONSTANT_PG_SLAB
};

static const struct want want_table[] = {
	FIELD(PAGE_TYPE, "page", OPTIONAL, "page_type"),	/* 4.18 */
	FIELD(PAGE_MEMCG_DATA, "page", OPTIONAL, "memcg_data"), /* 5.11 */
	FIELD(PAGE_MEM_CGROUP, "page", OPTIONAL, "mem_cgroup"),
	CONSTANT(PG_HUGETLB, "pageflags", "PG_hugetlb"), /* 6.6 to 6.8 */
	CONSTANT(HUGETLB_DTOR, "compound_dtor_id",
		 "HUGETLB_PAGE_DTOR"),			/* up to 6.5 */
	CONSTANT(PGTY_BUDDY, "pagetype", "PGTY_buddy"), /* these: 6.12 */
	CONSTANT(PGTY_OFFLINE, "pagetype", "PGTY_offline"),
	CONSTANT(PGTY_TABLE, "pagetype", "PGTY_table"),
	CONSTANT(PGTY_HUGETLB, "pagetype", "PGTY_hugetlb"),
	CONSTANT(PGTY_SLAB, "pagetype", "PGTY_slab"),
	CONSTANT(TYPE_BUDDY, "pagetype", "PG_buddy"), /* these: 6.11 */
	CONSTANT(TYPE_OFFLINE, "pagetype", "PG_offline"),
	CONSTANT(TYPE_TABLE, "pagetype", "PG_table"),
	CONSTANT(TYPE_HUGETLB, "pagetype", "PG_hugetlb"),
	CONSTANT(TYPE_SLAB, "pagetype", "PG_slab"),
	CONSTANT(PG_SLAB, "pageflags", "PG_slab"), /* up to 6.9 */
};

const struct wants page_type_wants = {
	.reader = "types of pages", .v = want_table, .n = WANTS_N(want_table)};

/*
 * `word` from 6.12 on, `bit` in 6.11, `old` before; those are macros, in no
 * type information.
 */
static const struct {
	uint32_t word, bit;
	uint32_t old;
} types[PAGE_TYPES] = {
	[PAGE_TYPE_FREE] = {CONSTANT_PGTY_BUDDY, CONSTANT_TYPE_BUDDY, 0x80},
	[PAGE_TYPE_AWAY] = {CONSTANT_PGTY_OFFLINE, CONSTANT_TYPE_OFFLINE,
			    0x100},
	[PAGE_TYPE_PGTABLE] = {CONSTANT_PGTY_TABLE, CONSTANT_TYPE_TABLE, 0x200},
	[PAGE_TYPE_HUGE] = {CONSTANT_PGTY_HUGETLB, CONSTANT_TYPE_HUGETLB,
			    0x800},
	[PAGE_TYPE_OBJECTS] = {CONSTANT_PGTY_SLAB, CONSTANT_TYPE_SLAB, 0x1000},
};

#define TYPE_OLD_BASE  0xf0000000u
#define TYPE_BASE      0x80000000u
#define MAPCOUNT_BUDDY 0xffffff80u /* -128, up to 4.17 */

static bool has(const struct kernel *k, uint32_t id)
{
	int64_t value;

	return profile_constant(k->profile, id, &value);
}

/* Bits of 4.18 to 6.10; some of them changed hands. */
static uint32_t old_bit(const struct kernel *k, enum page_type type)
{
	bool memcg_data =
		profile_field(k->profile, FIELD_PAGE_MEMCG_DATA)->present;

	switch (type) {
	case PAGE_TYPE_PGTABLE: /* 0x400; 0x200 was PG_kmemcg up to 5.10 */
		if (memcg_data)
			return types[type].old;
		return profile_field(k->profile, FIELD_PAGE_MEM_CGROUP)->present
			       ? 0x400
			       : 0;
	case PAGE_TYPE_HUGE: /* 6.9; PG_guard had it up to 5.10 */
		return has(k, CONSTANT_HUGETLB_DTOR) ||
				       has(k, CONSTANT_PG_HUGETLB)
			       ? 0
			       : types[type].old;
	case PAGE_TYPE_OBJECTS: /* 6.10, in place of the flag */
		return has(k, CONSTANT_PG_SLAB) ? 0 : types[type].old;
	default:
		return types[type].old;
	}
}

static void know(const struct kernel *k, enum page_type type, uint32_t *mask,
		 uint32_t *value)
{
	int64_t constant;
	uint32_t bit;

	*mask = 0;
	*value = ~0u; /* never */
	if (profile_constant(k->profile, types[type].word, &constant)) {
		*mask = 0xffu << 24;
		*value = (uint32_t)constant << 24;
		return;
	}
	if (profile_constant(k->profile, types[type].bit, &constant)) {
		*mask = TYPE_BASE | (uint32_t)constant;
		*value = TYPE_BASE;
		return;
	}
	if (!profile_field(k->profile, FIELD_PAGE_TYPE)->present) {
		if (type != PAGE_TYPE_FREE)
			return;
		*mask = ~0u;
		*value = MAPCOUNT_BUDDY;
		return;
	}
	bit = old_bit(k, type);
	if (bit) {
		*mask = TYPE_OLD_BASE | bit;
		*value = TYPE_OLD_BASE;
	}
}

void page_types_know(const struct kernel *k, struct page_types *out)
{
	unsigned int i;

	for (i = 0; i < PAGE_TYPES; i++)
		know(k, i, &out->v[i].mask, &out->v[i].value);
}
