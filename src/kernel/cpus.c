/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads which CPUs there are, and their variables. */
#include "kernel/cpus.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/variables.h"
#include "walk/space.h"

static bool cpus_has(const uint8_t *mask, size_t cpu)
{
	return mask[cpu / 8] >> cpu % 8 & 1;
}

bool cpus_is_online(const struct cpus *c, size_t cpu)
{
	return cpu < c->n && cpus_has(c->online, cpu);
}

bool cpus_is_possible(const struct cpus *c, size_t cpu)
{
	return cpu < c->n && cpus_has(c->possible, cpu);
}

int cpus_read(struct kernel *k, struct cpus *out, struct err *err)
{
	int rc = percpu_offsets(k, &out->offsets, &out->n, err);
	/* unsigned long[], of which those of nr_cpu_ids are there */
	size_t bytes = (out->n + 63) / 64 * 8, i;
	uint64_t ids;
	struct variable masks[] = {
		{.name = "__cpu_online_mask", .size = bytes, .to = out->online},
		{.name = "__cpu_possible_mask",
		 .size = bytes,
		 .to = out->possible},
	};

	if (!rc)
		rc = variables_read(k, masks, 2, err);
	if (rc)
		return rc;
	if (profile_symbol(k->profile, "nr_cpu_ids", &ids) && !out->n)
		return err_set(err, ERR_CORRUPT,
			       "how many CPUs there are makes no sense, or "
			       "cannot be read");
	if (!masks[0].known || !masks[1].known)
		return profile_unknown(k->profile,
				       "which CPUs are online is kept in no "
				       "way that is known",
				       err);
	for (i = 0; i < out->n; i++)
		out->n_online += cpus_is_online(out, i);
	if (!out->n_online)
		return err_set(err, ERR_CORRUPT,
			       "which CPUs are online makes no sense: none is");
	return 0;
}

void cpus_deinit(struct cpus *c)
{
	free(c->offsets);
	*c = (struct cpus){0};
}

/* So many reads are one batch: more of them would only take memory. */
#define CPU_READS (1u << 16)

static int cpu_variables_make_room(const struct cpus *cpus,
				   struct cpu_variable *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].known = v[i].va != 0;
		v[i].all = calloc(cpus->n + 1, v[i].size + 1);
		if (!v[i].all)
			return ERR_NOMEM;
	}
	return 0;
}

static int cpu_variables_read_some(struct kernel *k, const struct cpus *cpus,
				   struct cpu_variable *v, size_t n,
				   struct space_read *reads, struct err *err)
{
	size_t i, j;
	int rc;

	if (cpu_variables_make_room(cpus, v, n))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		for (j = 0; j < cpus->n; j++) {
			bool wanted = v[i].va && cpus_is_possible(cpus, j);

			reads[i * cpus->n + j] = (struct space_read){
				.root = &k->root,
				.va = v[i].va + cpus->offsets[j],
				.dst = v[i].all + j * v[i].size,
				.len = wanted ? v[i].size : 0};
		}
	rc = space_read(k->machine, reads, n * cpus->n, err);
	for (i = 0; i < n * cpus->n && !rc; i++)
		if (reads[i].got < reads[i].len)
			v[i / cpus->n].known = false;
	return rc;
}

int cpu_variables_read(struct kernel *k, const struct cpus *cpus,
		       struct cpu_variable *v, size_t n, struct err *err)
{
	size_t most = cpus->n < CPU_READS ? CPU_READS / (cpus->n + 1) : 1;
	_cleanup_free_ struct space_read *reads = NULL;
	uint64_t bytes = 0;
	size_t i, some;
	int rc = 0;

	for (i = 0; i < n; i++)
		bytes += (uint64_t)v[i].size * cpus->n;
	if (bytes > CPU_BYTES_MAX)
		return err_set(err, ERR_CORRUPT,
			       "what %zu CPUs have of %zu things takes more "
			       "than %u MiB: it is not read",
			       cpus->n, n, CPU_BYTES_MAX >> 20);
	if (!most)
		most = 1;
	if (most > n)
		most = n;
	reads = calloc(most * cpus->n + 1, sizeof(*reads));
	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n && !rc; i += some) {
		some = n - i < most ? n - i : most;
		rc = cpu_variables_read_some(k, cpus, v + i, some, reads, err);
	}
	return rc;
}

void cpu_variables_deinit(struct cpu_variable *v, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		free(v[i].all);
}

const uint8_t *cpu_variable_of(const struct cpu_variable *v, size_t cpu)
{
	return v->all + cpu * v->size;
}
