/* SPDX-License-Identifier: BSD-2-Clause */
/* Forms of page tables as data. */
#ifndef ARCH_PAGING_H
#define ARCH_PAGING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGING_MAX_LEVELS 5

/* What entries of one level are: which bits of them mean what. */
struct paging_form {
	uint8_t shift, bits;	/* the index: its place and width */
	bool large;		/* an entry may be a page; at level 1 all are */
	uint64_t page;		/* address bits of a page */
	uint64_t page_reserved; /* must be zero in a page */
	uint64_t page_high;	/* more address bits of a page... */
	uint8_t high_shift;	/* ...and how far up they belong */
	uint64_t table;		/* address bits of the next table */
	uint64_t table_reserved; /* must be zero with a table */
	uint64_t rights;	 /* bits on rights that count */
	uint64_t named;		 /* bits that mean something */
};

/* Which addresses there are: the others are not canonical. */
enum paging_half {
	PAGING_BOTH, /* the top bit is extended to 64 */
	PAGING_LOW,  /* below 2^va_bits */
	PAGING_HIGH  /* the last 2^va_bits */
};

enum paging_kind {
	PAGING_ABSENT, /* the CPU looks no further: the rest is software's */
	PAGING_TABLE,
	PAGING_PAGE,
	PAGING_RESERVED /* it would fault */
};

/* What an entry takes from all that is below it. */
enum paging_denied {
	DENIED_WRITE = 1,
	DENIED_USER = 2,
	DENIED_USER_EXEC = 4,
	DENIED_KERNEL_EXEC = 8
};

struct paging_entry {
	enum paging_kind kind;
	uint64_t pa; /* of the table, or of the page's first byte */
	uint8_t denied;
};

/*
 * A bit of entries by name; a field of more is named with its value.  Words:
 * what it says when it is set, and when it is not (NULL: nothing).
 */
struct paging_bit {
	const char *name;
	uint8_t bit, width;
	uint8_t where; /* of PAGING_IN_* */
	const char *set, *clear;
};

/*
 * How Linux's dump of page tables names an attribute: all of these bits are
 * set in an entry of the last level, or of a large page; 0: in none.
 */
struct paging_column {
	const char *name;
	uint64_t pte, huge;
};

#define PAGING_IN_TABLE 1
#define PAGING_IN_PTE	2 /* a page of the last level */
#define PAGING_IN_HUGE	4
#define PAGING_IN_LEAF	(PAGING_IN_PTE | PAGING_IN_HUGE)
#define PAGING_IN_ANY	7
#define PAGING_QUIET	8 /* the kind of entry tells it: no name in lists */

struct paging;

/* What forms that differ in the width of addresses alone have in common. */
struct paging_family {
	uint8_t entry_bytes;
	bool flat;	    /* tables take no rights from what is below them */
	uint64_t root;	    /* address bits of the root... */
	uint64_t root_high; /* ...and more of them... */
	uint8_t root_shift; /* ...how far up they belong */
	const struct paging_form *form; /* by level, from 1 on */
	const struct paging_bit *bits;	/* a NULL name behind the last */
	/* Bits of a page that say how it is reached: caching, sharing, global;
	 * no rights, and nothing that CPUs set. */
	uint64_t attributes;
	const struct paging_column *columns; /* a NULL name behind the last */
	void (*decode)(const struct paging_family *f, unsigned int level,
		       uint64_t entry, struct paging_entry *e);
};

/* A form of tables.  The top level is called pgd in all of them. */
struct paging {
	const struct paging_family *family;
	uint8_t levels, va_bits;
	uint8_t half;  /* enum paging_half */
	char name[29]; /* "4-level" */
};

/* How many bits of an address choose an entry; the top takes what is left. */
static inline unsigned int paging_bits(const struct paging *p,
				       unsigned int level)
{
	const struct paging_form *f = &p->family->form[level];

	return level == p->levels ? (unsigned int)p->va_bits - f->shift
				  : f->bits;
}

/* The table that a root names, with all else that is in its register. */
static inline uint64_t paging_root(const struct paging *p, uint64_t root)
{
	const struct paging_family *f = p->family;

	return (root & f->root) | (root & f->root_high) << f->root_shift;
}

/* True when va is an address in this form. */
bool paging_canonical(const struct paging *p, uint64_t va);

/* The address that the va_bits low bits of va stand for. */
uint64_t paging_extend(const struct paging *p, uint64_t va);

/* "pgd", "p4d", "pud", "pmd", "pte" of a level. */
const char *paging_level_name(const struct paging *p, unsigned int level);

/* A part of an entry: some of its bits, and what they say. */
struct paging_part {
	const char *name; /* "RW", "address"; "": bits without a meaning here */
	const char *words;
	uint8_t bit, width; /* the lowest, and how many */
	bool is_address;
	uint64_t value; /* of an address as it stands there: all other bits 0 */
};

#define PAGING_MAX_PARTS 64

/*
 * All parts of an entry, from its highest bit down: together they are all of
 * it.  Those of one that is absent are the system's: `absent` has them (a NULL
 * name behind the last), or is NULL.  The value is their number.
 */
size_t paging_parts(const struct paging *p, unsigned int level, uint64_t entry,
		    const struct paging_bit *absent,
		    struct paging_part parts[PAGING_MAX_PARTS]);

/* The part of that name, or NULL. */
const struct paging_part *paging_part_find(const struct paging_part *parts,
					   size_t n, const char *name);

/*
 * The names of what is set in an entry that is there ("P RW US A D NX"), cut to
 * size.
 */
void paging_entry_bits(const struct paging *p, unsigned int level,
		       uint64_t entry, char *text, size_t size);

#endif
