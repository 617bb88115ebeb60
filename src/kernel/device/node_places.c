/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what nodes are there for. */
#include "kernel/device/node_places.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/variables.h"
#include "walk/space.h"

/* What is wanted of the types. */
enum {
	STRUCT_CPUMASK = WANTS_OF(READER_NODE_PLACES),
	CONSTANT_POSSIBLE,
	CONSTANT_ONLINE,
	CONSTANT_NORMAL,
	CONSTANT_MEMORY,
	CONSTANT_CPU,
	CONSTANT_INITIATOR
};

static const struct want want_table[] = {
	STRUCT(CPUMASK, "cpumask", OPTIONAL),
	CONSTANT(POSSIBLE, "node_states", "N_POSSIBLE"),
	CONSTANT(ONLINE, "node_states", "N_ONLINE"),
	CONSTANT(NORMAL, "node_states", "N_NORMAL_MEMORY"),
	CONSTANT(MEMORY, "node_states", "N_MEMORY"),
	CONSTANT(CPU, "node_states", "N_CPU"),
	CONSTANT(INITIATOR, "node_states", "N_GENERIC_INITIATOR"), /* 5.10 */
};

const struct wants node_places_wants = {.reader = "what nodes are there for",
					.v = want_table,
					.n = WANTS_N(want_table)};

static const uint32_t state_constants[NODE_STATES] = {
	[NODE_POSSIBLE] = CONSTANT_POSSIBLE,
	[NODE_ONLINE] = CONSTANT_ONLINE,
	[NODE_NORMAL_MEMORY] = CONSTANT_NORMAL,
	[NODE_MEMORY] = CONSTANT_MEMORY,
	[NODE_CPU] = CONSTANT_CPU,
	[NODE_GENERIC_INITIATOR] = CONSTANT_INITIATOR,
};

/* LOCAL_DISTANCE, REMOTE_DISTANCE (include/linux/topology.h) */
#define NEAR 10u
#define FAR  20u

/* There are some ten states. */
#define STATES_MAX 32

/* The states, and how large the table of distances is, and where. */
static int places_read_variables(struct kernel *k, struct node_places *out,
				 uint64_t *table, struct err *err)
{
	size_t words = (out->most + 63) / 64, i, j;
	struct variable v[NODE_STATES + 2] = {
		[NODE_STATES] = {.name = "numa_distance_cnt", .size = 4},
		[NODE_STATES + 1] = {.name = "numa_distance", .size = 8}};
	int rc;

	for (i = 0; i < NODE_STATES; i++) {
		int64_t is = -1;

		out->state[i].words = calloc(words + 1, 8);
		if (!out->state[i].words)
			return err_nomem(err);
		profile_constant(k->profile, state_constants[i], &is);
		v[i] = (struct variable){.name = "node_states",
					 .to = out->state[i].words};
		if (is < 0 || is >= STATES_MAX)
			continue;
		v[i].size = words * 8;
		v[i].offset = (size_t)is * words * 8;
	}
	rc = variables_read(k, v, NODE_STATES + 2, err);
	for (i = 0; i < NODE_STATES && !rc; i++) {
		out->state[i].known = v[i].size && v[i].known;
		for (j = 0; j < words; j++)
			out->state[i].words[j] = le64(&out->state[i].words[j]);
	}
	out->distances_known = v[NODE_STATES].known &&
			       v[NODE_STATES + 1].known &&
			       v[NODE_STATES].value <= out->most;
	if (out->distances_known)
		out->n_distances = (uint32_t)v[NODE_STATES].value;
	*table = v[NODE_STATES + 1].value;
	return rc;
}

static int places_read_distances(struct kernel *k, struct node_places *out,
				 uint64_t table, struct err *err)
{
	size_t n = (size_t)out->n_distances * out->n_distances;
	struct space_read read = {.root = &k->root, .va = table, .len = n};
	int rc;

	if (!n)
		return 0;
	out->distances = calloc(n, 1);
	if (!out->distances)
		return err_nomem(err);
	read.dst = out->distances;
	rc = space_read(k->machine, &read, 1, err);
	out->distances_known = read.got == n;
	return rc;
}

/* node_to_cpumask_map[], of cpumask_var_t; those that are online of each. */
static int places_read_cpus(struct kernel *k, const struct zones *zones,
			    struct node_places *out, struct err *err)
{
	size_t n = zones->nodes.n, i, j;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	uint64_t map;
	uint32_t size = cpu_masks_apart(k)
				? 8
				: profile_sizeof(k->profile, STRUCT_CPUMASK);
	int rc = at ? cpus_read(k, &out->cpus, err) : err_nomem(err);

	if (rc)
		return rc;
	if (profile_symbol(k->profile, "node_to_cpumask_map", &map) && size)
		for (i = 0; i < n; i++)
			at[i] = map + (uint64_t)zones->nodes.v[i].id * size;
	rc = cpu_masks_read(k, &out->cpus, at, n, &out->masks, err);
	for (i = 0; i < n && !rc; i++)
		for (j = 0; j < out->masks.stride; j++)
			out->masks.words[i * out->masks.stride + j] &=
				le64(out->cpus.online + j * 8);
	return rc;
}

int node_places_read(struct kernel *k, const struct zones *zones,
		     struct node_places *out, struct err *err)
{
	uint64_t table = 0;
	int rc;

	*out = (struct node_places){.most = nodes_most(k)};
	rc = places_read_variables(k, out, &table, err);
	if (!rc)
		rc = places_read_distances(k, out, table, err);
	return rc ? rc : places_read_cpus(k, zones, out, err);
}

void node_places_deinit(struct node_places *p)
{
	size_t i;

	for (i = 0; i < NODE_STATES; i++)
		free(p->state[i].words);
	free(p->distances);
	cpu_masks_deinit(&p->masks);
	cpus_deinit(&p->cpus);
	*p = (struct node_places){0};
}

unsigned int node_distance(const struct node_places *p, uint32_t from,
			   uint32_t to)
{
	if (from >= p->n_distances || to >= p->n_distances)
		return from == to ? NEAR : FAR;
	return p->distances[(size_t)from * p->n_distances + to];
}
