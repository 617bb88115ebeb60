/* SPDX-License-Identifier: BSD-2-Clause */
/* A dump of page tables: its mappings by region, as words. */
#include "cli/ptdump.h"

#include <stdio.h>
#include <string.h>

void ptdump_attributes(const struct paging *p, const struct ptdump_run *r,
		       bool aligned, char *text, size_t size)
{
	const struct paging_column *c;
	size_t len = 0;

	*text = '\0';
	for (c = p->family->columns; c->name && len < size; c++) {
		uint64_t bits = r->level == 1 ? c->pte : c->huge;
		bool set = bits && (r->attributes & bits) == bits;

		if (aligned)
			len += (size_t)snprintf(text + len, size - len, "%-*s ",
						(int)strlen(c->name),
						set ? c->name : "");
		else if (set)
			len += (size_t)snprintf(text + len, size - len, "%s%s",
						len ? " " : "", c->name);
	}
}

int ptdump_say(const struct ptdump_space *s, struct ptdump_list *out,
	       struct err *err)
{
	struct ptdump_said said = {0};
	char attributes[48];
	size_t i;

	for (i = 0; i < s->dump->runs.n; i++) {
		const struct ptdump_run *r = &s->dump->runs.v[i];

		ptdump_attributes(s->paging, r, false, attributes,
				  sizeof(attributes));
		said.start = r->va;
		said.last = ptdump_last(r);
		snprintf(said.says, sizeof(said.says), "%s%s %s%s%s %s",
			 r->user ? "USR " : "", r->write ? "RW" : "ro",
			 attributes, *attributes ? " " : "", r->nx ? "NX" : "x",
			 paging_level_name(s->paging, r->level));
		if (vec_push(&out->list, said))
			return err_nomem(err);
	}
	return 0;
}
