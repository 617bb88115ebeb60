/* SPDX-License-Identifier: BSD-2-Clause */
/* Virtual address spaces on top of a machine: scatter reads by address. */
#ifndef WALK_SPACE_H
#define WALK_SPACE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "walk/walk.h"

/*
 * One virtual read.  Afterwards `got` bytes from the start are in dst;
 * got < len means that va + got could not be read, and `end` says why.
 */
struct space_read {
	const struct walk_root *root;
	uint64_t va;
	void *dst;
	size_t len;
	size_t got;
	enum walk_result end; /* WALK_MAPPED: translated, yet not readable */
};

/*
 * Read n pieces, each from its own address space, any length and alignment:
 * all translations level by level, then all bytes in one batch (more than
 * 131072 reads: in parts).  0, or a negative code when the machine is gone.
 */
int space_read(struct machine *m, struct space_read *reads, size_t n,
	       struct err *err);

/*
 * Read one piece whole.  ERR_UNREADABLE, with the address and the entry that
 * ended the walk, when any byte of it is not there.
 */
int space_read_all(struct machine *m, const struct walk_root *root, uint64_t va,
		   void *dst, size_t len, struct err *err);

/*
 * The tables of range walks: how many pages of them may still be read, and
 * what became of it.  Nothing that a table maps is found where the table
 * cannot be read: who says "nothing" asks for `unreadable` first.
 * Zero-initialise and set what stands first; may serve several walks.
 */
struct space_tables {
	size_t left;	    /* counted down; ERR_CORRUPT beyond it */
	unsigned int level; /* count no tables above it; 0: count all */
	size_t unreadable;  /* tables outside RAM, or that were not read */
	uint64_t pa, va;    /* the first of them, and what it would map */
};

/* A run of consecutive pages of like permissions, as a range walk finds it. */
struct space_run {
	uint64_t va, len;
	bool write, user, nx;
};

/*
 * All that is mapped in [start, end), in order, neighbours with the same
 * permissions merged; table pages are read whole, level by level.  The caller
 * frees *runs.  ERR_CORRUPT: more tables than `tables` has left.
 */
int space_runs(struct machine *m, const struct walk_root *root, uint64_t start,
	       uint64_t end, struct space_tables *tables,
	       struct space_run **runs, size_t *n, struct err *err);

/* Consecutive pages that are consecutive in physical memory, too. */
struct space_extent {
	uint64_t va, pa, len;
};

/*
 * All that has a frame in [start, last], in order: what is mapped, and pages
 * without access or on the move, as walk_has_frame() has it.  The caller frees
 * *extents.  Errors as above.
 */
int space_extents(struct machine *m, const struct walk_root *root,
		  uint64_t start, uint64_t last, struct space_tables *tables,
		  struct space_extent **extents, size_t *n, struct err *err);

/* An entry that is not empty, and has no frame: how a walk there ends. */
struct space_end {
	uint64_t va, len;
	enum walk_result result;
	uint8_t swap_type; /* WALK_SWAPPED, WALK_DEVICE */
	uint64_t swap_offset;
};

/*
 * All such entries in [start, last], in order; the caller frees *ends.  Errors
 * as above.
 */
int space_ends(struct machine *m, const struct walk_root *root, uint64_t start,
	       uint64_t last, struct space_tables *tables,
	       struct space_end **ends, size_t *n, struct err *err);

/* 1 GiB, what an entry of a pud spans; no page is larger. */
#define SPACE_SLOT	 (1ULL << 30)
#define SPACE_SLOT_LEVEL 3

/*
 * The slots of [start, last] in which something may be mapped, in order, as
 * their addresses: tables are read down to SPACE_SLOT_LEVEL.  Errors and
 * ownership as above.
 */
int space_slots(struct machine *m, const struct walk_root *root, uint64_t start,
		uint64_t last, struct space_tables *tables, uint64_t **slots,
		size_t *n, struct err *err);

/* A stretch of an address space, last included. */
struct space_range {
	const struct walk_root *root;
	uint64_t start, last;
};

/*
 * Called with each entry of the last level that is not empty: a walk of that
 * one entry, w->level[0], to w->va.  0, or ERR_NOMEM, which ends it all.
 */
typedef int space_leaf_fn(void *arg, size_t range, const struct walk *w);

/*
 * Such entries of n ranges, of whose roots the way of paging is one: a batch
 * for each level, the larger pages before the smaller ones.  Errors as above.
 */
int space_leaves(struct machine *m, const struct space_range *ranges, size_t n,
		 struct space_tables *tables, space_leaf_fn *leaf, void *arg,
		 struct err *err);

#endif
