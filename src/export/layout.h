/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies where in a kernel's memory: pieces, and the symbols in them. */
#ifndef EXPORT_LAYOUT_H
#define EXPORT_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "export/portrait.h"

enum piece_kind {
	PIECE_TEXT,
	PIECE_INIT_TEXT,
	PIECE_RODATA,
	PIECE_DATA,
	PIECE_BSS,
	PIECE_IMAGE, /* between the image's other pieces */
	PIECE_OTHER, /* around data symbols of modules */
	PIECE_KINDS
};

/* A stretch of memory: [va, va + len), which does not wrap. */
struct piece {
	uint64_t va, len;
	uint32_t owner;
	enum piece_kind kind;
	const uint8_t *bytes; /* the portrait's, or NULL */
};

/* More than these an ELF file could not have; a kernel has some hundreds. */
#define LAYOUT_PIECES  8192u

#define LAYOUT_NOWHERE UINT32_MAX

/* A symbol's piece, and how far it is to the next one of its owner there. */
struct placed {
	uint32_t piece; /* LAYOUT_NOWHERE: in none */
	uint32_t size;	/* 0: not known */
};

/* Pieces ascend and do not overlap.  Borrows the portrait. */
struct layout {
	const struct portrait *p;
	VEC(struct piece) pieces;
	struct placed *symbols; /* as those of the portrait */
};

/* Whether there is code in it. */
bool piece_is_code(const struct piece *piece);

/*
 * The image from its first byte to its last, with borders where symbols tell
 * them; each module's code; what lies around the other symbols of modules.
 * ERR_NOMEM.  The caller deinits, also after an error.
 */
int layout_init(struct layout *l, const struct portrait *p, struct err *err);
void layout_deinit(struct layout *l);

/*
 * Whether a symbol is that of a per-CPU variable, and `*offset` where this lies
 * in each CPU's area: docs/facts/kernel.md, "Per-CPU variables".
 */
bool layout_per_cpu(const struct portrait *p, const struct portrait_symbol *s,
		    uint64_t *offset);

#endif
