/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's own symbol table: found in bytes of its image, and decoded. */
#ifndef SYMBOLS_KALLSYMS_H
#define SYMBOLS_KALLSYMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "symbols/symtab.h"

/*
 * What scripts/kallsyms.c writes, in an order that has changed several times
 * (docs/facts/kernel.md, "kallsyms"):
 *
 * tokens: token_table, 256 strings; token_index, u16[256], where each starts.
 * names: per symbol a length (from 6.1 on of two bytes where bit 7 is set) and
 * that many token numbers; the text they expand to is a type letter and the
 * name.  markers[i]: where the record of symbol 256 * i starts.
 */
enum kallsyms_encoding {
	KALLSYMS_ABSOLUTE,	  /* address, up to 4.5 */
	KALLSYMS_ABSOLUTE_PERCPU, /* 4.6 - 6.14; >= 0: a plain value */
	KALLSYMS_BASE_RELATIVE,	  /* 6.15 - 6.19 */
	KALLSYMS_PLACE_RELATIVE	  /* from 7.0: from the element itself */
};

#define KALLSYMS_NONE UINT32_MAX

/* What one search for the tables may cost; a kernel takes some 300,000. */
#define KALLSYMS_STEPS (16u << 20)

/* Where the tables lie in bytes that start at va; borrows the bytes. */
struct kallsyms {
	const uint8_t *bytes;
	size_t len;
	uint64_t va;
	size_t num_syms, names, markers, token_table, token_index;
	size_t names_len, token_table_len;
	uint32_t n, n_markers;
	uint16_t token[256]; /* as in token_index */
	uint32_t steps;	     /* left for the search: hostile bytes end it */
	/* Symbol numbers, or KALLSYMS_NONE. */
	uint32_t banner;  /* linux_banner */
	uint32_t text;	  /* _text */
	uint32_t offsets; /* kallsyms_offsets, from 6.4 on */
};

/*
 * The first token table that starts at or after *at, proven by its index;
 * moves *at there.  It needs all of its (about 1500) bytes.  Gives up after a
 * thousand places that begin like one.
 */
bool kallsyms_tokens(const void *bytes, size_t len, size_t *at);

/*
 * Find the other tables from a token table; proven by walking every record
 * against every marker.  False: not a table, or cut off by the bytes' ends.
 */
bool kallsyms_find(struct kallsyms *k, const void *bytes, size_t len,
		   uint64_t va, size_t token_table);

/* One way to read the addresses, to be tried. */
struct kallsyms_trial {
	enum kallsyms_encoding encoding;
	size_t table;	 /* position of addresses or offsets */
	uint64_t base;	 /* relative_base, where there is one */
	uint64_t banner; /* what linux_banner would be */
	uint64_t text;	 /* what _text would be */
};

#define KALLSYMS_TRIALS 8

/*
 * All ways to read the addresses that fit in the bytes; the right one has
 * "Linux version " at `banner`.  (Ascending addresses prove nothing: a table
 * that is off by one element ascends too.)  From 6.4 on only those where
 * kallsyms_offsets is its own table's address.  None where the kernel lists
 * no data symbols (CONFIG_KALLSYMS_ALL=n).
 */
size_t kallsyms_trials(const struct kallsyms *k,
		       struct kallsyms_trial trials[KALLSYMS_TRIALS]);

/* Bytes that the addresses take. */
size_t kallsyms_table_len(const struct kallsyms *k,
			  const struct kallsyms_trial *trial);

/*
 * Decode all symbols; those within 1 GiB from `text`, the address of _text
 * (trial->text), become distances from it.  ERR_CORRUPT, ERR_NOMEM.
 */
int kallsyms_decode(const struct kallsyms *k,
		    const struct kallsyms_trial *trial, uint64_t text,
		    struct symtab_builder *out, struct err *err);

/*
 * The record at *pos, which moves behind it: its token numbers and their
 * count.  False at the end of the bytes.
 */
bool kallsyms_record(const struct kallsyms *k, size_t *pos,
		     const uint8_t **tokens, size_t *n);

#endif
