/* SPDX-License-Identifier: BSD-2-Clause */
/* What is at one virtual address: all that it is part of. */
#ifndef LAYOUT_AT_H
#define LAYOUT_AT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "guest/guest.h"
#include "guest/place.h"
#include "kernel/remarks.h"
#include "kernel/code/symbols.h"
#include "kernel/x86_64_layout.h"
#include "rows/rows.h"

/* One thing that an address is part of. */
struct layout_part {
	const char *what; /* "slab object" */
	char name[SYMBOL_TEXT];
	uint64_t start, size; /* 0: not known where it ends */
	bool has_pid, has_cpu;
	uint32_t pid, cpu; /* whose it is */
	char words[SYMBOL_TEXT + 64];
};

/* What there is at one address, from the largest to the smallest. */
struct layout_at {
	struct place place;
	struct x86_64_region region;
	VEC(struct layout_part) parts;
	struct remarks remarks; /* what could not be told, and why */
};

/* As place_resolve(); what only some readers cannot tell is a remark.  The
 * caller deinits, also after an error; *out is zero before. */
int layout_at_read(struct guest *g, const struct addr *addr,
		   struct layout_at *out, struct err *err);
void layout_at_deinit(struct layout_at *a);

/* Its one row, without the remarks; the columns are chosen here. */
void layout_at_rows(const struct layout_at *a, struct rows *rows);

#endif
