/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the areas of vmalloc. */
#include "kernel/alloc/vmalloc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_AREA_START = WANTS_OF(READER_VMALLOC),
	FIELD_AREA_END,
	FIELD_AREA_LINK,
	FIELD_AREA_PURGE,
	FIELD_AREA_VM,
	FIELD_AREA_FLAGS,
	FIELD_VM_ADDR,
	FIELD_VM_SIZE,
	FIELD_VM_FLAGS,
	FIELD_VM_PAGES,
	FIELD_VM_NR_PAGES,
	FIELD_VM_PHYS,
	FIELD_VM_CALLER,
	FIELD_NODE_BUSY,
	FIELD_NODE_LAZY,
	STRUCT_NODE
};

static const struct want want_table[] = {
	FIELD(AREA_START, "vmap_area", REQUIRED, "va_start"),
	FIELD(AREA_END, "vmap_area", REQUIRED, "va_end"),
	FIELD(AREA_LINK, "vmap_area", REQUIRED, "list"),
	FIELD(AREA_PURGE, "vmap_area", OPTIONAL, "purge_list"), /* 5.10 */
	FIELD(AREA_VM, "vmap_area", REQUIRED, "vm"),
	FIELD(AREA_FLAGS, "vmap_area", OPTIONAL, "flags"), /* 6.3 */
	FIELD(VM_ADDR, "vm_struct", REQUIRED, "addr"),
	FIELD(VM_SIZE, "vm_struct", REQUIRED, "size"),
	FIELD(VM_FLAGS, "vm_struct", REQUIRED, "flags"),
	FIELD(VM_PAGES, "vm_struct", REQUIRED, "pages"),
	FIELD(VM_NR_PAGES, "vm_struct", REQUIRED, "nr_pages"),
	FIELD(VM_PHYS, "vm_struct", REQUIRED, "phys_addr"),
	FIELD(VM_CALLER, "vm_struct", REQUIRED, "caller"),
	FIELD(NODE_BUSY, "vmap_node", OPTIONAL, "busy.head"), /* 6.9 */
	FIELD(NODE_LAZY, "vmap_node", OPTIONAL, "lazy.head"),
	STRUCT(NODE, "vmap_node", OPTIONAL),
};

const struct wants vmalloc_wants = {.reader = "areas of vmalloc",
				    .v = want_table,
				    .n = WANTS_N(want_table)};

static const uint32_t area_fields[] = {
	FIELD_AREA_START,
	FIELD_AREA_END,
	FIELD_AREA_VM,
	FIELD_AREA_FLAGS,
};

static const uint32_t vm_fields[] = {
	FIELD_VM_ADDR,	   FIELD_VM_SIZE, FIELD_VM_FLAGS,  FIELD_VM_PAGES,
	FIELD_VM_NR_PAGES, FIELD_VM_PHYS, FIELD_VM_CALLER,
};

/* VMAP_RAM (mm/vmalloc.c): vm_map_ram() made it. */
#define AREA_RAM 1

struct vmalloc_reader {
	struct kernel *k;
	struct vmalloc *out;
	struct remarks *remarks;
	struct list *lists; /* of areas in use, then of unpurged ones */
	size_t n, n_busy;
};

static void vmalloc_reader_deinit(struct vmalloc_reader *r)
{
	size_t i;

	for (i = 0; r->lists && i < r->n; i++)
		list_deinit(&r->lists[i]);
	free(r->lists);
}

