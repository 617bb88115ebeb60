/* SPDX-License-Identifier: BSD-2-Clause */
/* A type as C declares it, with what its members take and leave. */
#ifndef TYPES_OUTLINE_H
#define TYPES_OUTLINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "types/btf.h"
#include "types/layout.h"

/* More than these are cut off: the largest enum of a kernel has 1300. */
#define OUTLINE_MAX_ITEMS (1u << 18)

enum outline_kind {
	OUTLINE_PLAIN,	/* a declaration, which is all there is */
	OUTLINE_OPEN,	/* "struct name {" */
	OUTLINE_MEMBER, /* of what is open */
	OUTLINE_CONSTANT /* of an enum: its name, and `value` */,
	OUTLINE_CLOSE /* "} name;" */
};

/*
 * A line.  `left` and `right` are offsets into texts: "struct page *" and
 * "pages[4]"; of an OPEN one "const struct", of what closes it " name". Offsets
 * are from the start of the outermost type but behind a pointer, where they are
 * from what that points to.
 */
struct outline_item {
	enum outline_kind kind;
	unsigned int level; /* 0: the type itself */
	const char *name;   /* of the member, "" for none; lives in the BTF */
	uint32_t type;	    /* of the member */
	bool in_union;	    /* its neighbours are at the same place */
	struct layout_gap before;
	uint64_t offset, size; /* of a member, or of what is opened */
	uint32_t width, shift; /* as of a struct layout_member */
	uint64_t padding;      /* of a struct, in the bytes of the member */
	uint64_t value;
	bool is_negative; /* value is to be taken as signed, and below 0 */
	size_t left, right;
};

/* Zero-initialise.  Borrows the BTF. */
struct outline {
	VEC(struct outline_item) items;
	struct buf texts;
	struct layout whole; /* of a struct or union, at its end */
	struct layout_gap padding;
	bool is_whole; /* there is one */
	bool cut;      /* it is not all */
};

/*
 * What a type is: a struct, union, enum, typedef, function, variable, or what
 * else C declares.  What has no name of its own is written out in its place.
 * `signs`: members_enums_tell().  ERR_NOT_FOUND: there is no such type, or none
 * that is declared; ERR_NOMEM.  The caller deinits.
 */
int outline_type(struct outline *o, const struct btf *b, uint32_t id,
		 bool signs, struct err *err);
void outline_deinit(struct outline *o);

/* Append it as pahole prints it, in lines. */
void outline_text(const struct outline *o, struct buf *b);

/* Append a type of no name in one line: "struct page *[4]". */
void outline_type_name(const struct btf *b, uint32_t id, struct buf *text);

#endif
