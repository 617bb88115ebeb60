/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/mdstat (drivers/md/md.c, md_seq_show(), and what shows each
 * personality: raid0_status() and its like). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/device/md.h"
#include "proc/proc.h"

/* The first record, before all arrays; behind them is one more. */
#define HEADING	 1u

#define PAGE_KIB 4u

/* From 5.19 on; enum md_ro_state of md.h since 6.2. */
#define RO_ONLY	   1
#define RO_BY_AUTO 2

static int mdstat_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct md_arrays *all = calloc(1, sizeof(*all));
	struct remarks remarks = {0};
	size_t i;
	int rc;

	out->own = all;
	if (!all)
		return err_nomem(err);
	rc = md_arrays_read(k, all, &remarks, err);
	for (i = 0; i < all->v.n && !rc; i++)
		if (all->v.v[i].lacks)
			remarks_add(&remarks, "%s is left out: %s is not known",
				    all->v.v[i].name, all->v.v[i].lacks);
	if (!rc)
		out->parts->records = HEADING + all->v.n + 1;
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	return rc;
}

static void mdstat_put_heading(const struct md_arrays *all, struct buf *out)
{
	size_t at;

	buf_puts(out, "Personalities : ");
	for (at = 0; at < all->pers.n; at += strlen(&all->pers.v[at]) + 1)
		buf_printf(out, "[%s] ", &all->pers.v[at]);
	buf_puts(out, "\n");
}

/* status_unused() */
static void mdstat_put_pending(const struct md_arrays *all, struct buf *out)
{
	size_t i;

	if (all->open)
		return;
	buf_puts(out, "unused devices: ");
	for (i = 0; i < all->pending.n; i++)
		buf_printf(out, "%s ", all->pending.v[i].name);
	buf_puts(out, all->pending.n ? "\n" : "<none>\n");
}

/* All devices; the sectors of those that are not faulty. */
static uint64_t mdstat_put_devices(const struct md_arrays *all,
				   const struct md_array *a, struct buf *out)
{
	uint64_t sectors = 0;
	size_t i;

	for (i = a->first; i < a->first + a->n; i++) {
		const struct md_device *d = &all->devices.v[i];

		buf_printf(out, " %s[%" PRId32 "]", d->name, d->number);
		if (d->flags & MD_WRITE_MOSTLY)
			buf_puts(out, "(W)");
		if (d->flags & MD_JOURNAL)
			buf_puts(out, "(J)");
		if (d->flags & MD_FAULTY) {
			buf_puts(out, "(F)");
			continue;
		}
		if (d->flags & MD_SPARE)
			buf_puts(out, "(S)");
		if (d->flags & MD_REPLACEMENT)
			buf_puts(out, "(R)");
		sectors += d->sectors;
	}
	return sectors;
}

static void mdstat_put_state(const struct md_array *a, struct buf *out)
{
	if (a->kind == MD_NONE) {
		buf_puts(out, "inactive");
		return;
	}
	buf_puts(out, a->broken ? "broken" : "active");
	if (a->ro == RO_ONLY)
		buf_puts(out, " (read-only)");
	if (a->ro == RO_BY_AUTO)
		buf_puts(out, " (auto-read-only)");
	buf_printf(out, " %s", a->pers);
}

static void mdstat_put_super(const struct md_array *a, struct buf *out)
{
	if (!a->persistent && a->external)
		buf_printf(out, " super external:%s", a->metadata);
	else if (!a->persistent)
		buf_puts(out, " super non-persistent");
	else if (a->major || a->minor != 90)
		buf_printf(out, " super %" PRId32 ".%" PRId32, a->major,
			   a->minor);
}

/* raid10_status() */
static void mdstat_put_copies(const struct md_array *a, struct buf *out)
{
	int32_t disks = (int32_t)a->n_slots;

	if (a->near_copies < disks)
		buf_printf(out, " %" PRId32 "K chunks", a->chunk_sectors / 2);
	if (a->near_copies > 1)
		buf_printf(out, " %" PRId32 " near-copies", a->near_copies);
	if (a->far_copies <= 1)
		return;
	buf_printf(out, " %" PRId32 " %s-copies", a->far_copies,
		   a->far_offset ? "offset" : "far");
	if (a->far_set_size != disks)
		buf_printf(out, " %" PRId32 " devices per set",
			   a->far_set_size);
}

