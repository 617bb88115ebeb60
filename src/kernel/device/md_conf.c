/* SPDX-License-Identifier: BSD-2-Clause */
/* What personalities keep of arrays of disks: drivers/md/raid1.c, raid10.c and
 * raid5.c, 5.11 to 7.2. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/device/md_work.h"
#include "kernel/limits.h"

/* What is wanted of the types: each module has one of these three. */
enum {
	FIELD_R1_DISKS = WANTS_OF(READER_MD_CONF),
	FIELD_R1_COUNT,
	STRUCT_R1_DISK,
	FIELD_R1_RDEV,
	FIELD_R10_DISKS,
	FIELD_R10_COUNT,
	STRUCT_R10_DISK,
	FIELD_R10_RDEV,
	FIELD_R10_NEAR,
	FIELD_R10_FAR,
	FIELD_R10_OFFSET,
	FIELD_R10_SET,
	FIELD_R5_DISKS,
	FIELD_R5_COUNT,
	STRUCT_R5_DISK,
	FIELD_R5_RDEV,
	FIELD_R5_CHUNK
};

static const struct want want_table[] = {
	FIELD(R1_DISKS, "r1conf", OPTIONAL, "mirrors"),
	FIELD(R1_COUNT, "r1conf", OPTIONAL, "raid_disks"),
	STRUCT(R1_DISK, "raid1_info", OPTIONAL),
	FIELD(R1_RDEV, "raid1_info", OPTIONAL, "rdev"),
	FIELD(R10_DISKS, "r10conf", OPTIONAL, "mirrors"),
	FIELD(R10_COUNT, "r10conf", OPTIONAL, "geo.raid_disks"),
	STRUCT(R10_DISK, "raid10_info", OPTIONAL),
	FIELD(R10_RDEV, "raid10_info", OPTIONAL, "rdev"),
	FIELD(R10_NEAR, "r10conf", OPTIONAL, "geo.near_copies"),
	FIELD(R10_FAR, "r10conf", OPTIONAL, "geo.far_copies"),
	FIELD(R10_OFFSET, "r10conf", OPTIONAL, "geo.far_offset"),
	FIELD(R10_SET, "r10conf", OPTIONAL, "geo.far_set_size"),
	FIELD(R5_DISKS, "r5conf", OPTIONAL, "disks"),
	FIELD(R5_COUNT, "r5conf", OPTIONAL, "raid_disks"),
	STRUCT(R5_DISK, "disk_info", OPTIONAL),
	FIELD(R5_RDEV, "disk_info", OPTIONAL, "rdev"),
	FIELD(R5_CHUNK, "r5conf", OPTIONAL, "chunk_sectors"),
};

const struct wants md_conf_wants = {.reader = "settings of arrays of disks",
				    .v = want_table,
				    .n = WANTS_N(want_table)};

const char *const md_conf_modules[MD_CONFS] = {"raid1", "raid10", "raid456"};

/* What of the struct that a kind keeps is read: the first four are as above. */
#define CONF_FIELDS 8
static const struct conf {
	enum md_kind kind;
	uint32_t disks, count, size, rdev;
	uint32_t more[5]; /* up to WANTS_NONE */
} confs[MD_CONFS] = {
	{MD_RAID1,
	 FIELD_R1_DISKS,
	 FIELD_R1_COUNT,
	 STRUCT_R1_DISK,
	 FIELD_R1_RDEV,
	 {WANTS_NONE}},
	{MD_RAID10,
	 FIELD_R10_DISKS,
	 FIELD_R10_COUNT,
	 STRUCT_R10_DISK,
	 FIELD_R10_RDEV,
	 {FIELD_R10_NEAR, FIELD_R10_FAR, FIELD_R10_OFFSET, FIELD_R10_SET,
	  WANTS_NONE}},
	{MD_RAID456,
	 FIELD_R5_DISKS,
	 FIELD_R5_COUNT,
	 STRUCT_R5_DISK,
	 FIELD_R5_RDEV,
	 {FIELD_R5_CHUNK, WANTS_NONE}},
};

enum md_kind md_kind_of(const char *function)
{
	static const char *const functions[MD_KINDS] = {
		[MD_LINEAR] = "linear_status", [MD_RAID0] = "raid0_status",
		[MD_RAID1] = "raid1_status",   [MD_RAID10] = "raid10_status",
		[MD_RAID456] = "raid5_status",
	};
	size_t i;

	for (i = 0; i < MD_KINDS; i++)
		if (functions[i] && !strcmp(functions[i], function))
			break;
	return (enum md_kind)i;
}

/* Arrays of one kind, and the places for devices of all of them. */
struct conf_work {
	struct md_work *w;
	const struct conf *conf;
	const struct wanted_value *types;
	VEC(size_t) of; /* numbers of these arrays */
	VEC(uint64_t) at;
	VEC(uint64_t) slots;
	struct records conf_r, slot, rdev;
};

static void conf_work_deinit(struct conf_work *c)
{
	vec_deinit(&c->of);
	vec_deinit(&c->at);
	vec_deinit(&c->slots);
	records_deinit(&c->conf_r);
	records_deinit(&c->slot);
	records_deinit(&c->rdev);
}

