/* SPDX-License-Identifier: BSD-2-Clause */
/* What arrays of disks say of themselves, and which personalities there are. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/device/md_work.h"
#include "kernel/limits.h"
#include "kernel/xarray.h"

/* Personalities that modules have registered: seven at most. */
#define PERS_MAX       64u
#define PERS_NODES_MAX 256u

#define MAX_SECTOR     UINT64_MAX /* MaxSector of md.h */
#define RESYNC_YIELDED 1u	  /* numbers of curr_resync in md.h */
#define RESYNC_ACTIVE  3u

struct md_values {
	struct md_work *w;
	VEC(uint64_t) pers; /* of each array, 0: none; then those there are */
	uint64_t *disks, *bitmaps; /* of each array, 0: none */
	struct records dev, per, disk, bitmap;
	char *names; /* of each of pers; MD_PERS bytes */
	struct symbol *status;
};

static void md_values_deinit(struct md_values *v)
{
	vec_deinit(&v->pers);
	free(v->disks);
	free(v->bitmaps);
	records_deinit(&v->dev);
	records_deinit(&v->per);
	records_deinit(&v->disk);
	records_deinit(&v->bitmap);
	free(v->names);
	free(v->status);
}

static int md_values_read_arrays(struct md_values *v, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_MDDEV_FLAGS,	 FIELD_MDDEV_RO,
		FIELD_MDDEV_GENDISK,	 FIELD_MDDEV_MAJOR,
		FIELD_MDDEV_MINOR,	 FIELD_MDDEV_PERSISTENT,
		FIELD_MDDEV_EXTERNAL,	 FIELD_MDDEV_METADATA,
		FIELD_MDDEV_CHUNK,	 FIELD_MDDEV_LEVEL,
		FIELD_MDDEV_LAYOUT,	 FIELD_MDDEV_RAID_DISKS,
		FIELD_MDDEV_SECTORS,	 FIELD_MDDEV_DEGRADED,
		FIELD_MDDEV_RESYNC,	 FIELD_MDDEV_RECOVERY,
		FIELD_MDDEV_OFFSET,	 FIELD_MDDEV_PERS,
		FIELD_MDDEV_PRIVATE,	 FIELD_MDDEV_BITMAP,
		FIELD_MDDEV_BITMAP_OPS,	 FIELD_MDDEV_BITMAP_CHUNK,
		FIELD_MDDEV_DEV_SECTORS, FIELD_MDDEV_RESYNC_MAX,
		FIELD_MDDEV_MARK,	 FIELD_MDDEV_MARK_COUNT,
		FIELD_MDDEV_COUNT,	 FIELD_MDDEV_UNDER_WAY};
	struct md_work *w = v->w;
	const struct records_want want = {w->at, w->n, fields, WANTS_N(fields)};
	size_t i;
	int rc;

	v->disks = calloc(w->n + 1, sizeof(*v->disks));
	v->bitmaps = calloc(w->n + 1, sizeof(*v->bitmaps));
	if (!v->disks || !v->bitmaps)
		return err_nomem(err);
	rc = records_read_typed(w->k, w->own, &want, 1, &v->dev, err);
	for (i = 0; i < w->n && !rc; i++) {
		v->disks[i] = records_u64(&v->dev, i, FIELD_MDDEV_GENDISK);
		v->bitmaps[i] = records_u64(&v->dev, i, FIELD_MDDEV_BITMAP);
		w->priv[i] = records_u64(&v->dev, i, FIELD_MDDEV_PRIVATE);
		if (vec_push(&v->pers,
			     records_u64(&v->dev, i, FIELD_MDDEV_PERS)))
			rc = err_nomem(err);
	}
	return rc;
}

/* Up to 6.14: a list. */
static int md_list_pers(struct md_values *v, uint64_t head, struct err *err)
{
	uint32_t offset =
		records_field(v->w->k, v->w->own, FIELD_PERS_LINK)->offset;
	struct list *l = &v->w->pers;
	_cleanup_free_ uint64_t *at = NULL;
	size_t i, n;
	int rc;

	*l = (struct list){.head = head, .most = PERS_MAX};
	rc = lists_read(v->w->k, l, 1, err);
	if (rc)
		return rc;
	if (l->torn || l->cut)
		remarks_add(v->w->remarks, "there may be more personalities");
	at = lists_objects(l, 1, offset, &n);
	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (vec_push(&v->pers, at[i]))
			return err_nomem(err);
	return 0;
}

