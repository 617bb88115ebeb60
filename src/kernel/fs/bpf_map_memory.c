/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what the memory of BPF maps is counted from: those of each kind
 * together. */
#include "kernel/fs/bpf_map_memory.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/cpus.h"
#include "kernel/fs/bpf_map_kinds.h"
#include "kernel/records.h"

struct memory_work {
	struct kernel *k;
	size_t n;
	struct bpf_map *maps;
	struct cpus cpus;
	uint64_t possible;	  /* how many CPUs are */
	struct bpf_map_use *uses; /* by kind */
	uint64_t *at;		  /* of these: the map, then what is next */
	size_t *which;		  /* of these: the number of the map */
	size_t first[BPF_MAP_KINDS + 1];
};

static void memory_work_deinit(struct memory_work *w)
{
	cpus_deinit(&w->cpus);
	free(w->uses);
	free(w->at);
	free(w->which);
}

/* Maps of no kind that is known are not known. */
static void memory_sort(struct memory_work *w, const uint64_t *addrs,
			const uint64_t *functions)
{
	size_t kind, i, n = 0;
	uint64_t va;

	for (kind = 0; kind < BPF_MAP_KINDS; kind++) {
		w->first[kind] = n;
		if (!profile_symbol(w->k->profile, bpf_map_kinds[kind].function,
				    &va))
			continue;
		for (i = 0; i < w->n; i++) {
			if (!w->maps[i].known || functions[i] != va)
				continue;
			w->at[n] = addrs[i];
			w->which[n++] = i;
		}
	}
	w->first[kind] = n;
	for (i = 0; i < w->n; i++)
		w->maps[i].memory = 0;
	for (i = 0; i < n; i++)
		w->maps[w->which[i]].memory = 1; /* seen */
	for (i = 0; i < w->n; i++)
		w->maps[i].known &= w->maps[i].memory != 0;
}

static void memory_take(struct memory_work *w, size_t kind,
			const struct records *r)
{
	const struct bpf_map_kind *own = &bpf_map_kinds[kind];
	const struct profile *p = w->k->profile;
	size_t i, j, n = w->first[kind + 1] - w->first[kind];

	for (i = 0; i < n; i++) {
		struct bpf_map_use *u = &w->uses[w->first[kind] + i];

		*u = (struct bpf_map_use){
			.p = p,
			.map = &w->maps[w->which[w->first[kind] + i]],
			.cpus = w->possible,
			.size = profile_sizeof(p, own->size),
			.part = own->part ? profile_sizeof(p, own->part) : 0};
		u->unknown = !u->size || (own->part && !u->part);
		for (j = 0; j < own->n; j++) {
			u->unknown |=
				!r->ok[i] || !records_have(r, own->fields[j]);
			u->v[j] = records_u64(r, i, own->fields[j]);
		}
	}
}

static int memory_read_fields(struct memory_work *w, struct err *err)
{
	struct records_want wants[BPF_MAP_KINDS];
	struct records r[BPF_MAP_KINDS] = {{0}};
	size_t kind;
	int rc;

	for (kind = 0; kind < BPF_MAP_KINDS; kind++) {
		const struct bpf_map_kind *own = &bpf_map_kinds[kind];
		size_t n = w->first[kind + 1] - w->first[kind];

		wants[kind] = (struct records_want){w->at + w->first[kind],
						    own->n ? n : 0, own->fields,
						    own->n};
	}
	rc = records_read_all(w->k, wants, BPF_MAP_KINDS, r, err);
	for (kind = 0; kind < BPF_MAP_KINDS; kind++) {
		if (!rc)
			memory_take(w, kind, &r[kind]);
		records_deinit(&r[kind]);
	}
	return rc;
}

static int memory_read_next(struct memory_work *w, size_t kind, struct err *err)
{
	const uint32_t *field = &bpf_map_kinds[kind].next;
	size_t i, n = w->first[kind + 1] - w->first[kind];
	struct bpf_map_use *u = w->uses + w->first[kind];
	_cleanup_(records_deinit) struct records r = {0};
	int rc;

	for (i = 0; i < n; i++)
		w->at[w->first[kind] + i] = u[i].v[0];
	rc = records_read(w->k, w->at + w->first[kind], n, field, 1, &r, err);
	for (i = 0; i < n && !rc; i++) {
		u[i].unknown |= !r.ok[i] || !records_have(&r, *field);
		u[i].more = records_u64(&r, i, *field);
	}
	return rc;
}

