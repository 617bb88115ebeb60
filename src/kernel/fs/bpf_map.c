/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads BPF maps, and whose programs may be in them. */
#include "kernel/fs/bpf_map.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/fs/bpf_map_memory.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TYPE = WANTS_OF(READER_BPF_MAP),
	FIELD_KEY,
	FIELD_VALUE,
	FIELD_ENTRIES,
	FIELD_FLAGS,
	FIELD_EXTRA,
	FIELD_PAGES,
	FIELD_ID,
	FIELD_FROZEN,
	FIELD_OPS,
	FIELD_OWNER,
	FIELD_OWNER_HERE,
	FIELD_JITED_HERE,
	FIELD_OPS_USAGE,
	FIELD_OWNER_TYPE,
	FIELD_OWNER_JITED,
	FIELD_ARRAY_AUX,
	FIELD_AUX_TYPE,
	FIELD_AUX_JITED
};

static const struct want want_table[] = {
	FIELD(TYPE, "bpf_map", REQUIRED, "map_type"),
	FIELD(KEY, "bpf_map", REQUIRED, "key_size"),
	FIELD(VALUE, "bpf_map", REQUIRED, "value_size"),
	FIELD(ENTRIES, "bpf_map", REQUIRED, "max_entries"),
	FIELD(FLAGS, "bpf_map", REQUIRED, "map_flags"),
	FIELD(EXTRA, "bpf_map", OPTIONAL, "map_extra"),	   /* 5.16 */
	FIELD(PAGES, "bpf_map", OPTIONAL, "memory.pages"), /* up to 5.10 */
	FIELD(ID, "bpf_map", REQUIRED, "id"),
	FIELD(FROZEN, "bpf_map", REQUIRED, "frozen"),
	FIELD(OPS, "bpf_map", REQUIRED, "ops"),
	FIELD(OWNER, "bpf_map", OPTIONAL, "owner"),
	FIELD(OWNER_HERE, "bpf_map", OPTIONAL, "owner.type"),
	FIELD(JITED_HERE, "bpf_map", OPTIONAL, "owner.jited"),
	FIELD(OPS_USAGE, "bpf_map_ops", OPTIONAL, "map_mem_usage"), /* 6.4 */
	FIELD(OWNER_TYPE, "bpf_map_owner", OPTIONAL, "type"),
	FIELD(OWNER_JITED, "bpf_map_owner", OPTIONAL, "jited"),
	FIELD(ARRAY_AUX, "bpf_array", OPTIONAL, "aux"),
	FIELD(AUX_TYPE, "bpf_array_aux", OPTIONAL, "owner.type|type"),
	FIELD(AUX_JITED, "bpf_array_aux", OPTIONAL, "owner.jited|jited"),
};

const struct wants bpf_map_wants = {
	.reader = "BPF maps", .v = want_table, .n = WANTS_N(want_table)};

/* Where it is whose programs may be in a map. */
enum maps_owner {
	OWNER_OF_ARRAYS,  /* of arrays of programs alone: in a thing of theirs
			     (5.10) */
	OWNER_IN_MAP,	  /* (after that) */
	OWNER_BY_POINTER, /* (7.2, and older ones that were mended) */
};

struct maps_work {
	struct kernel *k;
	size_t n;
	struct bpf_map *out;
	enum maps_owner owner;
	uint64_t *ops, *owners; /* of each; 0: none */
	uint64_t *usage;	/* ops->map_mem_usage of each */
};

static const uint32_t map_fields[] = {
	FIELD_TYPE,	  FIELD_KEY,   FIELD_VALUE, FIELD_ENTRIES,
	FIELD_FLAGS,	  FIELD_EXTRA, FIELD_PAGES, FIELD_ID,
	FIELD_FROZEN,	  FIELD_OPS,   FIELD_OWNER, FIELD_OWNER_HERE,
	FIELD_JITED_HERE,
};

static int maps_read_own(struct maps_work *w, const uint64_t *addrs,
			 struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, addrs, w->n, map_fields,
			      WANTS_N(map_fields), &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		w->out[i] = (struct bpf_map){
			.known = r.ok[i],
			.type = (uint32_t)records_u64(&r, i, FIELD_TYPE),
			.key_size = (uint32_t)records_u64(&r, i, FIELD_KEY),
			.value_size = (uint32_t)records_u64(&r, i, FIELD_VALUE),
			.entries = (uint32_t)records_u64(&r, i, FIELD_ENTRIES),
			.flags = (uint32_t)records_u64(&r, i, FIELD_FLAGS),
			.extra = records_u64(&r, i, FIELD_EXTRA),
			.memory =
				records_u64(&r, i, FIELD_PAGES) * PAGE_SIZE_4K,
			.id = (uint32_t)records_u64(&r, i, FIELD_ID),
			.frozen = records_u64(&r, i, FIELD_FROZEN)};
		w->ops[i] = records_u64(&r, i, FIELD_OPS);
		if (w->owner == OWNER_BY_POINTER)
			w->owners[i] = records_u64(&r, i, FIELD_OWNER);
		else if (w->owner == OWNER_OF_ARRAYS && r.ok[i] &&
			 w->out[i].type == BPF_MAP_PROG_ARRAY)
			w->owners[i] = addrs[i];
		if (w->owner != OWNER_IN_MAP)
			continue;
		w->out[i].owner_type =
			(uint32_t)records_u64(&r, i, FIELD_OWNER_HERE);
		w->out[i].owner_jited = records_u64(&r, i, FIELD_JITED_HERE);
	}
	return rc;
}

