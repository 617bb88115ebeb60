/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files that write a C header have in common. */
#ifndef EXPORT_HEADER_INSIDE_H
#define EXPORT_HEADER_INSIDE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buf.h"
#include "types/btf.h"
#include "types/declare.h"
#include "types/members.h"
#include "types/type_names.h"

/* What is deeper is left out. */
#define HEADER_MAX_DEPTH DECLARE_MAX_DEPTH

/* How far a struct, union or typedef has come. */
enum header_state {
	HEADER_AHEAD,
	HEADER_UNDER_WAY, /* what it needs is being written */
	HEADER_WRITTEN,
	HEADER_IMPOSSIBLE
};

struct header_type {
	uint8_t state; /* enum header_state */
	uint8_t align; /* of a struct or union as it is written; 0: not known */
	bool packed;
	bool used;    /* an anonymous enum: by any type, */
	bool inlined; /* and by one alone */
	bool bare;    /* with a name, but a member without one is of it */
};

/*
 * A header on its way.  Types are written when all is that they need: see
 * header_order().  `steps` is what is left of what may be done, for a blob of
 * n bytes can describe declarations of 2^n.
 */
struct header {
	const struct btf *btf;
	FILE *out;
	struct type_names names;
	struct header_type *types; /* by id */
	struct map left_out;	   /* members; see header_leaves_out() */
	struct buf text;	   /* what is to be written */
	char last;		   /* of what was */
	uint64_t steps;
	unsigned int depth, level, holes;
	bool signs; /* enums tell whether they are signed */
	bool oom;
};

/* header_order.c */

/*
 * Have a type written, and before it what it needs; true where it can be used:
 * by its name alone, or as a `whole`, with its size.
 */
bool header_order(struct header *h, uint32_t id, bool whole);

/* The name by which C knows an INT or FLOAT; NULL: none, it needs a typedef. */
const char *header_base_name(const struct btf_type *t);

/* What it is to C, by its name or by a typedef; NULL: nothing. */
const char *header_base(const struct btf_type *t);

/* Whether members of a struct cannot be had: decided once, when it is due. */
bool header_leaves_out(const struct header *h, uint32_t id, uint32_t i);

/* header_uses.c */

/* Find which anonymous enums are `used` and `inlined`; 0 or ERR_NOMEM. */
int header_find_uses(struct header *h);

/* header_layout.c */

/* A member that C can have there, and what it is made of, in bits. */
struct header_member {
	struct btf_member m;
	uint64_t at, bits;
	uint32_t align; /* of its type, which a bit field does not cross */
	bool is_field;
};

/* A struct's or union's members, one after the other. */
struct header_members {
	const struct btf_type *t;
	uint32_t id, i;
	uint64_t end; /* of the last one, or the longest of a union */
};

/*
 * The next member; false at the end.  Where m->bits is UINT64_MAX it is left
 * out: C cannot have it.
 */
bool header_next(struct header *h, struct header_members *it,
		 struct header_member *m);

/* Find alignment, and whether it is packed, once all its members can be had. */
void header_settle(struct header *h, uint32_t id, const struct btf_type *t);

/* Where C would put a member by itself that comes behind bit `end`. */
uint64_t header_natural(const struct header_member *m, uint64_t end,
			bool packed);

/* Size in bits, and alignment in bytes, of a type that can be used whole. */
bool header_measure(const struct header *h, uint32_t id, uint64_t *bits,
		    uint32_t *align);

/* header_print.c */

void header_print(struct header *h, const char *s);
void header_print_number(struct header *h, const char *before, uint64_t n);
void header_print_indent(struct header *h);
void header_print_identifier(struct header *h, const char *name);
void header_print_type_name(struct header *h, uint32_t id, const char *name);
void header_print_constant(struct header *h, uint32_t id, uint32_t i,
			   const char *name);

/* A declaration without what ends it; name "" for none. */
void header_declare(struct header *h, uint32_t id, const char *name);

/* The same for the name of type `id`, a typedef, `of` another. */
void header_declare_type(struct header *h, uint32_t id, const char *name,
			 uint32_t of);

/* Give out what has come together. */
void header_flush(struct header *h);

/* header_define.c */

/* `struct name`, or what else a name of its own stands for. */
void header_print_tag(struct header *h, uint32_t id, const struct btf_type *t);

/* With its members, with or without its name; of an enum where it is due. */
void header_print_struct(struct header *h, uint32_t id,
			 const struct btf_type *t, bool tag);
void header_print_enum(struct header *h, uint32_t id, const struct btf_type *t);

void header_define_struct(struct header *h, uint32_t id,
			  const struct btf_type *t);
void header_define_typedef(struct header *h, uint32_t id,
			   const struct btf_type *t);
void header_define_enum(struct header *h, uint32_t id,
			const struct btf_type *t);

/* `struct name;` */
void header_announce(struct header *h, uint32_t id, const struct btf_type *t);

#endif
