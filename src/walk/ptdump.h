/* SPDX-License-Identifier: BSD-2-Clause */
/* All that an address space maps, and the tables that it takes. */
#ifndef WALK_PTDUMP_H
#define WALK_PTDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "machine/machine.h"
#include "walk/walk.h"

/*
 * More is not read, and `cut` says so: pages of tables (those of 512 GiB in
 * pages of 4 KiB), changes within them, tables reached by all ways, runs.
 */
#define PTDUMP_TABLES_MAX (1u << 18)
#define PTDUMP_PIECES_MAX (1u << 22)
#define PTDUMP_STEPS_MAX  (1u << 22)
#define PTDUMP_RUNS_MAX	  (1u << 19)

/* Consecutive pages of one size and of like rights and attributes. */
struct ptdump_run {
	uint64_t va, len;
	uint64_t attributes;  /* of their entries: paging_family.attributes */
	uint8_t level;	      /* of their entries */
	bool write, user, nx; /* by the entries of all levels */
};

/* Something that is wrong: how often, and where the first is. */
struct ptdump_fault {
	size_t n;
	uint64_t va, pa; /* what it would map; the table, or the entry's */
};

struct ptdump {
	size_t steps; /* may be set: less than PTDUMP_STEPS_MAX; 0: those */
	VEC(struct ptdump_run) runs; /* ascending, disjoint */
	/* Pages of tables that were read, by level; each counts once. */
	size_t tables[PAGING_MAX_LEVELS + 1];
	size_t shared;			/* entries that lead to one again */
	struct ptdump_fault unreadable; /* tables outside RAM, or not read */
	struct ptdump_fault reserved;	/* entries with reserved bits */
	bool cut;			/* a limit from above was met... */
	uint64_t cut_va;		/* ...first for what is here */
};

/* The part of a space that is wanted: where it has no halves, all. */
enum ptdump_half {
	PTDUMP_BOTH,
	PTDUMP_LOW,
	PTDUMP_HIGH
};

/*
 * Read the tables of a space breadth-first, one batch per level (some, where
 * a level has more than 16384), and put together what they map.  A table
 * is read once, however often it is reached, by itself perhaps: it counts once
 * at each level that it is used at.  The caller frees with ptdump_deinit(),
 * also after an error; *out is zero before, but for its steps.  0; ERR_NOMEM;
 * or what the machine said.
 */
int ptdump_read(struct machine *m, const struct walk_root *root,
		enum ptdump_half half, struct ptdump *out, struct err *err);
void ptdump_deinit(struct ptdump *d);

/* The bytes of a run's pages. */
uint64_t ptdump_page_size(const struct paging *p, const struct ptdump_run *r);

/* Its last address: there is one behind it unless that is the top. */
static inline uint64_t ptdump_last(const struct ptdump_run *r)
{
	return r->va + (r->len - 1);
}

#endif
