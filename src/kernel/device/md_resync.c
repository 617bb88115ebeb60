/* SPDX-License-Identifier: BSD-2-Clause */
/* What arrays of disks say of a resync: status_resync() of drivers/md/md.c. */
#include "kernel/clock.h"
#include "kernel/device/md_work.h"
#include "kernel/variables.h"

#define MAX_SECTOR     UINT64_MAX /* MaxSector of md.h */
#define RESYNC_NONE    0u	  /* numbers of curr_resync in md.h */
#define RESYNC_ACTIVE  3u
#define PROGRESS_SHIFT 10u /* so that sectors have no more than 32 bits */

struct resync {
	const struct md_work *w;
	const struct records *dev;
	size_t i;
	uint64_t flags; /* of recovery */
};

static uint64_t resync_value(const struct resync *r, uint32_t field)
{
	return records_u64(r->dev, r->i, field);
}

static bool resync_bit(const struct resync *r, uint32_t id)
{
	return md_bit(r->w, r->flags, id);
}

int md_resync_clock(struct md_work *w, const struct records *dev,
		    struct err *err)
{
	struct variable v = {.name = "jiffies", .size = 8};
	bool wanted = false;
	size_t i;
	int rc;

	for (i = 0; i < w->n; i++)
		wanted |= records_u64(dev, i, FIELD_MDDEV_RESYNC) != 0 ||
			  md_bit(w, records_u64(dev, i, FIELD_MDDEV_RECOVERY),
				 CONSTANT_DONE);
	rc = wanted ? variables_read(w->k, &v, 1, err) : 0;
	if (!rc && v.known) {
		w->jiffies = v.value;
		rc = kernel_hz(w->k, &w->hz, err);
	}
	return rc;
}

/*
 * What is done of the `all` sectors; false where that is not known: of the
 * first ones kernels say different things, up to 6.11 and with the same types.
 */
static bool resync_done(const struct resync *r, uint64_t all, uint64_t *done)
{
	int64_t under_way = (int32_t)resync_value(r, FIELD_MDDEV_UNDER_WAY);
	uint64_t at = resync_value(r, FIELD_MDDEV_RESYNC), left;

	if (at < RESYNC_ACTIVE || at > all) {
		*done = all;
		return all >= RESYNC_ACTIVE;
	}
	left = at - (uint64_t)under_way;
	if (at >= (uint64_t)under_way && left >= RESYNC_ACTIVE) {
		*done = left;
		return true;
	}
	*done = RESYNC_ACTIVE;
	return records_have(r->dev, FIELD_MDDEV_BITMAP_OPS);
}

static bool resync_progress(const struct resync *r, struct md_progress *p)
{
	bool whole =
		resync_bit(r, CONSTANT_SYNC) || resync_bit(r, CONSTANT_RESHAPE);
	uint64_t under_way = (uint64_t)(int64_t)(int32_t)resync_value(
		r, FIELD_MDDEV_UNDER_WAY);
	uint64_t count = resync_value(r, FIELD_MDDEV_COUNT);
	uint64_t from = under_way + resync_value(r, FIELD_MDDEV_MARK_COUNT);
	uint64_t ticks = r->w->jiffies - resync_value(r, FIELD_MDDEV_MARK);
	uint64_t seconds, sectors = count >= from ? count - from : 0, parts;

	p->all = resync_value(r, whole ? FIELD_MDDEV_RESYNC_MAX
				       : FIELD_MDDEV_DEV_SECTORS);
	parts = (uint32_t)((p->all >> PROGRESS_SHIFT) + 1);
	if (!r->w->hz || !parts || !resync_done(r, p->all, &p->done))
		return false;
	p->what = resync_bit(r, CONSTANT_RESHAPE) ? "reshape"
		  : resync_bit(r, CONSTANT_CHECK) ? "check"
		  : resync_bit(r, CONSTANT_SYNC)  ? "resync"
						  : "recovery";
	p->per_mille = (uint32_t)((p->done >> PROGRESS_SHIFT) * 1000 / parts);
	seconds = ticks / r->w->hz ? ticks / r->w->hz : 1;
	p->finish = (p->all - p->done) / (sectors / 32 + 1) * seconds >> 5;
	p->speed = sectors / 2 / seconds;
	return p->per_mille <= 1000;
}

void md_resync_take(const struct md_work *w, const struct records *dev,
		    size_t i, struct md_array *a)
{
	struct resync r = {.w = w,
			   .dev = dev,
			   .i = i,
			   .flags = records_u64(dev, i, FIELD_MDDEV_RECOVERY)};
	uint64_t at = resync_value(&r, FIELD_MDDEV_RESYNC);

	if (at >= RESYNC_ACTIVE || resync_bit(&r, CONSTANT_DONE)) {
		a->resync = MD_RUNS;
		if (!resync_progress(&r, &a->progress))
			a->lacks = "how far a resync is";
	} else if (at != RESYNC_NONE) {
		a->resync = MD_DELAYED;
	} else if (resync_bit(&r, CONSTANT_REMOTE)) {
		a->lacks = "what a resync of another machine does";
	} else if (resync_value(&r, FIELD_MDDEV_OFFSET) < MAX_SECTOR) {
		a->resync = MD_PENDING;
	}
}
