/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what is in all slabs of a cache. */
#ifndef CLI_SLAB_SHOW_H
#define CLI_SLAB_SHOW_H

#include "cli/out.h"
#include "kernel/alloc/slab_find.h"
#include "kernel/code/symbols.h"

/*
 * What was overwritten is a failure of the answer, too.  `users` are the
 * symbols of c->users.
 */
void slab_show_contents(struct out *out, const struct slab_contents *c,
			const struct symbol *users);

#endif
