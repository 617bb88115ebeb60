/* SPDX-License-Identifier: BSD-2-Clause */
/* A dump of page tables: its mappings by region, and what is said of them. */
#ifndef CLI_PTDUMP_H
#define CLI_PTDUMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cli/out.h"
#include "guest/place.h"
#include "kernel/code/symbols.h"
#include "layout/ptdump_parts.h"
#include "walk/ptdump.h"

enum ptdump_mode {
	PTDUMP_MAPPINGS,
	PTDUMP_TOTALS,
	PTDUMP_WX,
	PTDUMP_USER,
	PTDUMP_HOLES,
	PTDUMP_DIFF
};

/* What a mapping is like, in one line: "USR RW PSE GLB NX pmd". */
#define PTDUMP_SAYS 80

/* A mapping as words, for a comparison. */
struct ptdump_said {
	uint64_t start, last;
	char says[PTDUMP_SAYS];
};

/* Ascending, disjoint. */
struct ptdump_list {
	VEC(struct ptdump_said) list;
};

/* The names of attributes, "PSE GLB", or those words with their blanks. */
void ptdump_attributes(const struct paging *p, const struct ptdump_run *r,
		       bool aligned, char *text, size_t size);

/* All of it as ptdump_said, which the caller frees. */
int ptdump_say(const struct ptdump_space *s, struct ptdump_list *out,
	       struct err *err);

/* The same of a file that --json wrote.  ERR_SYS, ERR_USAGE. */
int ptdump_load(const char *file, struct ptdump_list *out, struct err *err);
int ptdump_parse(const char *text, size_t len, struct ptdump_list *out,
		 struct err *err);

/* Where two of them differ: a row each; how many there are. */
size_t ptdump_show_diff(const struct ptdump_list *was,
			const struct ptdump_list *is, struct out *out);

/*
 * The mappings: all, as lines or rows, or those that are asked for, with the
 * symbol and the module (NULL: none) of each.
 */
void ptdump_show_lines(const struct ptdump_space *s, enum ptdump_half half,
		       struct out *out);
void ptdump_show_rows(const struct ptdump_space *s, struct out *out);
void ptdump_show_found(const struct ptdump_space *s,
		       const struct ptdump_part *parts, size_t n,
		       const struct symbol *symbols, const char *const *modules,
		       struct out *out);
void ptdump_show_holes(const struct ptdump_space *s, struct out *out);
void ptdump_show_totals(const struct ptdump_space *s, struct out *out);

/* What cannot be told, as a failure of the answer. */
void ptdump_show_faults(const struct ptdump *d, const char *command,
			struct out *out);

#endif