static void mdstat_put_slots(const struct md_arrays *all,
			     const struct md_array *a, struct buf *out)
{
	uint32_t disks = (uint32_t)a->n_slots;

	buf_printf(out, " [%" PRId32 "/%" PRId32 "] [%.*s]", (int32_t)disks,
		   (int32_t)(disks - (uint32_t)a->degraded), (int)a->n_slots,
		   a->n_slots ? &all->slots.v[a->first_slot] : "");
}

static void mdstat_put_personality(const struct md_arrays *all,
				   const struct md_array *a, struct buf *out)
{
	int32_t chunk = a->chunk_sectors / 2;

	switch (a->kind) {
	case MD_LINEAR:
		buf_printf(out, " %" PRId32 "k rounding", chunk);
		return;
	case MD_RAID0:
		buf_printf(out, " %" PRId32 "k chunks", chunk);
		return;
	case MD_RAID10:
		mdstat_put_copies(a, out);
		break;
	case MD_RAID456:
		buf_printf(out,
			   " level %" PRId32 ", %" PRId32
			   "k chunk, algorithm %" PRId32,
			   a->level, chunk, a->layout);
		break;
	default:
		break;
	}
	mdstat_put_slots(all, a, out);
}

/* md_bitmap_status() */
static void mdstat_put_bitmap(const struct md_array *a, struct buf *out)
{
	uint64_t used = a->pages - a->missing_pages, kib = a->chunk >> 10;

	if (a->bitmap)
		buf_printf(out,
			   "bitmap: %" PRIu64 "/%" PRIu64 " pages [%" PRIu64
			   "KB], %" PRIu64 "%s chunk\n",
			   used, a->pages, used * PAGE_KIB,
			   kib ? kib : a->chunk, kib ? "KB" : "B");
}

/* status_resync() */
static void mdstat_put_progress(const struct md_progress *p, struct buf *out)
{
	uint32_t done = p->per_mille / 50, i;

	buf_puts(out, "[");
	for (i = 0; i < done; i++)
		buf_puts(out, "=");
	buf_puts(out, ">");
	for (; i < 20; i++)
		buf_puts(out, ".");
	buf_printf(out,
		   "]  %s =%3" PRIu32 ".%" PRIu32 "%% (%" PRIu64 "/%" PRIu64
		   ") finish=%" PRIu64 ".%" PRIu64 "min speed=%" PRId64 "K/sec",
		   p->what, p->per_mille / 10, p->per_mille % 10, p->done / 2,
		   p->all / 2, p->finish / 60, p->finish % 60 / 6,
		   (int64_t)p->speed);
}

static void mdstat_put_resync(const struct md_array *a, struct buf *out)
{
	if (a->resync == MD_PENDING)
		buf_puts(out, "\tresync=PENDING");
	else if (a->resync == MD_DELAYED)
		buf_puts(out, "\tresync=DELAYED");
	else if (a->resync == MD_RUNS)
		mdstat_put_progress(&a->progress, out);
	if (a->resync != MD_AT_REST)
		buf_puts(out, "\n      ");
}

static void mdstat_put_array(const struct md_arrays *all,
			     const struct md_array *a, struct buf *out)
{
	uint64_t sectors;

	buf_printf(out, "%s : ", a->name);
	mdstat_put_state(a, out);
	sectors = mdstat_put_devices(all, a, out);
	if (a->n)
		buf_printf(out, "\n      %" PRIu64 " blocks",
			   (a->kind == MD_NONE ? sectors : a->sectors) / 2);
	mdstat_put_super(a, out);
	if (a->kind == MD_NONE) {
		buf_puts(out, "\n       ");
	} else {
		mdstat_put_personality(all, a, out);
		buf_puts(out, "\n      ");
		mdstat_put_resync(a, out);
	}
	mdstat_put_bitmap(a, out);
	buf_puts(out, "\n");
}

static void mdstat_text(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	const struct md_arrays *all = v->own;

	(void)i;
	if (record < HEADING)
		mdstat_put_heading(all, out);
	else if (record == HEADING + all->v.n)
		mdstat_put_pending(all, out);
	else if (!all->v.v[record - HEADING].lacks)
		mdstat_put_array(all, &all->v.v[record - HEADING], out);
}

static void mdstat_deinit(struct proc_values *v)
{
	md_arrays_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_mdstat = {
	.name = "mdstat",
	.scope = PROC_SYSTEM,
	.by_module = true,
	.read = mdstat_read,
	.text = mdstat_text,
	.deinit = mdstat_deinit,
};
