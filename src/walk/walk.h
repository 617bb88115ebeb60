/* SPDX-License-Identifier: BSD-2-Clause */
/* Page walks as values, one or many at a time. */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/paging.h"
#include "base/cursor.h"
#include "base/err.h"
#include "machine/machine.h"

enum walk_result {
	WALK_MAPPED,	    /* present leaf: pa and page_size are set */
	WALK_ABSENT,	    /* an entry that is all zero */
	WALK_SWAPPED,	    /* swap entry: swap_type, swap_offset */
	WALK_MIGRATING,	    /* page on the move: pa is its frame */
	WALK_PROT_NONE,	    /* frame kept, access revoked: pa is set */
	WALK_DEVICE,	    /* device-private memory: swap_offset is a pfn */
	WALK_POISONED,	    /* hardware-poisoned page, or swap-in error */
	WALK_MARKER,	    /* pte marker (uffd, guard): no page behind it */
	WALK_NOT_PRESENT,   /* not present, of a kind that is not known */
	WALK_RESERVED,	    /* a reserved bit is set: the CPU would fault */
	WALK_UNREADABLE,    /* a table lies outside RAM or cannot be read */
	WALK_NON_CANONICAL, /* the address is none in this mode */
	WALK_RESULTS
};

/* Whether the address was resolved to a frame that the process still owns. */
bool walk_has_frame(enum walk_result result);
const char *walk_result_name(enum walk_result result);

/* What one entry led to. */
enum walk_entry_kind {
	ENTRY_TABLE, /* the next table */
	ENTRY_PAGE,  /* a page of this level's size */
	ENTRY_END    /* neither: walk.result tells why */
};

struct walk_level {
	uint64_t table; /* physical address of the table */
	uint64_t entry; /* its value; 0 when it could not be read */
	uint16_t index; /* of the entry in it */
	uint8_t level;	/* 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd (see below) */
	uint8_t kind;	/* enum walk_entry_kind */
};

struct walk;

/*
 * How an operating system writes entries that the CPU does not look into: ends
 * the walk with walk_end().  Not asked about entries that are all zero.
 */
struct walk_os {
	void (*absent)(const struct walk_os *os, struct walk *w, uint64_t entry,
		       unsigned int level);
	/*
	 * The parts of the entry that ended a walk so, a NULL name behind the
	 * last; NULL: they are not known.  May be NULL.
	 */
	const struct paging_bit *(*parts)(const struct walk_os *os,
					  const struct walk *w);
};

/* One address space: a root and how to read it. */
struct walk_root {
	uint64_t pgd; /* as in the register: the top table, and more */
	const struct paging *paging;
	const struct walk_os *os; /* NULL: unknown */
	uint64_t poison; /* bits of top entries of the lower half that do not
			    count */
};

/* A walk: launched from a root and an address, one step per level. */
struct walk {
	const struct walk_root *root;
	uint64_t va;
	uint64_t pa;	    /* of va itself where walk_has_frame(), and of
			     * hardware-poisoned pages; else 0 */
	uint64_t next;	    /* the table of the next step */
	uint64_t page_size; /* of the level it ended at: 4 KiB to 1 GiB */
	uint64_t swap_offset;
	uint8_t swap_type;
	bool done;
	uint8_t denied;	      /* enum paging_denied, of all levels */
	bool write, user, nx; /* what that leaves; nx: for whoever runs there */
	enum walk_result result;
	unsigned int n;
	struct walk_level level[PAGING_MAX_LEVELS];
};

/* How far into the page of the level it is at the address lies. */
static inline uint64_t walk_in_page(const struct walk *w)
{
	return w->va & (w->page_size - 1);
}

/* Start a walk; it is done at once when va is not canonical. */
void walk_launch(struct walk *w, const struct walk_root *root, uint64_t va);

/* The end that walk_os.absent comes to. */
void walk_end(struct walk *w, enum walk_result result);

/* Take one step with that entry; readable is false when it cannot be read. */
void walk_step(struct walk *w, uint64_t entry, bool readable);

/*
 * One entry of a table alone: launched, and stepped with it, as if the levels
 * above had denied that much (enum paging_denied).
 */
void walk_enter(struct walk *w, const struct walk_root *root, uint64_t va,
		unsigned int level, uint8_t denied, uint64_t entry);

/* How many bytes a table of that level has. */
static inline size_t walk_table_bytes(const struct paging *p,
				      unsigned int level)
{
	return ((size_t)1 << paging_bits(p, level)) * p->family->entry_bytes;
}

/* The entry `index` of the bytes of a table. */
static inline uint64_t walk_table_entry(const struct paging *p,
					const uint8_t *table, size_t index)
{
	return p->family->entry_bytes == 4 ? le32(table + index * 4)
					   : le64(table + index * 8);
}

/*
 * Walk n launched walks, level by level: one batch of reads per level.  0, or
 * a negative code when the machine is gone.
 */
int walk_run(struct machine *m, struct walk *walks, size_t n, struct err *err);

/* Launch and run a single walk. */
int walk_one(struct machine *m, const struct walk_root *root, uint64_t va,
	     struct walk *w, struct err *err);

/* What entry i of a walk takes away (enum paging_denied), itself alone. */
uint8_t walk_level_denied(const struct walk *w, unsigned int i);

/* The parts of entry i, as paging_parts() has them. */
size_t walk_level_parts(const struct walk *w, unsigned int i,
			struct paging_part parts[PAGING_MAX_PARTS]);

/* One line on why there is no page: "pmd[17] = 0x0 (absent)". */
void walk_describe(const struct walk *w, char *text, size_t size);

#endif
