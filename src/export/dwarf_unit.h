/* SPDX-License-Identifier: BSD-2-Clause */
/* One unit of DWARF: the types and things of the kernel, or of a module. */
#ifndef EXPORT_DWARF_UNIT_H
#define EXPORT_DWARF_UNIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "export/dwarf_abbrev.h"
#include "export/layout.h"
#include "export/named.h"
#include "export/portrait.h"
#include "export/emit.h"
#include "types/btf.h"

/* A function whose name, code and prototype belong together. */
struct dwarf_function {
	uint64_t va, size;
	uint32_t type;	 /* of kind FUNC */
	uint32_t symbol; /* number in the portrait */
};

/* A variable of the image whose type is known. */
struct dwarf_global {
	uint64_t va;
	uint32_t type;	   /* what it is made of; 0: void */
	uint32_t name;	   /* in .debug_str */
	const char *shape; /* see known_globals.h */
	bool external;
};

/*
 * Where each type's entry is in .debug_info: `die` and `state` are of type
 * first_id + i of the unit's own blob.  What a module takes from the kernel's
 * types is in `base`.
 */
struct dwarf_unit {
	const struct portrait *p;
	const struct dwarf_unit *base; /* NULL: this is the kernel's */
	struct btf btf;
	uint32_t owner;
	uint32_t *die;	  /* UINT32_MAX: it has none, or not yet */
	uint8_t *state;	  /* see dwarf_graph.c */
	bool enums_tell;  /* flags of ENUMs tell which are signed */
	uint32_t strings; /* where the blob's lie in .debug_str */
	uint32_t name, producer, area; /* names there: its own, of whoever wrote
					  it, of all per-CPU variables */
	uint32_t abbrevs, ranges;      /* offsets of the unit's tables */
	uint64_t start, end;	       /* in .debug_info */
	VEC(struct dwarf_function) functions; /* ascend by address */
	VEC(struct dwarf_global) globals;
};

/* What each unit, and each table of ranges, begins with: section 7.5.1.1. */
#define DWARF_VERSION	  5
#define DWARF_ADDRESS	  8
#define DWARF_LENGTH_SIZE 4 /* a length does not count itself */

/*
 * Take a blob, which is borrowed, into a unit that has its portrait, its owner
 * and its base: ERR_CORRUPT where it is none, ERR_NOMEM.  The caller deinits
 * after success.
 */
int dw_unit_init(struct dwarf_unit *u, const struct portrait_types *t,
		 struct err *err);
void dw_unit_deinit(struct dwarf_unit *u);

/* The whole unit, once its functions and globals are known. */
void dw_put_unit(struct dwarf_unit *u, struct emit *s);

/*
 * Find the types that no reader of the file would come to an end with: those
 * that hold themselves, and what is nested too deep.  ERR_NOMEM.
 */
int dw_graph(struct dwarf_unit *u, struct err *err);

/* Whether a type was found to be one of these; false for void. */
bool dw_is_cut(const struct dwarf_unit *u, uint32_t id);

/*
 * The type that has an entry for a reference to `id`: itself, or behind type
 * tags; 0 stands for void and for all that has none.
 */
uint32_t dw_target(const struct dwarf_unit *u, uint32_t id);

/*
 * The bytes of an object of that type; false where there are none of it (void,
 * functions), or it would have more than 4 GiB.  What is incomplete has 0.
 */
bool dw_sized(const struct dwarf_unit *u, uint32_t id, uint64_t *size);

/*
 * Which symbols and types make functions and globals; the names of these go to
 * `strings`, the beginning of .debug_str.  ERR_NOMEM.
 */
int dw_functions(struct dwarf_unit *u, const struct layout *l,
		 const struct named *code, struct err *err);
int dw_globals(struct dwarf_unit *u, struct buf *strings, struct err *err);

/* An entry of the unit begins: its code, name ("": none), type (0: none). */
void dw_begin(const struct dwarf_unit *u, struct emit *s, unsigned int die,
	      const char *name, uint32_t type);

/* The same with places: in .debug_str, and of the type's entry; 0: none. */
void dw_begin_at(const struct dwarf_unit *u, struct emit *s, unsigned int die,
		 uint32_t name, uint64_t type);

/* That kind of entry, of a type that may have no members. */
unsigned int dw_with(unsigned int die, const struct btf_type *t);

/* Where the entry of a type is; 0: void, or it has none. */
uint64_t dw_place(const struct dwarf_unit *u, uint32_t type);

/* The entries themselves; those of types note where they lie. */
void dw_put_types(struct dwarf_unit *u, struct emit *s);
void dw_put_per_cpu(const struct dwarf_unit *u, struct emit *s);
void dw_put_globals(const struct dwarf_unit *u, struct emit *s);
void dw_put_functions(const struct dwarf_unit *u, struct emit *s);

/* How DIE_PROTO and DIE_FUNCTION end: parameters, with names or without. */
void dw_put_params(const struct dwarf_unit *u, struct emit *s,
		   const struct btf_type *proto, bool names);

#endif
