/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what is in all slabs of a cache. */
#ifndef CLI_SLAB_SHOW_H
#define CLI_SLAB_SHOW_H

#include "cli/out.h"
#include "kernel/slab_find.h"

/* What was overwritten is a failure of the answer, too. */
void slab_show_contents(struct out *out, const struct slab_contents *c);

#endif