/* percpu_counter_sum() */
static void memory_sum(const struct memory_work *w, struct bpf_map_use *u,
		       const struct cpu_variable *shares)
{
	size_t cpu;

	if (!u->v[BPF_MAP_SHARED]) {
		u->more = (uint32_t)u->v[BPF_MAP_COUNT];
		return;
	}
	u->unknown |= !shares->known;
	u->more = u->v[BPF_MAP_SUM];
	for (cpu = 0; cpu < w->cpus.n && !u->unknown; cpu++)
		if (cpus_is_online(&w->cpus, cpu))
			u->more += (uint64_t)(int32_t)le32(
				cpu_variable_of(shares, cpu));
}

static int memory_read_elements(struct memory_work *w, size_t kind,
				struct err *err)
{
	size_t i, n = w->first[kind + 1] - w->first[kind];
	struct bpf_map_use *u = w->uses + w->first[kind];
	_cleanup_free_ struct cpu_variable *v = calloc(n + 1, sizeof(*v));
	int rc;

	if (!v)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		v[i] = (struct cpu_variable){
			.va = u[i].v[BPF_MAP_SHARED] ? u[i].v[BPF_MAP_SHARES]
						     : 0,
			.size = sizeof(int32_t)};
	rc = cpu_variables_read(w->k, &w->cpus, v, n, err);
	for (i = 0; i < n; i++)
		if (!rc)
			memory_sum(w, &u[i], &v[i]);
		else
			u[i].unknown = true;
	cpu_variables_deinit(v, n);
	return rc == ERR_CORRUPT ? 0 : rc; /* more than is read of CPUs */
}

static int memory_by_kind(struct memory_work *w, struct err *err)
{
	size_t kind, i;
	int rc = memory_read_fields(w, err);

	for (kind = 0; kind < BPF_MAP_KINDS && !rc; kind++) {
		const struct bpf_map_kind *own = &bpf_map_kinds[kind];

		if (w->first[kind] == w->first[kind + 1])
			continue;
		if (own->next)
			rc = memory_read_next(w, kind, err);
		else if (own->elements)
			rc = memory_read_elements(w, kind, err);
		for (i = w->first[kind]; i < w->first[kind + 1] && !rc; i++) {
			struct bpf_map *m = &w->maps[w->which[i]];

			m->memory = own->count(&w->uses[i]);
			m->known &= !w->uses[i].unknown;
		}
	}
	return rc;
}

static int memory_count_cpus(struct memory_work *w, struct err *err)
{
	int rc = cpus_read(w->k, &w->cpus, err);
	size_t i;

	for (i = 0; i < w->cpus.n && !rc; i++)
		w->possible += cpus_is_possible(&w->cpus, i);
	return rc;
}

int bpf_map_memory_read(struct kernel *k, const uint64_t *addrs,
			const uint64_t *functions, size_t n,
			struct bpf_map *maps, struct err *err)
{
	_cleanup_(memory_work_deinit) struct memory_work w = {
		.k = k,
		.n = n,
		.maps = maps,
		.uses = calloc(n + 1, sizeof(*w.uses)),
		.at = calloc(n + 1, sizeof(*w.at)),
		.which = calloc(n + 1, sizeof(*w.which))};
	size_t i;
	int rc;

	if (!w.uses || !w.at || !w.which)
		return err_nomem(err);
	rc = memory_count_cpus(&w, err);
	if (rc == ERR_NO_LINUX || rc == ERR_UNREADABLE || rc == ERR_CORRUPT) {
		for (i = 0; i < n; i++)
			maps[i].known = false;
		return 0;
	}
	for (i = 0; i < n && !rc && !functions; i++)
		maps[i].memory = bpf_map_footprint(&maps[i], w.possible);
	if (rc || !functions)
		return rc;
	memory_sort(&w, addrs, functions);
	return memory_by_kind(&w, err);
}
