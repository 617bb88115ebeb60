/* SPDX-License-Identifier: BSD-2-Clause */
/* The devices that arrays of disks have. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/device/md_work.h"
#include "kernel/limits.h"

/* Of all arrays, one behind the other; then those that no array has. */
struct md_members {
	struct md_work *w;
	struct list *lists; /* of each array */
	uint64_t *at;	    /* each struct md_rdev */
	size_t n;
	struct records r;
	struct block_device *block;
};

static void md_members_deinit(struct md_members *m)
{
	size_t i;

	for (i = 0; i < m->w->n && m->lists; i++)
		list_deinit(&m->lists[i]);
	free(m->lists);
	free(m->at);
	records_deinit(&m->r);
	free(m->block);
}

static int md_members_list(struct md_members *m, struct err *err)
{
	const struct kernel *k = m->w->k;
	uint32_t disks = records_field(k, m->w->own, FIELD_MDDEV_DISKS)->offset;
	uint32_t link = records_field(k, m->w->own, FIELD_RDEV_LINK)->offset;
	size_t i, j, n = 0;
	int rc;

	m->lists = calloc(m->w->n + 1, sizeof(*m->lists));
	if (!m->lists)
		return err_nomem(err);
	for (i = 0; i < m->w->n; i++)
		m->lists[i] = (struct list){.head = m->w->at[i] + disks,
					    .most = MD_DEVICES_MAX};
	rc = lists_read_within(m->w->k, m->lists, m->w->n, MD_DEVICES_MAX, err);
	if (rc)
		return rc;
	for (i = 0; i < m->w->n; i++)
		n += m->lists[i].links.n;
	n += m->w->pending.links.n;
	m->at = calloc(n + 1, sizeof(*m->at));
	m->block = calloc(n + 1, sizeof(*m->block));
	if (!m->at || !m->block)
		return err_nomem(err);
	for (i = 0; i <= m->w->n; i++) {
		const struct list *l =
			i < m->w->n ? &m->lists[i] : &m->w->pending;

		for (j = 0; j < l->links.n; j++)
			m->at[m->n++] = l->links.v[j] - link;
	}
	return 0;
}

static int md_members_read(struct md_members *m, struct err *err)
{
	static const uint32_t fields[] = {FIELD_RDEV_BDEV, FIELD_RDEV_NUMBER,
					  FIELD_RDEV_FLAGS, FIELD_RDEV_ROLE,
					  FIELD_RDEV_SECTORS};
	const struct records_want want = {m->at, m->n, fields, WANTS_N(fields)};
	size_t i;
	int rc = records_read_typed(m->w->k, m->w->own, &want, 1, &m->r, err);

	for (i = 0; i < m->n && !rc; i++)
		m->block[i].addr = records_u64(&m->r, i, FIELD_RDEV_BDEV);
	return rc ? rc : block_devices_name(m->w->k, m->block, m->n, err);
}

static void md_members_take(const struct md_members *m, size_t i,
			    struct md_device *d)
{
	static const struct {
		uint32_t bit, flag;
	} v[] = {{CONSTANT_WRITE_MOSTLY, MD_WRITE_MOSTLY},
		 {CONSTANT_JOURNAL, MD_JOURNAL},
		 {CONSTANT_FAULTY, MD_FAULTY},
		 {CONSTANT_REPLACEMENT, MD_REPLACEMENT}};
	uint64_t flags = records_u64(&m->r, i, FIELD_RDEV_FLAGS);
	size_t j;

	memcpy(d->name, m->block[i].name, sizeof(d->name));
	d->number = (int32_t)records_u64(&m->r, i, FIELD_RDEV_NUMBER);
	d->sectors = records_u64(&m->r, i, FIELD_RDEV_SECTORS);
	for (j = 0; j < WANTS_N(v); j++)
		d->flags |= md_bit(m->w, flags, v[j].bit) ? v[j].flag : 0;
	if ((int32_t)records_u64(&m->r, i, FIELD_RDEV_ROLE) < 0)
		d->flags |= MD_SPARE;
}

/* Those of array i, or behind all of them those of none. */
static int md_members_put(struct md_members *m, size_t *at, size_t i,
			  struct err *err)
{
	struct md_array *a = i < m->w->n ? &m->w->arrays[i] : NULL;
	const struct list *l = a ? &m->lists[i] : &m->w->pending;
	struct md_arrays *out = m->w->out;
	size_t end = *at + l->links.n;

	if (a) {
		a->first = out->devices.n;
		a->n = l->links.n;
		if (l->torn || l->cut)
			a->lacks = "which devices it has";
	}
	for (; *at < end; (*at)++) {
		struct md_device d = {.flags = 0};

		md_members_take(m, *at, &d);
		if (!*d.name && a)
			a->lacks = "what a device of it is called";
		if (!*d.name && !a)
			remarks_add(m->w->remarks,
				    "a device that no array has cannot be "
				    "read");
		if (a ? vec_push(&out->devices, d)
		      : *d.name && vec_push(&out->pending, d))
			return err_nomem(err);
	}
	return 0;
}

int md_devices_read(struct md_work *w, struct err *err)
{
	_cleanup_(md_members_deinit) struct md_members m = {.w = w};
	size_t i, at = 0;
	int rc = md_members_list(&m, err);

	if (!rc)
		rc = md_members_read(&m, err);
	for (i = 0; i <= w->n && !rc; i++)
		rc = md_members_put(&m, &at, i, err);
	return rc;
}
