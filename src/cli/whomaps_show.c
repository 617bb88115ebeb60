/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows who maps a frame: a row for each mapping. */
#include "cli/whomaps.h"

#include <inttypes.h>
#include <string.h>

#include "kernel/x86_64_layout.h"

enum {
	PID,
	COMM,
	AREA,
	ADDRESS,
	PHYSICAL,
	PAGE_SIZE,
	PERMISSIONS,
	WRITE,
	USER,
	NX,
	RESULT,
	VMA_START,
	VMA_END,
	VMA_PERMS,
	OFFSET,
	PATH,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[AREA] = ROW_COLUMN("area", "AREA", ROW_WORDS),
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[PHYSICAL] = ROW_COLUMN("physical", NULL, ROW_HEX),
	[PAGE_SIZE] = ROW_COLUMN("page_size", "PAGE", ROW_SIZE),
	[PERMISSIONS] = ROW_COLUMN(NULL, "PERMS", ROW_WORDS),
	[WRITE] = ROW_COLUMN("write", NULL, ROW_FLAG),
	[USER] = ROW_COLUMN("user", NULL, ROW_FLAG),
	[NX] = ROW_COLUMN("no_execute", NULL, ROW_FLAG),
	[RESULT] = ROW_COLUMN("result", NULL, ROW_WORDS),
	[VMA_START] = ROW_COLUMN("vma_start", "VMA", ROW_HEX),
	[VMA_END] = ROW_COLUMN("vma_end", "VMA END", ROW_HEX),
	[VMA_PERMS] = ROW_COLUMN("vma_perms", "VMA PERMS", ROW_WORDS),
	[OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),
	[PATH] = ROW_COLUMN("path", "PATH", ROW_GUEST),
};

/* What part of the kernel's space an address is in. */
static const char *area_of(const struct kernel *k, const struct whomaps *a,
			   uint64_t va)
{
	struct x86_64_layout layout;
	uint64_t pfn;
	uint32_t in;

	if (a->rmap.aliases.direct.state != ALIAS_NONE &&
	    va == a->rmap.aliases.direct.at)
		return "direct map";
	if (a->rmap.aliases.image.state != ALIAS_NONE &&
	    va == a->rmap.aliases.image.at)
		return "kernel image";
	if (alias_is_page(k, va, &pfn, &in))
		return "vmemmap";
	if (va >= k->vmalloc_base && va < k->vmemmap_base)
		return "vmalloc";
	x86_64_layout(k, &layout);
	return strcmp(x86_64_region_of(&layout, va)->name, "modules")
		       ? "kernel"
		       : "modules";
}

static const struct map_entry *entry_of(const struct whomaps *a, size_t part,
					uint64_t va)
{
	const struct maps *m = a->maps.own;
	size_t i;

	for (i = 0; i < a->maps.parts[part].records; i++)
		if (va >= m->v[part][i].start && va < m->v[part][i].end)
			return &m->v[part][i];
	return NULL;
}

static void show_vma(struct row_table *t, const struct whomaps *a, size_t i)
{
	const struct task *task = &a->mapping_tasks[a->part[i]];
	const struct map_entry *e =
		entry_of(a, a->part[i], a->rmap.found.list.v[i].va);

	row_number(t, PID, task->tgid);
	row_string(t, COMM, task->comm);
	row_string(t, AREA, "process");
	if (!e)
		return;
	row_number(t, VMA_START, e->start);
	row_number(t, VMA_END, e->end);
	row_string(t, VMA_PERMS, e->perms);
	row_number(t, OFFSET, e->offset);
	if (e->name)
		row_string(t, PATH, e->name);
}

static void show_mapping(struct row_table *t, const struct kernel *k,
			 const struct whomaps *a, size_t i)
{
	const struct mapping *m = &a->rmap.found.list.v[i];

	row_add(t);
	if (m->space)
		show_vma(t, a, i);
	else
		row_string(t, AREA, area_of(k, a, m->va));
	row_number(t, ADDRESS, m->va);
	row_number(t, PHYSICAL, a->rmap.pa);
	row_number(t, PAGE_SIZE, m->page_size);
	row_string(t, RESULT, walk_result_name(m->result));
	if (m->result != WALK_MAPPED) {
		row_string(t, PERMISSIONS, walk_result_name(m->result));
		return;
	}
	row_printf(t, PERMISSIONS, "r%c%c", m->write ? 'w' : '-',
		   m->nx ? '-' : 'x');
	row_number(t, WRITE, m->write);
	row_number(t, USER, m->user);
	row_number(t, NX, m->nx);
}

/* A page on the move is not mapped, as the kernel counts. */
static void note_count(struct out *out, const struct whomaps *a, size_t counted)
{
	if (a->rmap.page.maps_counted && a->rmap.page.mapcount != counted)
		out_note(out,
			 "the kernel counts %u mappings of this frame, and "
			 "%zu were found",
			 a->rmap.page.mapcount, counted);
	if (a->rmap.tables.unreadable)
		out_fail(out, ERR_UNREADABLE,
			 "whomaps: %zu page tables cannot be read, the first "
			 "at 0x%" PRIx64,
			 a->rmap.tables.unreadable, a->rmap.tables.pa);
	if (a->rmap.n_unread)
		out_fail(out, ERR_UNREADABLE,
			 "whomaps: the memory of %zu processes cannot be read",
			 a->rmap.n_unread);
	if (a->rmap.tasks.torn)
		out_fail(out, ERR_UNREADABLE, "whomaps: tasks are missing: %s",
			 a->rmap.tasks.why);
}

void whomaps_show(struct out *out, const struct kernel *k,
		  const struct whomaps *a)
{
	size_t i, counted = 0, kernels = 0;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	while (kernels < a->rmap.found.list.n &&
	       !a->rmap.found.list.v[kernels].space)
		kernels++;
	for (i = kernels; i < a->rmap.found.list.n; i++) {
		show_mapping(&out->rows.top, k, a, i);
		counted += a->rmap.found.list.v[i].result != WALK_MIGRATING;
	}
	for (i = 0; i < kernels; i++)
		show_mapping(&out->rows.top, k, a, i);
	note_count(out, a, counted);
	if (!a->rmap.found.list.n)
		out_fail(out, ERR_NOT_FOUND,
			 "whomaps: nobody maps physical 0x%" PRIx64,
			 a->rmap.pa);
}
