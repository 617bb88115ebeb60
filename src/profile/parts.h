/* SPDX-License-Identifier: BSD-2-Clause */
/* What sources deliver: the symbols, the types, or both, of one kernel. */
#ifndef PROFILE_PARTS_H
#define PROFILE_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "profile/identity.h"
#include "profile/image.h"
#include "profile/mapped.h"
#include "profile/proof.h"
#include "profile/resolve.h"
#include "symbols/symtab.h"

/*
 * A profile in the making.  A source fills what it has: symbols (sym), types
 * (values, and btf where they came from BTF), landmarks, the link address.
 * Everything it points into is owned here.  Zero-initialise, but for readers,
 * whose wishes the values are; that is borrowed.
 *
 * Sources so far: guest memory (guest.h), files (file.h: ELF, vmlinuz,
 * System.map, BTF, saved profiles), the cache (cache.h).  A further one (DWARF,
 * ISF, inference) needs nothing but to fill sym through a symtab_builder, or
 * values.
 */
struct parts {
	const struct readers *readers;
	struct symtab sym; /* sym.n == 0: no symbols */
	struct wanted_values values;
	bool have_values;
	const uint8_t *btf; /* NULL: none */
	size_t btf_len;
	uint64_t btf_sum; /* what a stored blob must sum up to; 0: unknown */
	struct landmarks places;
	struct identity id; /* id.n == 0: not taken yet */
	struct proof proof;
	size_t boot;	    /* in proof.boot; PROOF_BOOTS: not there */
	uint64_t link_text; /* link address of _text; 0: not known */
	/* What sym and btf point into; NULL where it is none of these. */
	void *sym_heap, *btf_heap;
	struct mapped map;
};

/* What is left is as new, for the same readers. */
void parts_deinit(struct parts *p);

/* Finish a builder into p->sym. */
int parts_take_symbols(struct parts *p, struct symtab_builder *b,
		       struct err *err);

/*
 * Resolve the wanted types from BTF bytes and keep these; `heap` is freed with
 * the parts (NULL: the bytes live elsewhere).  On failure nothing is taken
 * and heap still belongs to the caller.
 */
int parts_take_btf(struct parts *p, const uint8_t *btf, size_t len, void *heap,
		   struct err *err);

/* The distance of a symbol from _text; false when it is not in the image. */
bool parts_symbol(const struct parts *p, const char *name, uint64_t *offset);

/* Set span to [start, stop) by two symbols, where both exist. */
void parts_span(const struct parts *p, const char *start, const char *stop,
		uint64_t max, struct image_span *span);

/* Where the BTF lies by its symbols (5.2 - 5.5 named them otherwise). */
void parts_btf_span(const struct parts *p, struct image_span *span);

/* Fill the landmarks that are not known yet from symbols. */
void parts_find_places(struct parts *p);

/* Those of a profile that is open, and where its _text is. */
const struct parts *profile_parts(const struct profile *p, uint64_t *text);

#endif
