/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills the machine's cache before others ask. */
#include "kernel/ahead.h"

#include <stdlib.h>

#include "base/cleanup.h"

int ahead_add(struct ahead *a, const struct kernel *k, uint64_t va, size_t len)
{
	if (len > AHEAD_MAX)
		len = AHEAD_MAX;
	return vec_push(&a->reads, {.root = &k->root, .va = va, .len = len});
}

int ahead_fetch(struct ahead *a, struct kernel *k, struct err *err)
{
	/* nobody looks at these bytes but in the cache */
	_cleanup_free_ uint8_t *bytes = malloc(AHEAD_MAX);
	size_t i;

	if (!bytes)
		return err_nomem(err);
	for (i = 0; i < a->reads.n; i++)
		a->reads.v[i].dst = bytes;
	return space_read(k->machine, a->reads.v, a->reads.n, err);
}

void ahead_deinit(struct ahead *a)
{
	vec_deinit(&a->reads);
}
