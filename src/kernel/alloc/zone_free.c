/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the free lists of the buddy allocator. */
#include "kernel/alloc/zone_free.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_ZONE_FREE_AREA = WANTS_OF(READER_ZONE_FREE),
	FIELD_FREE_AREA_LISTS,
	FIELD_PAGE_LINK,
	STRUCT_FREE_AREA,
	STRUCT_PAGE
};

static const struct want want_table[] = {
	FIELD(ZONE_FREE_AREA, "zone", REQUIRED, "free_area"),
	FIELD(FREE_AREA_LISTS, "free_area", REQUIRED, "free_list"),
	FIELD(PAGE_LINK, "page", REQUIRED, "buddy_list|lru"), /* 5.19 */
	STRUCT(FREE_AREA, "free_area", REQUIRED),
	STRUCT(PAGE, "page", REQUIRED),
};

const struct wants zone_free_wants = {
	.reader = "free lists", .v = want_table, .n = WANTS_N(want_table)};

/* struct list_head */
#define HEAD_BYTES 16

struct free_reader {
	struct kernel *k;
	const struct zones *zones;
	struct zone_free *out;
	struct remarks *remarks;
	struct list *lists; /* as counts */
	size_t n;
};

static void free_reader_deinit(struct free_reader *r)
{
	size_t i;

	for (i = 0; r->lists && i < r->n; i++)
		list_deinit(&r->lists[i]);
	free(r->lists);
}

static size_t free_at(const struct zone_free *f, size_t zone, size_t order,
		      size_t type)
{
	return (zone * f->n_orders + order) * f->n_types + type;
}

uint64_t zone_free_count(const struct zone_free *f, size_t zone, size_t order,
			 size_t type)
{
	return f->counts[free_at(f, zone, order, type)];
}

/* Those of a zone; one without pages has none, not even empty ones. */
static void free_find_lists(struct free_reader *r, size_t zone)
{
	const struct profile *p = r->k->profile;
	const struct zone *z = &r->zones->list.v[zone];
	uint32_t stride = profile_sizeof(p, STRUCT_FREE_AREA);
	uint64_t first = z->addr +
			 profile_field(p, FIELD_ZONE_FREE_AREA)->offset +
			 profile_field(p, FIELD_FREE_AREA_LISTS)->offset;
	size_t o, t;

	for (o = 0; o < r->out->n_orders && z->present; o++)
		for (t = 0; t < r->out->n_types; t++)
			r->lists[free_at(r->out, zone, o, t)] = (struct list){
				.head = first + o * stride + t * HEAD_BYTES,
				.most = ZONE_FREE_MAX};
}

/* Whether a block of that order can be at the page that has this link. */
static bool free_is_block(const struct free_reader *r, const struct zone *z,
			  size_t order, uint64_t link)
{
	const struct profile *p = r->k->profile;
	uint32_t size = profile_sizeof(p, STRUCT_PAGE);
	uint64_t page = link - profile_field(p, FIELD_PAGE_LINK)->offset -
			r->k->vmemmap_base;
	uint64_t pfn = size ? page / size : 0;

	return size && page % size == 0 && !(pfn & ((1ULL << order) - 1)) &&
	       pfn - z->start_pfn < z->spanned;
}

static void free_judge_list(const struct free_reader *r, const struct zone *z,
			    size_t order, const struct list *l)
{
	uint32_t node = r->zones->nodes.v[z->node].id;
	size_t i;

	if (l->torn)
		remarks_add(r->remarks,
			    "a list of free blocks of order %zu is damaged at "
			    "0x%" PRIx64 " (node %u, zone %s)",
			    order, l->torn_at, node, z->name);
	if (l->cut)
		remarks_add(r->remarks,
			    "there are more than %zu free blocks of order %zu: "
			    "the others were not looked at (node %u, zone %s)",
			    l->most, order, node, z->name);
	for (i = 0; i < l->links.n; i++)
		if (!free_is_block(r, z, order, l->links.v[i])) {
			remarks_add(r->remarks,
				    "no block of order %zu can be at 0x%" PRIx64
				    " (node %u, zone %s)",
				    order, l->links.v[i], node, z->name);
			return;
		}
}

static void free_judge(const struct free_reader *r, size_t zone, size_t order)
{
	const struct zone *z = &r->zones->list.v[zone];
	size_t t, before = r->remarks->n;
	uint64_t sum = 0;

	for (t = 0; t < r->out->n_types; t++) {
		size_t at = free_at(r->out, zone, order, t);

		r->out->counts[at] = r->lists[at].links.n;
		sum += r->lists[at].links.n;
		free_judge_list(r, z, order, &r->lists[at]);
	}
	if (sum != z->nr_free[order] && r->remarks->n == before)
		remarks_add(r->remarks,
			    "nr_free is %" PRIu64 ", and the lists have "
			    "%" PRIu64 " blocks of order %zu (node %u, zone "
			    "%s)",
			    z->nr_free[order], sum, order,
			    r->zones->nodes.v[z->node].id, z->name);
}

int zone_free_read(struct kernel *k, const struct zones *zones,
		   struct zone_free *out, struct remarks *remarks,
		   struct err *err)
{
	_cleanup_(free_reader_deinit) struct free_reader r = {
		.k = k, .zones = zones, .out = out, .remarks = remarks};
	size_t i, j;
	int rc = profile_check_reader(k->profile, READER_ZONE_FREE, err);

	if (rc)
		return rc;
	out->n_orders = zones->n_orders;
	out->n_types = profile_field(k->profile, FIELD_FREE_AREA_LISTS)->size /
		       HEAD_BYTES;
	if (out->n_types > ZONE_TYPES_MAX)
		out->n_types = ZONE_TYPES_MAX;
	r.n = zones->list.n * out->n_orders * out->n_types;
	r.lists = calloc(r.n + 1, sizeof(*r.lists));
	out->counts = calloc(r.n + 1, sizeof(*out->counts));
	if (!r.lists || !out->counts)
		return err_nomem(err);
	for (i = 0; i < zones->list.n; i++)
		free_find_lists(&r, i);
	/* mm/page_alloc.c; what is not known stays "". */
	rc = records_string_array(k, "migratetype_names", out->n_types,
				  sizeof(out->type[0]), (char *)out->type, err);
	if (!rc)
		rc = lists_read(k, r.lists, r.n, err);
	for (i = 0; i < zones->list.n && !rc; i++)
		for (j = 0; j < out->n_orders; j++)
			free_judge(&r, i, j);
	return rc;
}

void zone_free_deinit(struct zone_free *f)
{
	free(f->counts);
	*f = (struct zone_free){0};
}
