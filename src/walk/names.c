/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks in words. */
#include <stdio.h>
#include <string.h>

#include "walk/walk.h"

static const struct {
	const char *name;
	bool frame;
} results[WALK_RESULTS] = {
	[WALK_MAPPED] = {"mapped", true},
	[WALK_ABSENT] = {"absent", false},
	[WALK_SWAPPED] = {"swapped", false},
	[WALK_MIGRATING] = {"migrating", false},
	[WALK_PROT_NONE] = {"prot-none", true},
	[WALK_DEVICE] = {"device-private", false},
	[WALK_POISONED] = {"poisoned", false},
	[WALK_MARKER] = {"pte-marker", false},
	[WALK_NOT_PRESENT] = {"not-present", false},
	[WALK_RESERVED] = {"reserved-bit", false},
	[WALK_UNREADABLE] = {"unreadable", false},
	[WALK_NON_CANONICAL] = {"non-canonical", false},
};

bool walk_has_frame(enum walk_result result)
{
	return results[result].frame;
}

const char *walk_result_name(enum walk_result result)
{
	return results[result].name;
}

void walk_describe(const struct walk *w, char *text, size_t size)
{
	const struct walk_level *l = w->n ? &w->level[w->n - 1] : NULL;
	const char *name;

	if (!l) {
		snprintf(text, size, "0x%llx is %s with %s paging",
			 (unsigned long long)w->va,
			 w->root->paging->half == PAGING_LOW
				 ? "beyond the last address"
				 : "not canonical",
			 w->root->paging->name);
		return;
	}
	name = paging_level_name(w->root->paging, l->level);
	if (w->result == WALK_UNREADABLE)
		snprintf(text, size, "%s[%u]: the table at 0x%llx %s", name,
			 l->index, (unsigned long long)l->table,
			 "cannot be read");
	else
		snprintf(text, size, "%s[%u] = 0x%llx (%s)", name, l->index,
			 (unsigned long long)l->entry,
			 walk_result_name(w->result));
}