/* The owners are those by the two fields, where there are any. */
static void maps_take_owners(struct maps_work *w, const struct records *r,
			     uint32_t type, uint32_t jited)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		if (!w->owners[i])
			continue;
		w->out[i].known &= r->ok[i] && records_have(r, type) &&
				   records_have(r, jited);
		w->out[i].owner_type = (uint32_t)records_u64(r, i, type);
		w->out[i].owner_jited = records_u64(r, i, jited);
	}
}

static int maps_read_next(struct maps_work *w, struct err *err)
{
	static const uint32_t usage[] = {FIELD_OPS_USAGE};
	static const uint32_t owner[] = {FIELD_OWNER_TYPE, FIELD_OWNER_JITED};
	static const uint32_t array[] = {FIELD_ARRAY_AUX};
	bool arrays = w->owner == OWNER_OF_ARRAYS;
	const struct records_want wants[] = {
		{w->ops, w->n, usage, 1},
		{w->owners, arrays ? 0 : w->n, owner, 2},
		{w->owners, arrays ? w->n : 0, array, 1}};
	struct records r[3] = {{0}};
	size_t i;
	int rc = records_read_all(w->k, wants, 3, r, err);

	for (i = 0; i < w->n && !rc; i++) {
		w->out[i].known &= r[0].ok[i];
		w->usage[i] = records_u64(&r[0], i, FIELD_OPS_USAGE);
		if (arrays && w->owners[i]) {
			w->out[i].known &= r[2].ok[i] &&
					   records_have(&r[2], FIELD_ARRAY_AUX);
			w->owners[i] = records_u64(&r[2], i, FIELD_ARRAY_AUX);
		}
	}
	if (!rc && !arrays)
		maps_take_owners(w, &r[1], FIELD_OWNER_TYPE, FIELD_OWNER_JITED);
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc;
}

static int maps_read_array_owners(struct maps_work *w, struct err *err)
{
	static const uint32_t aux[] = {FIELD_AUX_TYPE, FIELD_AUX_JITED};
	_cleanup_(records_deinit) struct records r = {0};
	int rc = records_read(w->k, w->owners, w->n, aux, 2, &r, err);

	if (!rc)
		maps_take_owners(w, &r, FIELD_AUX_TYPE, FIELD_AUX_JITED);
	return rc;
}

static int maps_read(struct maps_work *w, const uint64_t *addrs,
		     struct err *err)
{
	const struct profile *p = w->k->profile;
	int rc;

	if (profile_field(p, FIELD_OWNER_HERE)->present)
		w->owner = OWNER_IN_MAP;
	else if (profile_field(p, FIELD_OWNER)->present)
		w->owner = OWNER_BY_POINTER;
	rc = maps_read_own(w, addrs, err);
	if (!rc)
		rc = maps_read_next(w, err);
	if (!rc && w->owner == OWNER_OF_ARRAYS)
		rc = maps_read_array_owners(w, err);
	if (rc || profile_field(p, FIELD_PAGES)->present)
		return rc;
	return bpf_map_memory_read(
		w->k, addrs,
		profile_field(p, FIELD_OPS_USAGE)->present ? w->usage : NULL,
		w->n, w->out, err);
}

int bpf_maps_read(struct kernel *k, const uint64_t *addrs, size_t n,
		  struct bpf_maps *out, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(3 * n + 1, sizeof(*at));
	struct maps_work w = {.k = k, .n = n};
	size_t i;
	int rc;

	*out = (struct bpf_maps){
		.v = calloc(n + 1, sizeof(*out->v)),
		.extra = profile_field(k->profile, FIELD_EXTRA)->present};
	if (!at || !out->v)
		return err_nomem(err);
	w.out = out->v;
	w.ops = at;
	w.owners = at + n;
	w.usage = at + 2 * n;
	rc = maps_read(&w, addrs, err);
	for (i = 0; i < n; i++)
		if (!out->v[i].known)
			out->v[i] = (struct bpf_map){0};
	return rc;
}

void bpf_maps_deinit(struct bpf_maps *m)
{
	free(m->v);
	*m = (struct bpf_maps){0};
}
