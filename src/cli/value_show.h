/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a type as text and as rows. */
#ifndef CLI_VALUE_SHOW_H
#define CLI_VALUE_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/out.h"
#include "kernel/symbols.h"
#include "types/btf.h"
#include "types/value.h"

/* The bytes of one object, and how it is to be told.  Zero-initialise. */
struct value_object {
	const struct btf *btf;
	uint32_t id;
	uint64_t at;	/* its address */
	uint8_t *bytes; /* owned; len of them are there */
	size_t len;
	struct value_opts opts;
	bool hex;		/* numbers, too */
	struct symbol *symbols; /* owned; of its pointers, in their order */
	size_t n_symbols;
};

/* Name its pointers: all of them in one go. */
int value_object_name(struct value_object *o, struct symbols *symbols,
		      struct err *err);
void value_object_deinit(struct value_object *o);

/* Its values: lines, or a row each.  Chooses the columns. */
void value_show(const struct value_object *o, struct out *out);

#endif
