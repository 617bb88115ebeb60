/* SPDX-License-Identifier: BSD-2-Clause */
/* What tables of rules for unwinding are made of; for x86_64_orc*.c only. */
#ifndef KERNEL_X86_64_ORC_TABLE_H
#define KERNEL_X86_64_ORC_TABLE_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/code/modules.h"
#include "kernel/remarks.h"
#include "kernel/code/x86_64_orc.h"
#include "kernel/code/x86_64_orc_format.h"

/* Of an image: all other code, and that of its start. */
#define ORC_CODE_RANGES 2

/*
 * The rules of one image or module as they lie in memory: n places, each an s32
 * from itself on, and n entries (docs/facts/trace.md, "Unwinding rules").
 */
struct orc_source {
	uint32_t owner;
	const char *name;
	uint64_t places_va, entries_va;
	size_t n;
	struct module_range code[ORC_CODE_RANGES];
	uint8_t *places, *entries;
};

/*
 * Append the table of a source whose bytes are there, unless it comes to
 * nothing; what is not as it must be is said.  0 or ERR_NOMEM.
 */
int orc_table_make(enum orc_format format, const struct orc_source *s,
		   struct orc_tables *out, struct remarks *remarks);

/* What holds in [start, end), in place of what a table says of it. */
struct orc_patch {
	uint64_t start, end;
	struct orc_rule rules[4]; /* the first is at start; they ascend */
	size_t n;
};

/* A table has room for so many further rules. */
#define ORC_PATCH_ROOM 320

/* Patch a table; by one that is not wholly in it, it is not.  0 or ERR_NOMEM.
 */
int orc_table_patch(struct orc_table *t, const struct orc_patch *p);

/* The rule that holds at va in that table, or NULL. */
const struct orc_rule *orc_table_at(const struct orc_table *t, uint64_t va);

#endif
