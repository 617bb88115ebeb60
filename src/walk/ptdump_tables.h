/* SPDX-License-Identifier: BSD-2-Clause */
/* The tables of an address space, each read once; for ptdump.c. */
#ifndef WALK_PTDUMP_TABLES_H
#define WALK_PTDUMP_TABLES_H

#include "base/map.h"
#include "walk/ptdump.h"

/* What pages are like, whoever maps them. */
struct ptdump_leaf {
	uint64_t attributes;
	uint8_t level;
	uint8_t denied; /* enum paging_denied */
};

/*
 * Consecutive entries of a table that say the same: pages of one kind, or the
 * same table below (then only leaf.denied means something).
 */
struct ptdump_piece {
	struct ptdump_leaf leaf;
	bool is_leaf;
	uint16_t index, count;
	uint32_t child; /* its number */
};

/* A page of tables at the level that it is used at. */
struct ptdump_table {
	uint64_t pa, va;   /* of what it was first met for */
	uint32_t first, n; /* its pieces */
	uint8_t level;
	bool uniform; /* all that it maps is `whole`, without a gap */
	struct ptdump_leaf whole;
};

/*
 *   tables: | top | level 3 ... | level 2 ......... | level 1 ............. |
 *             |                                        one piece after the
 *             +-- pieces[first .. first + n - 1]       other, gaps between
 *
 * A child stands behind all tables of its parent's level.
 */
struct ptdump_tables {
	VEC(struct ptdump_table) list;
	VEC(struct ptdump_piece) pieces;
	struct map seen; /* pa and level to a number */
};

/* Read them; what is counted and what is wrong goes to *out. */
int ptdump_tables_read(struct machine *m, const struct walk_root *root,
		       enum ptdump_half half, struct ptdump_tables *t,
		       struct ptdump *out, struct err *err);
void ptdump_tables_deinit(struct ptdump_tables *t);

#endif