/* From 6.15 on: an xarray, in which there are other things, too. */
static int md_array_pers(struct md_values *v, uint64_t at, struct err *err)
{
	static const uint32_t field = FIELD_XARRAY_HEAD;
	static const struct xarray_range all = {0, UINT64_MAX};
	const struct records_want want = {&at, 1, &field, 1};
	_cleanup_(xarray_entries_deinit) struct xarray_entries found = {0};
	_cleanup_(records_deinit) struct records r = {0};
	struct xarray array = {.ranges = &all, .n = 1};
	size_t i;
	int rc = records_read_typed(v->w->k, v->w->own, &want, 1, &r, err);

	if (rc)
		return rc;
	array.head = records_u64(&r, 0, field);
	rc = xarrays_read(v->w->k, &array, 1, PERS_NODES_MAX, &found, err);
	if (rc)
		return rc;
	if (!r.ok[0] || found.torn || found.list.n > PERS_MAX)
		remarks_add(v->w->remarks, "there may be more personalities");
	for (i = 0; i < found.list.n && i < PERS_MAX; i++)
		if (vec_push(&v->pers, found.list.v[i].value))
			return err_nomem(err);
	return 0;
}

static int md_find_pers(struct md_values *v, struct err *err)
{
	uint64_t list, array;
	bool typed =
		records_field(v->w->k, v->w->own, FIELD_PERS_TYPE)->present;
	int rc = md_variable(v->w, "pers_list", &list, err);

	if (!rc)
		rc = md_variable(v->w, "md_submodule", &array, err);
	if (rc)
		return rc;
	if (typed && array && xarrays_known(v->w->k))
		return md_array_pers(v, array, err);
	if (!typed && list)
		return md_list_pers(v, list, err);
	remarks_add(v->w->remarks,
		    "which personalities there are is not known");
	return 0;
}

/* Personalities, names of disks, bitmaps: one batch; then names. */
static int md_read_parts(struct md_values *v, struct err *err)
{
	static const uint32_t per[] = {FIELD_PERS_NAME, FIELD_PERS_STATUS,
				       FIELD_PERS_SYNC, FIELD_PERS_TYPE};
	static const uint32_t disk[] = {FIELD_GENDISK_NAME};
	static const uint32_t bitmap[] = {FIELD_BITMAP_SB, FIELD_BITMAP_FILE,
					  FIELD_BITMAP_PAGES,
					  FIELD_BITMAP_MISSING};
	const struct records_want wants[] = {
		{v->pers.v, v->pers.n, per, WANTS_N(per)},
		{v->disks, v->w->n, disk, WANTS_N(disk)},
		{v->bitmaps, v->w->n, bitmap, WANTS_N(bitmap)}};
	size_t n = v->pers.n, i;
	_cleanup_free_ uint64_t *at = calloc(2 * n + 1, sizeof(*at));
	_cleanup_free_ char **to = calloc(n + 1, sizeof(*to));
	struct records r[3] = {{0}};
	int rc;

	v->names = calloc(n + 1, MD_PERS);
	v->status = calloc(n + 1, sizeof(*v->status));
	if (!at || !to || !v->names || !v->status)
		return err_nomem(err);
	rc = records_read_typed(v->w->k, v->w->own, wants, 3, r, err);
	v->per = r[0];
	v->disk = r[1];
	v->bitmap = r[2];
	for (i = 0; i < n && !rc; i++) {
		at[i] = records_u64(&v->per, i, FIELD_PERS_NAME);
		at[n + i] = records_u64(&v->per, i, FIELD_PERS_STATUS);
		to[i] = v->names + i * MD_PERS;
	}
	if (!rc)
		rc = records_strings(v->w->k, at, n, MD_PERS, to, NULL, err);
	return rc ? rc : symbols_at(&v->w->symbols, at + n, n, v->status, err);
}

static int md_put_pers(struct md_values *v, struct err *err)
{
	const struct profile_field *type =
		records_field(v->w->k, v->w->own, FIELD_PERS_TYPE);
	size_t i;

	for (i = v->w->n; i < v->pers.n; i++) {
		const char *name = v->names + i * MD_PERS;
		size_t len = strlen(name) + 1;

		if (type->present &&
		    !md_is(v->w, records_u64(&v->per, i, FIELD_PERS_TYPE),
			   CONSTANT_PERSONALITY))
			continue;
		if (!v->per.ok[i] || len == 1) {
			remarks_add(v->w->remarks,
				    "a personality cannot be read");
			continue;
		}
		if (vec_reserve(&v->w->out->pers, len))
			return err_nomem(err);
		memcpy(v->w->out->pers.v + v->w->out->pers.n, name, len);
		v->w->out->pers.n += len;
	}
	return 0;
}

/* md_bitmap_status(); a bitmap of another kind than this has operations of its
 * own. */
static void md_take_bitmap(const struct md_values *v, size_t i, uint64_t usual,
			   struct md_array *a)
{
	uint64_t ops = records_u64(&v->dev, i, FIELD_MDDEV_BITMAP_OPS);

