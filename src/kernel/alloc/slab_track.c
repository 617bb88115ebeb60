/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads who allocated and freed objects, where a cache keeps that. */
#include "kernel/alloc/slab_track.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_TRACK_ADDR = WANTS_OF(READER_SLAB_TRACK),
	FIELD_TRACK_PID,
	FIELD_TRACK_CPU,
	STRUCT_TRACK
};

static const struct want want_table[] = {
	FIELD(TRACK_ADDR, "track", OPTIONAL, "addr"),
	FIELD(TRACK_PID, "track", OPTIONAL, "pid"),
	FIELD(TRACK_CPU, "track", OPTIONAL, "cpu"),
	STRUCT(TRACK, "track", OPTIONAL), /* CONFIG_SLUB_DEBUG */
};

const struct wants slab_track_wants = {
	.reader = "users of slabs", .v = want_table, .n = WANTS_N(want_table)};

static uint64_t track_member(const struct kernel *k, const uint8_t *track,
			     uint32_t id)
{
	const struct profile_field *f = profile_field(k->profile, id);

	if (!f->present || f->size > 8 ||
	    (uint64_t)f->offset + f->size >
		    profile_sizeof(k->profile, STRUCT_TRACK))
		return 0;
	return le_any(track + f->offset, f->size);
}

/* Two of them are behind the pointer to the next, or where that would be. */
struct slab_track slab_track_of(const struct kernel *k,
				const struct slab_layout *l,
				const struct slab_view *v, uint32_t index,
				enum slab_track_item item)
{
	uint64_t size = profile_sizeof(k->profile, STRUCT_TRACK);
	uint64_t info = l->offset >= l->inuse ? l->offset + 8ULL : l->inuse;
	uint64_t at = l->left + info + item * size;
	const uint8_t *track;

	if (!l->tracks || !size || v->damaged || index >= v->objects ||
	    at + size > l->size)
		return (struct slab_track){0};
	track = v->bytes + (uint64_t)index * l->size + at;
	return (struct slab_track){
		.addr = track_member(k, track, FIELD_TRACK_ADDR),
		.pid = (uint32_t)track_member(k, track, FIELD_TRACK_PID),
		.cpu = (uint32_t)track_member(k, track, FIELD_TRACK_CPU),
	};
}

static int users_count(struct slab_users *u, const struct slab_track *t)
{
	uint64_t which = u->list.n;
	struct slab_user *user;

	if (!map_get(&u->at, t->addr, &which)) {
		if (u->list.n >= SLAB_USERS_MAX) {
			u->more++;
			return 0;
		}
		if (map_put(&u->at, t->addr, which) ||
		    vec_push(&u->list, {.addr = t->addr,
					.pid_first = t->pid,
					.pid_last = t->pid}))
			return ERR_NOMEM;
	}
	user = &u->list.v[which];
	user->objects++;
	if (t->pid < user->pid_first)
		user->pid_first = t->pid;
	if (t->pid > user->pid_last)
		user->pid_last = t->pid;
	return 0;
}

int slab_users_add(struct slab_users *u, const struct kernel *k,
		   const struct slab_layout *l, const struct slab_view *v)
{
	uint32_t i;
	int rc = 0;

	for (i = 0; i < v->objects && l->tracks && !rc; i++) {
		struct slab_track t = slab_track_of(k, l, v, i, SLAB_ALLOCATED);

		if (v->states[i] == SLAB_IN_USE)
			rc = users_count(u, &t);
	}
	return rc;
}

static int users_order(const void *a, const void *b)
{
	const struct slab_user *x = a, *y = b;

	if (x->objects != y->objects)
		return x->objects < y->objects ? 1 : -1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

void slab_users_sort(struct slab_users *u)
{
	if (u->list.n)
		qsort(u->list.v, u->list.n, sizeof(*u->list.v), users_order);
}

void slab_users_deinit(struct slab_users *u)
{
	map_deinit(&u->at);
	vec_deinit(&u->list);
}
