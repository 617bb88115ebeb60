/* SPDX-License-Identifier: BSD-2-Clause */
/* Per-CPU memory: whose an address is, and which variable's. */
#include "kernel/percpu_variable.h"

#include <stdlib.h>
#include <string.h>

#include "kernel/percpu.h"
#include "profile/listing.h"
#include "symbols/names.h"

/* What a symbol is worth as the name of a variable at `value`. */
struct percpu_best {
	uint64_t va;
	const char *name;
	unsigned int rank;
};

static void percpu_take(struct percpu_best *best,
			const struct profile_listed *s)
{
	unsigned int rank = names_rank(s->name);

	if (best->name && best->va == s->va && best->rank <= rank)
		return;
	*best = (struct percpu_best){s->va, s->name, rank};
}

/*
 * Symbols of per-CPU variables are those between the borders, of the one kind
 * that the borders are: offsets, or from 6.15 on addresses of the image.
 */
static void percpu_name(const struct kernel *k, uint64_t first, uint64_t end,
			uint64_t value, struct percpu_variable *out)
{
	struct profile_listing at = {0};
	struct percpu_best best = {0};
	struct profile_listed s;
	uint64_t next = end;

	if (value >= end)
		return;
	while (profile_list(k->profile, &at, &s)) {
		if (s.va < first || s.va >= end)
			continue;
		if (s.va <= value)
			percpu_take(&best, &s);
		else if (s.va < next)
			next = s.va;
	}
	if (!best.name || !strcmp(best.name, "__per_cpu_start"))
		return;
	out->name = best.name;
	out->va = out->start + (best.va - first);
	out->room = next - best.va;
}

int percpu_variable_at(struct kernel *k, uint64_t va,
		       struct percpu_variable *out, struct err *err)
{
	struct percpu_first p;
	uint64_t end;
	size_t i;
	int rc = percpu_first_read(k, &p, err);

	*out = (struct percpu_variable){0};
	for (i = 0; i < p.n && va - (p.offsets[i] + p.first) >= p.size; i++)
		;
	if (!rc && i < p.n &&
	    profile_symbol(k->profile, "__per_cpu_end", &end)) {
		out->cpu = (uint32_t)i;
		out->start = p.offsets[i] + p.first;
		out->size = p.size;
		percpu_name(k, p.first, end, va - p.offsets[i], out);
		rc = 1;
	}
	free(p.offsets);
	return rc;
}