	if (!v->bitmaps[i])
		return;
	if ((records_have(&v->dev, FIELD_MDDEV_BITMAP_OPS) && ops != usual) ||
	    !records_have(&v->bitmap, FIELD_BITMAP_SB) ||
	    !records_have(&v->bitmap, FIELD_BITMAP_FILE) ||
	    !records_have(&v->bitmap, FIELD_BITMAP_PAGES) ||
	    !records_have(&v->bitmap, FIELD_BITMAP_MISSING) ||
	    !records_have(&v->dev, FIELD_MDDEV_BITMAP_CHUNK) ||
	    records_u64(&v->bitmap, i, FIELD_BITMAP_FILE)) {
		a->lacks = "its bitmap";
		return;
	}
	if (!v->bitmap.ok[i])
		a->lacks = "its bitmap, which cannot be read,";
	a->bitmap = records_u64(&v->bitmap, i, FIELD_BITMAP_SB);
	a->pages = records_u64(&v->bitmap, i, FIELD_BITMAP_PAGES);
	a->missing_pages = records_u64(&v->bitmap, i, FIELD_BITMAP_MISSING);
	a->chunk = records_u64(&v->dev, i, FIELD_MDDEV_BITMAP_CHUNK);
}

static void md_take_active(const struct md_values *v, size_t i, uint64_t usual,
			   struct md_array *a)
{
	const struct symbol *status = &v->status[i];
	uint64_t flags = records_u64(&v->dev, i, FIELD_MDDEV_FLAGS);

	a->kind = status->name && !status->offset ? md_kind_of(status->name)
						  : MD_KINDS;
	a->broken = md_bit(v->w, flags, CONSTANT_BROKEN);
	a->resyncs = records_u64(&v->per, i, FIELD_PERS_SYNC);
	memcpy(a->pers, v->names + i * MD_PERS, MD_PERS);
	if (a->resyncs)
		md_resync_take(v->w, &v->dev, i, a);
	md_take_bitmap(v, i, usual, a);
	/* older kernels do not tell */
	if (a->broken && !records_have(&v->dev, FIELD_MDDEV_BITMAP_OPS))
		a->lacks = "whether it is shown as broken";
	if (a->kind == MD_KINDS)
		a->lacks = "what its personality says";
	if (!v->per.ok[i])
		a->lacks = "its personality, which cannot be read,";
}

static void md_take_text(char *to, size_t room, const struct records *r,
			 size_t i, uint32_t field)
{
	const uint8_t *bytes = records_bytes(r, i, field);
	size_t size = records_size(r, field);

	if (bytes)
		memcpy(to, bytes, size < room ? size : room - 1);
}

static void md_take(const struct md_values *v, size_t i, uint64_t usual,
		    struct md_array *a)
{
	static const struct {
		uint32_t field;
		size_t to;
	} numbers[] = {
		{FIELD_MDDEV_RO, offsetof(struct md_array, ro)},
		{FIELD_MDDEV_MAJOR, offsetof(struct md_array, major)},
		{FIELD_MDDEV_MINOR, offsetof(struct md_array, minor)},
		{FIELD_MDDEV_CHUNK, offsetof(struct md_array, chunk_sectors)},
		{FIELD_MDDEV_LEVEL, offsetof(struct md_array, level)},
		{FIELD_MDDEV_LAYOUT, offsetof(struct md_array, layout)},
		{FIELD_MDDEV_RAID_DISKS, offsetof(struct md_array, raid_disks)},
		{FIELD_MDDEV_DEGRADED, offsetof(struct md_array, degraded)}};
	size_t j;

	for (j = 0; j < WANTS_N(numbers); j++) {
		int32_t value =
			(int32_t)records_u64(&v->dev, i, numbers[j].field);

		memcpy((char *)a + numbers[j].to, &value, sizeof(value));
	}
	a->deleted = md_bit(v->w, records_u64(&v->dev, i, FIELD_MDDEV_FLAGS),
			    CONSTANT_DELETED);
	a->sectors = records_u64(&v->dev, i, FIELD_MDDEV_SECTORS);
	a->persistent = records_u64(&v->dev, i, FIELD_MDDEV_PERSISTENT);
	a->external = records_u64(&v->dev, i, FIELD_MDDEV_EXTERNAL);
	md_take_text(a->metadata, sizeof(a->metadata), &v->dev, i,
		     FIELD_MDDEV_METADATA);
	memcpy(a->name, "mdX", 4); /* mdname() */
	if (v->disks[i])
		md_take_text(a->name, sizeof(a->name), &v->disk, i,
			     FIELD_GENDISK_NAME);
	if (v->pers.v[i])
		md_take_active(v, i, usual, a);
	else
		md_take_bitmap(v, i, usual, a);
	if (!v->dev.ok[i] || (v->disks[i] && !v->disk.ok[i]))
		a->lacks = "what it is, which cannot be read,";
}

int md_array_values_read(struct md_work *w, struct err *err)
{
	_cleanup_(md_values_deinit) struct md_values v = {.w = w};
	uint64_t usual = 0;
	size_t i;
	int rc = md_values_read_arrays(&v, err);

	if (!rc)
		rc = md_variable(w, "bitmap_ops", &usual, err);
	if (!rc)
		rc = md_find_pers(&v, err);
	if (!rc)
		rc = md_read_parts(&v, err);
	if (!rc)
		rc = md_put_pers(&v, err);
	if (!rc)
		rc = md_resync_clock(w, &v.dev, err);
	for (i = 0; i < w->n && !rc; i++)
		md_take(&v, i, usual, &w->arrays[i]);
	return rc;
}
