/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads disks and their partitions. */
#include "kernel/device/block_devices.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/device/class_devices.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_BDEV_DEVICE = WANTS_OF(READER_BLOCK_DEVICES),
	FIELD_BDEV_DEV,
	FIELD_BDEV_DISK,
	FIELD_BDEV_SECTORS,
	FIELD_BDEV_PARTITION,
	FIELD_PART_DEVICE,
	FIELD_PART_SECTORS,
	FIELD_PART_NUMBER,
	FIELD_DEVICE_DEV,
	FIELD_DEVICE_PARENT,
	FIELD_DISK_PART0,
	FIELD_DISK_NAME,
	FIELD_DISK_FLAGS,
	FIELD_DISK_MINORS,
	CONSTANT_HIDDEN
};

static const struct want want_table[] = {
	FIELD(BDEV_DEVICE, "block_device", OPTIONAL, "bd_device"), /* 5.11 */
	FIELD(BDEV_DEV, "block_device", OPTIONAL, "bd_dev"),
	FIELD(BDEV_DISK, "block_device", OPTIONAL, "bd_disk"),
	FIELD(BDEV_SECTORS, "block_device", OPTIONAL, "bd_nr_sectors"),
	FIELD(BDEV_PARTITION, "block_device", OPTIONAL,
	      "bd_partno|__bd_flags"), /* 6.10 */
	FIELD(PART_DEVICE, "hd_struct", OPTIONAL, "__dev"),
	FIELD(PART_SECTORS, "hd_struct", OPTIONAL, "nr_sects"),
	FIELD(PART_NUMBER, "hd_struct", OPTIONAL, "partno"),
	FIELD(DEVICE_DEV, "device", OPTIONAL, "devt"),
	FIELD(DEVICE_PARENT, "device", OPTIONAL, "parent"),
	FIELD(DISK_PART0, "gendisk", OPTIONAL, "part0"),
	FIELD(DISK_NAME, "gendisk", REQUIRED, "disk_name"),
	FIELD(DISK_FLAGS, "gendisk", REQUIRED, "flags"),
	FIELD(DISK_MINORS, "gendisk", OPTIONAL, "minors"),
	CONSTANT(HIDDEN, "", "GENHD_FL_HIDDEN"), /* 5.17, macros before */
};

