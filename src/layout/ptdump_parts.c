/* SPDX-License-Identifier: BSD-2-Clause */
/* A dump of page tables by region of the map of virtual memory. */
#include "layout/ptdump_parts.h"

bool ptdump_next_part(const struct ptdump_space *s, struct ptdump_part *part)
{
	const struct ptdump_run *r;

	if (part->region || part->last) {
		r = &s->dump->runs.v[part->run];
		part->va = part->last + 1;
		if (part->last == ptdump_last(r))
			part->run++;
	}
	if (part->run >= s->dump->runs.n)
		return false;
	r = &s->dump->runs.v[part->run];
	if (part->va < r->va || part->va > ptdump_last(r))
		part->va = r->va;
	part->last = ptdump_last(r);
	part->region = NULL;
	if (s->layout->n)
		part->region = x86_64_region_of(s->layout, part->va);
	if (part->region && part->last > part->region->last)
		part->last = part->region->last;
	return true;
}
