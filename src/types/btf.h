/* SPDX-License-Identifier: BSD-2-Clause */
/* A tolerant reader of BTF, the kernel's own type information. */
#ifndef TYPES_BTF_H
#define TYPES_BTF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"

/*
 * include/uapi/linux/btf.h (5.2 - 7.2; docs/facts/kernel.md, "BTF"):
 *
 *   header   magic 0xeb9f u16, version 1 u8, flags u8, hdr_len u32,
 *            type_off, type_len, str_off, str_len u32 (from the header's end)
 *            hdr_len 32 (7.2): layout_off, layout_len u32
 *   layout   per kind {u8 bytes after a type; u8 bytes per element; u16 flags}
 *   type     name_off u32, info u32, size or type u32, then what the kind has
 *   info     elements (vlen) 0-23 (to 7.1: 0-15), kind 24-30 (24-28), flag 31
 */
#define BTF_MIN_HEADER 24u
#define BTF_MAX_BLOB   (64u << 20)

enum btf_kind {
	BTF_VOID,
	BTF_INT,
	BTF_PTR,
	BTF_ARRAY,
	BTF_STRUCT,
	BTF_UNION,
	BTF_ENUM,
	BTF_FWD,
	BTF_TYPEDEF,
	BTF_VOLATILE,
	BTF_CONST,
	BTF_RESTRICT,
	BTF_FUNC,
	BTF_FUNC_PROTO,
	BTF_VAR,
	BTF_DATASEC,
	BTF_FLOAT,
	BTF_DECL_TAG,
	BTF_TYPE_TAG,
	BTF_ENUM64,
	BTF_KINDS
};

struct btf;

/* One type record, copied out. */
struct btf_type {
	const char *name;	   /* "" for none */
	uint32_t kind, vlen, size; /* size: or the type referred to */
	bool flag;
	const struct btf *in; /* the module's own, or its base */
	uint32_t data; /* position of what follows, in the type section */
};

/*
 * A blob and where its types start.  `cut` is the first kind that is neither
 * known nor described by a layout section, UINT32_MAX where a record is cut
 * off, 0 where all is well: types from there on are not seen.  Borrows the
 * blob.
 *
 * That of a module is split from the kernel's, its base: its types and strings
 * are numbered on from there, and ids and offsets below are the base's
 * (docs/facts/kernel.md, "Types of modules").
 */
struct btf {
	const struct btf *base; /* NULL: there is none */
	const uint8_t *types;
	const char *strings;
	size_t types_len, strings_len;
	uint32_t first_id, first_string; /* 0 without a base */
	VEC(uint32_t) start; /* of type first_id + i; id 0 is void */
	uint32_t cut;
};

/*
 * The size of the blob whose header starts the bytes (24 suffice), 0 when
 * they are no header.
 */
size_t btf_blob_size(const void *bytes, size_t len);

/*
 * Scan a blob, that of a module with its base, which is borrowed, too; 0,
 * ERR_CORRUPT or ERR_NOMEM.  The caller deinits.
 */
int btf_init(struct btf *b, const void *blob, size_t len, struct err *err);
int btf_init_split(struct btf *b, const struct btf *base, const void *blob,
		   size_t len, struct err *err);
void btf_deinit(struct btf *b);

/*
 * Whether types that count on from these numbers can be split from that base;
 * else ERR_CORRUPT.
 */
int btf_check_base(const struct btf *base, uint32_t start_id,
		   uint32_t start_string, struct err *err);

/* One more than the largest id. */
uint32_t btf_end(const struct btf *b);

/* Read a type; false for void and for ids that are not there. */
bool btf_type(const struct btf *b, uint32_t id, struct btf_type *t);

/* The string at an offset; "" outside. */
const char *btf_string(const struct btf *b, uint32_t offset);

/*
 * Read what is behind typedefs, const, volatile, restrict, type tags: its id; 0
 * for void and for what is not there.
 */
uint32_t btf_behind(const struct btf *b, uint32_t id, struct btf_type *t);

/* A member, array entry or enumerator, by its number. */
struct btf_member {
	const char *name;
	uint32_t type, bit_offset, bit_size; /* bit_size 0: no bitfield */
};

bool btf_member(const struct btf_type *t, uint32_t i, struct btf_member *m);

struct btf_enumerator {
	const char *name;
	int64_t value;
};

bool btf_enumerator(const struct btf_type *t, uint32_t i,
		    struct btf_enumerator *e);

/* What an INT is made of; bits may be fewer than those of its size. */
#define BTF_INT_SIGNED 1u
#define BTF_INT_CHAR   2u
#define BTF_INT_BOOL   4u

struct btf_int {
	uint8_t encoding, bit_offset, bits;
};

struct btf_array {
	uint32_t elem, index, n; /* two types, and how many */
};

/* Of a FUNC_PROTO; type 0 with an empty name, as the last one: "...". */
struct btf_param {
	const char *name;
	uint32_t type;
};

/* A variable of a DATASEC: a VAR, and where it lies in that section. */
struct btf_variable {
	uint32_t type, offset, size;
};

/* False where the type is none of that kind, or has no such element. */
bool btf_int(const struct btf_type *t, struct btf_int *i);
bool btf_array(const struct btf_type *t, struct btf_array *a);
bool btf_param(const struct btf_type *t, uint32_t i, struct btf_param *p);
bool btf_variable(const struct btf_type *t, uint32_t i, struct btf_variable *v);

/* Which member or parameter of its type a DECL_TAG is about; -1: all of it. */
bool btf_component(const struct btf_type *t, int32_t *i);

/* Size of a type in bytes; 0 where it has none (or the blob is hostile). */
uint64_t btf_size(const struct btf *b, uint32_t id);

/*
 * A place in a struct.  A bitfield is (bytes at offset, as a little-endian
 * number) >> bit_offset, bit_size bits of it; `size` bytes cover it.
 */
struct btf_place {
	uint32_t offset, size;
	uint8_t bit_offset, bit_size;
};

/*
 * Find "member" or "member.inner" in a struct or union; anonymous ones are
 * looked through, pointers and arrays are not.  *visits is the number of
 * members that may still be looked at, less those that were: structs can hold
 * themselves, and a search in them take for ever.
 */
bool btf_find(const struct btf *b, uint32_t id, const char *path,
	      uint32_t *visits, struct btf_place *place);

/* The same, and the type that the member has. */
bool btf_find_typed(const struct btf *b, uint32_t id, const char *path,
		    uint32_t *visits, struct btf_place *place, uint32_t *type);

#endif