/* From 6.9 on there are several trees and lists, in an array. */
static int vmalloc_find_nodes(struct vmalloc_reader *r, struct err *err)
{
	const struct profile *p = r->k->profile;
	const struct profile_field *busy = profile_field(p, FIELD_NODE_BUSY);
	const struct profile_field *lazy = profile_field(p, FIELD_NODE_LAZY);
	uint32_t size = profile_sizeof(p, STRUCT_NODE);
	uint64_t nodes, n, i;
	int rc = kernel_read_symbol(r->k, "vmap_nodes", 8, &nodes, err);

	if (!rc)
		rc = kernel_read_symbol(r->k, "nr_vmap_nodes", 4, &n, err);
	if (rc)
		return rc;
	if (!n || n > VMALLOC_NODES_MAX || !busy->present)
		return err_set(err, ERR_CORRUPT,
			       "the kernel says that it has %" PRIu64
			       " lists of areas",
			       n);
	r->n_busy = (size_t)n;
	r->n = 2 * r->n_busy;
	r->lists = calloc(r->n, sizeof(*r->lists));
	if (!r->lists)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		r->lists[i].head = nodes + i * size + busy->offset;
		if (lazy->present)
			r->lists[n + i].head = nodes + i * size + lazy->offset;
	}
	return 0;
}

/* Up to 6.8 one list of each; up to 5.10 the second is a chain. */
static int vmalloc_find_lists(struct vmalloc_reader *r, struct err *err)
{
	const struct profile *p = r->k->profile;
	uint64_t busy = 0;
	size_t i;
	int rc = 0;

	if (profile_symbol(p, "vmap_nodes", &busy)) {
		rc = vmalloc_find_nodes(r, err);
	} else if (profile_symbol(p, "vmap_area_list", &busy)) {
		r->n_busy = 1;
		r->n = 2;
		r->lists = calloc(r->n, sizeof(*r->lists));
		if (!r->lists)
			return err_nomem(err);
		r->lists[0].head = busy;
		profile_symbol(p, "purge_vmap_area_list", &r->lists[1].head);
	} else {
		rc = profile_unknown(p,
				     "this kernel keeps areas of vmalloc in no "
				     "way that is known",
				     err);
	}
	for (i = 0; i < r->n; i++)
		r->lists[i].most = VMALLOC_AREAS_MAX;
	return rc;
}

/*
 * Up to 5.10: from vmap_purge_list on, each link (struct llist_node) has the
 * next one's address, and the last one none.
 */
static int vmalloc_follow_chain(struct vmalloc_reader *r, struct list *l,
				struct err *err)
{
	const struct profile *p = r->k->profile;
	const struct profile_field *purge = profile_field(p, FIELD_AREA_PURGE);
	uint64_t link = profile_field(p, FIELD_AREA_LINK)->offset, at = 0;
	_cleanup_(map_deinit) struct map seen = {0};
	uint8_t next[8] = {0};
	int rc = purge->present && profile_symbol(p, "vmap_purge_list", &at)
			 ? kernel_read_symbol(r->k, "vmap_purge_list", 8, &at,
					      err)
			 : 0;

	while (!rc && at) {
		l->cut = l->links.n >= l->most;
		l->torn = !kernel_pointer(r->k, at) || map_get(&seen, at, NULL);
		if (l->torn)
			l->torn_at = at;
		if (l->cut || l->torn)
			break;
		if (map_put(&seen, at, 0) ||
		    vec_push(&l->links, at - purge->offset + link))
			return err_nomem(err);
		rc = kernel_read(r->k, at, next, sizeof(next), err);
		at = le64(next);
	}
	return rc;
}

static enum vmalloc_kind vmalloc_kind_of(const struct records *areas, size_t i,
					 bool busy)
{
	if (!busy)
		return VMALLOC_UNPURGED;
	if (records_u64(areas, i, FIELD_AREA_VM))
		return VMALLOC_AREA;
	return !records_have(areas, FIELD_AREA_FLAGS) ||
			       records_u64(areas, i, FIELD_AREA_FLAGS) &
				       AREA_RAM
		       ? VMALLOC_RAM
		       : VMALLOC_NOTHING;
}

