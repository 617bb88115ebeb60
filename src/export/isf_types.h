/* SPDX-License-Identifier: BSD-2-Clause */
/* Types in the format of Volatility 3. */
#ifndef EXPORT_ISF_TYPES_H
#define EXPORT_ISF_TYPES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "export/jsontext.h"
#include "export/portrait.h"
#include "types/type_names.h"
#include "types/btf.h"

/* A file on its way. */
struct isf {
	const struct portrait *p;
	struct btf btf;
	struct type_names names;
	struct jsontext j;
	struct buf name; /* of a type, as long as it is needed */
	bool signs;	 /* flags tell which enums are signed */
};

/*
 * Integers that are there anyway: enums need one of their size.  Those of BTF
 * are as these where they have their names.
 */
struct isf_base {
	const char *name, *kind;
	uint32_t size;
	bool is_signed;
};

#define ISF_STANDARD 11u
extern const struct isf_base isf_standard[ISF_STANDARD];

/* The one of that name, or NULL. */
const struct isf_base *isf_standard_of(const char *name);

/* What an enum of that size is read as; NULL: there is none of it. */
const char *isf_enum_base(uint32_t size, bool is_signed);

/* Names, once there is BTF; ERR_NOMEM. */
int isf_types_init(struct isf *f, struct err *err);
void isf_types_deinit(struct isf *f);

bool isf_is_struct(const struct btf_type *t);
bool isf_is_enum(const struct btf_type *t);

/* "struct" or "union", of one that is announced, too. */
const char *isf_struct_kind(const struct btf_type *t);

/* Whether it is a typedef of a struct that has no other name. */
bool isf_names_struct(const struct btf *b, const struct btf_type *t,
		      struct btf_type *of);

/* A name is that of one base type, and nothing that Volatility has itself. */
bool isf_is_base(const struct isf *f, uint32_t id, const struct btf_type *t);

/* A type's name here, until the next is asked for. */
const char *isf_name(struct isf *f, uint32_t id, const struct btf_type *t);

/* Whether the format has words for all that a type is made of. */
bool isf_has_words(const struct isf *f, uint32_t id);

/* Of one that it has words for: one object in another. */
void isf_put_type(struct isf *f, const char *key, uint32_t id);

/* The member "type" of a symbol (known_types.h); 0, "": it is not known. */
void isf_put_symbol_type(struct isf *f, uint32_t type, const char *shape);
void isf_put_char_array(struct isf *f, const char *key, uint64_t n);

/* isf_tables.c: "base_types", "user_types" and "enums". */
void isf_put_types(struct isf *f);

#endif
