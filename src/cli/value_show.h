/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of a type as text and as rows. */
#ifndef CLI_VALUE_SHOW_H
#define CLI_VALUE_SHOW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/out.h"
#include "guest/names.h"
#include "kernel/mm/unmapped.h"
#include "types/btf.h"
#include "types/value.h"

/* Options that say how values are told.  Zero-initialise. */
struct value_style {
	bool is_set; /* one of them is there */
	bool hex;
	bool has_depth, has_elements;
	struct value_opts opts; /* once all options are known */
};

/* Their help, in a table of options; and their keys. */
#define VALUE_KEY_ELEMENTS 0x100
#define VALUE_OPTIONS                                             \
	{"depth",                                                 \
	 'd',                                                     \
	 "N",                                                     \
	 0,                                                       \
	 "Values: so many structs and arrays in one another (2)", \
	 0},                                                      \
		{"elements",                                      \
		 VALUE_KEY_ELEMENTS,                              \
		 "N",                                             \
		 0,                                               \
		 "Values: so many elements of each array (16)",   \
		 0},                                              \
		{"hex", 'x', NULL, 0, "Values: numbers in hexadecimal", 0},

/* Take one of them, or ARGP_ERR_UNKNOWN; then what was not given. */
int value_style_option(struct value_style *s, int key, const char *arg,
		       struct err *err);
void value_style_settle(struct value_style *s);

/* Which of several values it is. */
struct value_label {
	bool is_element, is_place; /* is_place: it has an address */
	uint64_t element;
	int32_t cpu; /* -1: it is none of each CPU */
};

/* The bytes of one object, and how it is to be told.  Zero-initialise. */
struct value_object {
	const struct btf *btf;
	uint32_t id;
	uint64_t at;	      /* its address */
	const uint8_t *bytes; /* len of them are there */
	size_t len;
	struct value_opts opts;
	bool hex;			 /* numbers, too */
	const struct value_label *label; /* NULL: it is the only one */
	/* Of its pointers, in their order; NULL: they were not named. */
	const struct guest_name *names;
	size_t n_names;
	/* Where no table maps it; of the caller, or NULL. */
	const struct unmapped_runs *filled;
};

/* Name the pointers of n objects, all in one go; *names, which the caller
 * deinits, also after an error, must outlive them. */
int value_objects_name(struct value_object *const *objects, size_t n,
		       struct guest *g, struct guest_names *names,
		       struct err *err);

/* Choose the columns; once.  With labels, or without. */
void value_show_begin(struct out *out, bool labels);

/* Its values: lines, or a row each. */
void value_show(const struct value_object *o, struct out *out);

/* One that cannot be told. */
void value_show_lost(const struct value_label *label, struct out *out);

#endif