static bool conf_known(const struct conf_work *c)
{
	const struct kernel *k = c->w->k;
	const uint32_t needs[] = {c->conf->disks, c->conf->count, c->conf->size,
				  c->conf->rdev};
	const uint32_t *more = c->conf->more;
	size_t i;

	for (i = 0; i < WANTS_N(needs); i++)
		if (!records_field(k, c->types, needs[i])->present)
			return false;
	for (; *more != WANTS_NONE; more++)
		if (!records_field(k, c->types, *more)->present)
			return false;
	return true;
}

/* Those whose settings are read. */
static int conf_group(struct conf_work *c, struct err *err)
{
	bool known = conf_known(c);
	size_t i;

	for (i = 0; i < c->w->n; i++) {
		struct md_array *a = &c->w->arrays[i];

		if (a->kind != c->conf->kind)
			continue;
		if (!known)
			a->lacks = "what its personality keeps, whose types "
				   "are not there,";
		if (known &&
		    (vec_push(&c->of, i) || vec_push(&c->at, c->w->priv[i])))
			return err_nomem(err);
	}
	return 0;
}

static int32_t conf_value(const struct conf_work *c, size_t i, uint32_t field)
{
	return (int32_t)records_u64(&c->conf_r, i, field);
}

/* Where the places of array i are. */
static int conf_add_slots(struct conf_work *c, size_t i, struct err *err)
{
	struct md_array *a = &c->w->arrays[c->of.v[i]];
	uint32_t size = records_field(c->w->k, c->types, c->conf->size)->size;
	uint64_t at = records_u64(&c->conf_r, i, c->conf->disks);
	uint64_t n = records_u64(&c->conf_r, i, c->conf->count), j;

	if (!c->conf_r.ok[i] || n > MD_DEVICES_MAX ||
	    c->w->out->slots.n + c->slots.n + n > MD_DEVICES_MAX) {
		a->lacks = "which of its devices are in sync";
		return 0;
	}
	a->n_slots = (size_t)n;
	for (j = 0; j < n; j++)
		if (vec_push(&c->slots, at + j * size))
			return err_nomem(err);
	return 0;
}

static int conf_read(struct conf_work *c, struct err *err)
{
	uint32_t fields[CONF_FIELDS] = {c->conf->disks, c->conf->count};
	const uint32_t *more = c->conf->more;
	struct records_want want = {c->at.v, c->at.n, fields, 2};
	size_t i;
	int rc;

	while (*more != WANTS_NONE)
		fields[want.n_fields++] = *more++;
	rc = records_read_typed(c->w->k, c->types, &want, 1, &c->conf_r, err);
	for (i = 0; i < c->of.n && !rc; i++)
		rc = conf_add_slots(c, i, err);
	return rc;
}

/* From places to devices, and to what these are. */
static int conf_read_slots(struct conf_work *c, struct err *err)
{
	static const uint32_t flags = FIELD_RDEV_FLAGS;
	const uint32_t rdev = c->conf->rdev;
	const struct records_want want = {c->slots.v, c->slots.n, &rdev, 1};
	_cleanup_free_ uint64_t *at = calloc(c->slots.n + 1, sizeof(*at));
	const struct records_want then = {at, c->slots.n, &flags, 1};
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	rc = records_read_typed(c->w->k, c->types, &want, 1, &c->slot, err);
	for (i = 0; i < c->slots.n && !rc; i++)
		at[i] = records_u64(&c->slot, i, rdev);
	if (!rc)
		rc = records_read_typed(c->w->k, c->w->own, &then, 1, &c->rdev,
					err);
	for (i = 0; i < c->slots.n && !rc; i++)
		if (!at[i]) /* there is none */
			c->rdev.ok[i] = c->slot.ok[i];
	return rc;
}

static void conf_take(struct conf_work *c, size_t i)
{
	struct md_array *a = &c->w->arrays[c->of.v[i]];

	if (a->kind == MD_RAID10) {
		a->near_copies = conf_value(c, i, FIELD_R10_NEAR);
		a->far_copies = conf_value(c, i, FIELD_R10_FAR);
		a->far_offset = conf_value(c, i, FIELD_R10_OFFSET);
		a->far_set_size = conf_value(c, i, FIELD_R10_SET);
	}
	if (a->kind == MD_RAID456)
		a->chunk_sectors = conf_value(c, i, FIELD_R5_CHUNK);
}

static int conf_put(struct conf_work *c, struct err *err)
{
	size_t i, j, at = 0;

	for (i = 0; i < c->of.n; i++) {
		struct md_array *a = &c->w->arrays[c->of.v[i]];

		conf_take(c, i);
		a->first_slot = c->w->out->slots.n;
		for (j = 0; j < a->n_slots; j++, at++) {
			uint64_t flags =
				records_u64(&c->rdev, at, FIELD_RDEV_FLAGS);
			bool in = md_bit(c->w, flags, CONSTANT_IN_SYNC);

			if (!c->rdev.ok[at])
				a->lacks = "which of its devices are in sync";
			if (vec_push(&c->w->out->slots, in ? 'U' : '_'))
				return err_nomem(err);
		}
	}
	return 0;
}

int md_confs_read(struct md_work *w, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < MD_CONFS && !rc; i++) {
		_cleanup_(conf_work_deinit) struct conf_work c = {
			.w = w, .conf = &confs[i], .types = w->conf[i]};

		rc = conf_group(&c, err);
		if (!rc && c.of.n)
			rc = conf_read(&c, err);
		if (!rc && c.slots.n)
			rc = conf_read_slots(&c, err);
		if (!rc)
			rc = conf_put(&c, err);
	}
	return rc;
}
