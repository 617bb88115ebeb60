/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes kallsyms tables as every kernel from 3.16 on does. */
#ifndef TESTS_KALLSYMS_KIT_H
#define TESTS_KALLSYMS_KIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* The layouts of scripts/kallsyms.c, by the version that brought them. */
enum kit_layout {
	KIT_3_16, /* u64 addresses */
	KIT_4_6,  /* s32 offsets, u64 counts and markers */
	KIT_4_20, /* u32 counts and markers */
	KIT_6_2,  /* two-byte lengths; seqs between markers and tokens */
	KIT_6_4,  /* offsets behind the tokens */
	KIT_6_4_ABSOLUTE, /* the same without BASE_RELATIVE */
	KIT_6_15,	  /* all offsets relative to _text */
	KIT_7_0,	  /* offsets relative to their own place, alignment 4 */
	KIT_LAYOUTS
};

struct kit_symbol {
	uint64_t address; /* as the kernel sees it at run time */
	char name[512];
	char type;
};

/* Where the parts came to lie, from the start of the buffer. */
struct kit_places {
	size_t addresses, base, num_syms, names, markers, table, index, seqs;
};

/*
 * Append the tables to out, whose first byte has address va.  The symbols must
 * be sorted; text is the runtime address of _text.
 */
void kit_kallsyms(struct buf *out, enum kit_layout layout,
		  const struct kit_symbol *syms, size_t n, uint64_t va,
		  uint64_t text, struct kit_places *places);

/* Sort by address. */
void kit_sort(struct kit_symbol *syms, size_t n);

/* Little-endian numbers at the end of a buffer. */
void kit_put(struct buf *out, uint64_t value, size_t size);

/* Zeros until the end of the buffer has an address aligned to `to`. */
void kit_align(struct buf *out, uint64_t va, size_t to);

/* Whether kernels of this layout list the tables' own addresses. */
bool kit_lists_itself(enum kit_layout layout);

#endif