const struct wants block_devices_wants = {.reader = "disks and partitions",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

/* The lower bits of what may have flags above. */
#define PARTITION_MASK 255u

/* Before 5.17 (include/linux/genhd.h). */
#define FLAG_REMOVABLE (1u << 0)
#define FLAG_SUPPRESS  (1u << 5)
#define FLAG_EXT_DEVT  (1u << 6)

/* Where the structures lie that have those devices. */
static int block_devices_place(struct kernel *k,
			       const struct class_devices *devices,
			       struct block_devices *out, struct err *err)
{
	const struct profile_field *bdev =
		profile_field(k->profile, FIELD_BDEV_DEVICE);
	const struct profile_field *part =
		profile_field(k->profile, FIELD_PART_DEVICE);
	size_t i;

	if (!bdev->present && !part->present)
		return profile_unknown(k->profile,
				       "disks are kept in no way that is known",
				       err);
	for (i = 0; i < devices->at.n; i++)
		if (vec_push(&out->v, {.addr = devices->at.v[i] -
					       (bdev->present ? bdev->offset
							      : part->offset)}))
			return err_nomem(err);
	return 0;
}

/* From 5.11 on. */
static void block_device_take(const struct records *r, size_t i,
			      struct block_device *d)
{
	d->dev = (uint32_t)records_u64(r, i, FIELD_BDEV_DEV);
	d->disk = records_u64(r, i, FIELD_BDEV_DISK);
	d->sectors = records_u64(r, i, FIELD_BDEV_SECTORS);
	d->partition = (uint32_t)records_u64(r, i, FIELD_BDEV_PARTITION) &
		       PARTITION_MASK;
}

/* Up to 5.10: the first partition is a part of its disk, which is the parent
 * of the others' devices. */
static void block_part_take(struct kernel *k, const struct records *part,
			    const struct records *device, size_t i,
			    struct block_device *d)
{
	const struct profile_field *part0 =
		profile_field(k->profile, FIELD_DISK_PART0);
	uint64_t own = d->addr;

	d->dev = (uint32_t)records_u64(device, i, FIELD_DEVICE_DEV);
	d->sectors = records_u64(part, i, FIELD_PART_SECTORS);
	d->partition = (uint32_t)records_u64(part, i, FIELD_PART_NUMBER);
	if (d->partition)
		own = records_u64(device, i, FIELD_DEVICE_PARENT) -
		      profile_field(k->profile, FIELD_PART_DEVICE)->offset;
	d->disk = own - part0->offset;
}

static int block_devices_fill(struct kernel *k, const uint64_t *devices,
			      struct block_devices *out, struct err *err)
{
	static const uint32_t bdev[] = {FIELD_BDEV_DEV, FIELD_BDEV_DISK,
					FIELD_BDEV_SECTORS,
					FIELD_BDEV_PARTITION};
	static const uint32_t part[] = {FIELD_PART_SECTORS, FIELD_PART_NUMBER};
	static const uint32_t device[] = {FIELD_DEVICE_DEV,
					  FIELD_DEVICE_PARENT};
	bool today = profile_field(k->profile, FIELD_BDEV_DEVICE)->present;
	size_t n = out->v.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	const struct records_want wants[] = {
		{at, n, today ? bdev : part,
		 today ? WANTS_N(bdev) : WANTS_N(part)},
		{devices, n, device, WANTS_N(device)}};
	struct records r[2] = {0};
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = out->v.v[i].addr;
	rc = records_read_all(k, wants, 2, r, err);
	for (i = 0; i < n && !rc; i++)
		if (today)
			block_device_take(&r[0], i, &out->v.v[i]);
		else
			block_part_take(k, &r[0], &r[1], i, &out->v.v[i]);
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

static bool block_is_hidden(const struct kernel *k, const struct records *r,
			    size_t i)
{
	uint32_t flags = (uint32_t)records_u64(r, i, FIELD_DISK_FLAGS);
	int64_t hidden;

	if (profile_constant(k->profile, CONSTANT_HIDDEN, &hidden))
		return flags & (uint32_t)hidden;
	return flags & FLAG_SUPPRESS ||
	       (flags & FLAG_REMOVABLE && !(flags & FLAG_EXT_DEVT) &&
		!records_u64(r, i, FIELD_DISK_MINORS));
}

/* disk_name(), block/partitions: "vda1", but "nvme0n1p1". */
static void block_name(const struct records *r, size_t i,
		       struct block_device *d)
{
	const uint8_t *bytes = records_bytes(r, i, FIELD_DISK_NAME);
	size_t size = records_size(r, FIELD_DISK_NAME), len;
	char disk[33] = "";

	memcpy(disk, bytes, size < sizeof(disk) ? size : sizeof(disk) - 1);
	len = strlen(disk);
	if (!d->partition)
		snprintf(d->name, sizeof(d->name), "%s", disk);
	else
		snprintf(d->name, sizeof(d->name), "%s%s%u", disk,
			 len && disk[len - 1] >= '0' && disk[len - 1] <= '9'
				 ? "p"
				 : "",
			 d->partition);
}

static int block_read_disks(struct kernel *k, struct block_devices *out,
			    struct remarks *remarks, struct err *err)
{
	static const uint32_t fields[] = {FIELD_DISK_NAME, FIELD_DISK_FLAGS,
					  FIELD_DISK_MINORS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = out->v.n, i, kept = 0;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = out->v.v[i].disk;
	rc = records_read(k, at, n, fields, 3, &r, err);
	for (i = 0; i < n && !rc; i++) {
		struct block_device *d = &out->v.v[i];

		if (!r.ok[i]) {
			remarks_add(remarks, "a disk cannot be read");
			continue;
		}
		d->hidden = block_is_hidden(k, &r, i);
		block_name(&r, i, d);
		out->v.v[kept++] = *d;
	}
	out->v.n = rc ? 0 : kept;
	return rc;
}

/* A device, and the first one of its disk, by number. */
struct block_ranked {
	size_t first, at;
	struct block_device d;
};

static int block_compare(const void *a, const void *b)
{
	const struct block_ranked *x = a, *y = b;

	if (x->first != y->first)
		return x->first < y->first ? -1 : 1;
	if (x->d.partition != y->d.partition)
		return x->d.partition < y->d.partition ? -1 : 1;
	return (x->at > y->at) - (x->at < y->at);
}

/* By disk as it came first, then by number. */
static int block_sort(struct block_devices *d)
{
	_cleanup_(map_deinit) struct map first = {0};
	_cleanup_free_ struct block_ranked *ranked =
		calloc(d->v.n + 1, sizeof(*ranked));
	uint64_t rank;
	size_t i;

	if (!ranked)
		return ERR_NOMEM;
	for (i = 0; i < d->v.n; i++) {
		if (!map_get(&first, d->v.v[i].disk, &rank)) {
			rank = i;
			if (map_put(&first, d->v.v[i].disk, rank))
				return ERR_NOMEM;
		}
		ranked[i] = (struct block_ranked){(size_t)rank, i, d->v.v[i]};
	}
	qsort(ranked, d->v.n, sizeof(*ranked), block_compare);
	for (i = 0; i < d->v.n; i++)
		d->v.v[i] = ranked[i].d;
	return 0;
}

int block_devices_read(struct kernel *k, struct block_devices *out,
		       struct remarks *remarks, struct err *err)
{
	_cleanup_(class_devices_deinit) struct class_devices devices = {0};
	int rc = profile_check_reader(k->profile, READER_BLOCK_DEVICES, err);

	if (!rc)
		rc = class_devices_read(k, "block_class", &devices, remarks,
					err);
	if (!rc)
		rc = block_devices_place(k, &devices, out, err);
	if (!rc)
		rc = block_devices_fill(k, devices.at.v, out, err);
	if (!rc)
		rc = block_read_disks(k, out, remarks, err);
	if (!rc && block_sort(out))
		rc = err_nomem(err);
	return rc;
}

void block_devices_deinit(struct block_devices *d)
{
	vec_deinit(&d->v);
}

int block_devices_name(struct kernel *k, struct block_device *v, size_t n,
		       struct err *err)
{
	static const uint32_t bdev[] = {FIELD_BDEV_DISK, FIELD_BDEV_PARTITION};
	static const uint32_t disk = FIELD_DISK_NAME;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	struct records r[2] = {0};
	size_t i;
	int rc = at ? 0 : err_nomem(err);

	for (i = 0; i < n && !rc; i++)
		at[i] = v[i].addr;
	if (!rc)
		rc = records_read(k, at, n, bdev, WANTS_N(bdev), &r[0], err);
	for (i = 0; i < n && !rc; i++) {
		block_device_take(&r[0], i, &v[i]);
		at[i] = v[i].disk;
	}
	if (!rc)
		rc = records_read(k, at, n, &disk, 1, &r[1], err);
	for (i = 0; i < n && !rc; i++)
		if (r[0].ok[i] && r[1].ok[i])
			block_name(&r[1], i, &v[i]);
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}
