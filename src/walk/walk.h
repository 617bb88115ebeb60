/* SPDX-License-Identifier: BSD-2-Clause */
/* x86 page walks as values, one or many at a time. */
#ifndef WALK_WALK_H
#define WALK_WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "walk/bits.h"

#define WALK_MAX_LEVELS 5

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
	uint16_t index; /* 0 to 511, or 1023 in tables of 4-byte entries */
	uint8_t level;	/* 1 pte, 2 pmd, 3 pud, 4 p4d, 5 pgd (see below) */
	uint8_t kind;	/* enum walk_entry_kind */
};

/*
 * What entries of one level are, and which part of an address chooses one.
 * All zero of a mask: there is nothing of the kind.
 */
struct walk_form {
	uint8_t shift, bits;	 /* the index: its place and width */
	bool large;		 /* PS makes it a page; at level 1 all are */
	uint64_t page;		 /* address bits of a page */
	uint64_t page_reserved;	 /* must be zero in a page */
	uint64_t page_high;	 /* more address bits of a page... */
	uint8_t high_shift;	 /* ...and how far up they belong */
	uint64_t table;		 /* address bits of the next table */
	uint64_t table_reserved; /* must be zero with a table */
	uint64_t rights;	 /* those of RW, US, NX that count */
	uint64_t named;		 /* bits that mean something */
};

/* A paging mode.  The top level is called pgd in all of them. */
struct walk_mode {
	const char *name;
	unsigned int levels;
	unsigned int va_bits; /* 48, 57 or 32 */
	uint8_t entry_bytes;
	bool halves;		      /* the top bit is extended to 64 */
	uint64_t root;		      /* address bits of CR3 */
	const struct walk_form *form; /* [1 .. levels] */
};

extern const struct walk_mode walk_mode_4level, walk_mode_5level;
/* Protected mode: PAE; 4-byte entries, with large pages (PSE) or without. */
extern const struct walk_mode walk_mode_pae, walk_mode_32bit,
	walk_mode_32bit_4k;

/* In long mode. */
const struct walk_mode *walk_mode_of_cr4(uint64_t cr4);

/* How a vCPU walks its tables, by its own registers; NULL: it has none. */
const struct walk_mode *walk_mode_of_vcpu(const struct vcpu *v);

/* "pgd", "p4d", "pud", "pmd", "pte" of a level in this mode. */
const char *walk_level_name(const struct walk_mode *mode, unsigned int level);

/*
 * How this kernel writes entries that are not present (docs/facts/kernel.md,
 * "Swap entries"; facts differ by version, so the kernel layer fills this from
 * what the guest has).  Types count from 0 to 31; a first of 32 means that
 * there is no such type.
 */
struct walk_swap_format {
	bool known;	      /* false: say WALK_NOT_PRESENT, decode nothing */
	bool inverted;	      /* address bits inverted (L1TF fix) */
	uint8_t hwpoison;     /* type of hardware-poisoned pages */
	uint8_t migration;    /* first type of migration entries */
	uint8_t device;	      /* first type of device-private entries */
	uint8_t marker;	      /* type of pte markers */
	uint8_t swapin_error; /* type of swap-in errors (6.0 to 6.2) */
	uint8_t pfn_bits;     /* pfn width in the offset of such types */
};

/* One address space: a root and how to read it. */
struct walk_root {
	uint64_t pgd; /* physical address of the top table */
	const struct walk_mode *mode;
	/*
	 * Top entries of the user half carry a poison NX bit that does not
	 * count (kernel PGD of a process; docs/facts/kernel.md, "Page-table
	 * isolation").
	 */
	bool pti_kernel;
	const struct walk_swap_format *swap; /* NULL: unknown */
};

/* A walk: launched from a root and an address, one step per level. */
struct walk {
	const struct walk_root *root;
	uint64_t va;
	uint64_t pa;	    /* of va itself where walk_has_frame() */
	uint64_t page_size; /* of the level it ended at: 4 KiB to 1 GiB */
	uint64_t swap_offset;
	uint8_t swap_type;
	bool done;
	bool write, user, nx; /* effective: AND, AND, OR over the levels */
	enum walk_result result;
	unsigned int n;
	struct walk_level level[WALK_MAX_LEVELS];
};

/* Start a walk; it is done at once when va is not canonical. */
void walk_launch(struct walk *w, const struct walk_root *root, uint64_t va);

/* Take one step with that entry; readable is false when it cannot be read. */
void walk_step(struct walk *w, uint64_t entry, bool readable);

/*
 * Walk n launched walks, level by level: one batch of reads per level.  0, or
 * a negative code when the machine is gone.
 */
int walk_run(struct machine *m, struct walk *walks, size_t n, struct err *err);

/* Launch and run a single walk. */
int walk_one(struct machine *m, const struct walk_root *root, uint64_t va,
	     struct walk *w, struct err *err);

/* One line on why there is no page: "pmd[17] = 0x0 (absent)". */
void walk_describe(const struct walk *w, char *text, size_t size);

/*
 * True when va is canonical in this mode (SDM vol. 1, 3.3.7.1); in protected
 * mode, when it has 32 bits.
 */
bool walk_canonical(const struct walk_mode *mode, uint64_t va);

/* The address that the va_bits low bits of va stand for. */
uint64_t walk_extend(const struct walk_mode *mode, uint64_t va);

/*
 * The names of the bits set in an entry ("P RW US A D NX"), decoded for its
 * level and kind; cut to size.
 */
void walk_entry_bits(const struct walk_mode *mode, const struct walk_level *l,
		     char *text, size_t size);

#endif