static int vmalloc_add(struct vmalloc_reader *r, const struct records *areas,
		       const struct records *vms, size_t i, bool busy)
{
	uint64_t start = records_u64(areas, i, FIELD_AREA_START);
	struct vmalloc_area a = {.kind = vmalloc_kind_of(areas, i, busy),
				 .start = start,
				 .size = records_u64(areas, i, FIELD_AREA_END) -
					 start};

	if (!areas->ok[i] || (a.kind == VMALLOC_AREA && !vms->ok[i])) {
		remarks_add(r->remarks,
			    "an area of vmalloc at 0x%" PRIx64
			    " cannot be read",
			    start);
		return 0;
	}
	if (a.kind == VMALLOC_AREA) {
		a.start = records_u64(vms, i, FIELD_VM_ADDR);
		a.size = records_u64(vms, i, FIELD_VM_SIZE);
		a.flags = records_u64(vms, i, FIELD_VM_FLAGS);
		a.pages = records_u64(vms, i, FIELD_VM_PAGES);
		a.n_pages = records_u64(vms, i, FIELD_VM_NR_PAGES);
		a.phys = records_u64(vms, i, FIELD_VM_PHYS);
		a.caller = records_u64(vms, i, FIELD_VM_CALLER);
	}
	return vec_push(&r->out->areas, a);
}

static void vmalloc_remark_lists(const struct vmalloc_reader *r)
{
	size_t i;

	for (i = 0; i < r->n; i++) {
		if (r->lists[i].torn)
			remarks_add(r->remarks,
				    "a list of areas of vmalloc is damaged at "
				    "0x%" PRIx64,
				    r->lists[i].torn_at);
		if (r->lists[i].cut)
			remarks_add(r->remarks,
				    "there are more than %zu areas of vmalloc "
				    "in a list: the others were not looked at",
				    r->lists[i].most);
	}
}

/* From all links to the areas, and to what most have beside these. */
static int vmalloc_read_areas(struct vmalloc_reader *r, struct err *err)
{
	_cleanup_(records_deinit) struct records areas = {0}, vms = {0};
	uint32_t link = profile_field(r->k->profile, FIELD_AREA_LINK)->offset;
	size_t i, n, busy = 0;
	_cleanup_free_ uint64_t *at = lists_objects(r->lists, r->n, link, &n);
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < r->n_busy; i++)
		busy += r->lists[i].links.n;
	rc = records_read(r->k, at, n, area_fields, WANTS_N(area_fields),
			  &areas, err);
	for (i = 0; i < busy && !rc; i++)
		at[i] = records_u64(&areas, i, FIELD_AREA_VM);
	if (!rc)
		rc = records_read(r->k, at, busy, vm_fields, WANTS_N(vm_fields),
				  &vms, err);
	for (i = 0; i < n && !rc; i++)
		if (vmalloc_add(r, &areas, &vms, i, i < busy))
			rc = err_nomem(err);
	return rc;
}

int vmalloc_read(struct kernel *k, struct vmalloc *out, struct remarks *remarks,
		 struct err *err)
{
	_cleanup_(vmalloc_reader_deinit) struct vmalloc_reader r = {
		.k = k, .out = out, .remarks = remarks};
	int rc = profile_check_reader(k->profile, READER_VMALLOC, err);

	if (!rc)
		rc = vmalloc_find_lists(&r, err);
	if (!rc)
		rc = lists_read(k, r.lists, r.n, err);
	if (!rc && !r.lists[r.n_busy].head)
		rc = vmalloc_follow_chain(&r, &r.lists[r.n_busy], err);
	if (rc)
		return rc;
	vmalloc_remark_lists(&r);
	rc = vmalloc_read_areas(&r, err);
	return rc ? rc : vmalloc_read_nodes(k, out, remarks, err);
}

void vmalloc_deinit(struct vmalloc *v)
{
	size_t i;

	for (i = 0; i < v->areas.n; i++)
		vec_deinit(&v->areas.v[i].shares);
	vec_deinit(&v->areas);
}
