/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernel addresses lead to, by name: symbols, objects of slabs. */
#ifndef GUEST_NAMES_H
#define GUEST_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "guest/guest.h"
#include "kernel/page/page_slab.h"
#include "kernel/code/symbols.h"

/* One address; both are unset where it leads to nothing that has a name. */
struct guest_name {
	struct symbol symbol;
	const char *cache; /* of the slab that it is in; NULL: in none */
};

/* Those of n addresses, in their order; the strings are the guest's and
 * theirs. */
struct guest_names {
	struct guest_name *v;
	size_t n;
	struct page_slabs slabs;
};

/*
 * Name n addresses, all in one go: by symbols, and where there is none by what
 * the direct map has there; a user's address has no name.  A kernel whose
 * types do not tell of pages has names of symbols alone.  The caller frees
 * with guest_names_deinit(), also after an error.
 */
int guest_names_read(struct guest *g, const uint64_t *vas, size_t n,
		     struct guest_names *out, struct err *err);
void guest_names_deinit(struct guest_names *names);

/* "init_task+0x10", "slab task_struct", or "". */
void guest_name_text(const struct guest_name *name, char text[SYMBOL_TEXT]);

#endif
