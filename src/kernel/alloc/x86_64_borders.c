/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses that the kernel's sources have names for. */
#include <string.h>

#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/x86_64.h"
#include "kernel/x86_64_layout.h"

/* What is wanted of the types. */
enum {
	FIELD_RESOURCE_START = WANTS_OF(READER_X86_64_BORDERS),
	FIELD_RESOURCE_END
};

static const struct want want_table[] = {
	FIELD(RESOURCE_START, "resource", OPTIONAL, "start"),
	FIELD(RESOURCE_END, "resource", OPTIONAL, "end"),
};

const struct wants x86_64_borders_wants = {
	.reader = "borders", .v = want_table, .n = WANTS_N(want_table)};

/* How the address of a border is told, in this order. */
static const struct border {
	const char *name;
	const char *region;   /* it begins there... */
	const char *resource; /* ...or where the image's part of /proc/iomem */
	bool end;	      /* ...or the first address behind that */
	bool variable;	      /* ...or a symbol is of one that holds it */
} borders[] = {
	{"_text", NULL, NULL, false, false},
	{"_etext", NULL, "code_resource", true, false},
	{"_sdata", NULL, "data_resource", false, false},
	{"_edata", NULL, "data_resource", true, false},
	{"__init_begin", NULL, NULL, false, false},
	{"__init_end", NULL, NULL, false, false},
	{"__bss_start", NULL, "bss_resource", false, false},
	{"__bss_stop", NULL, "bss_resource", true, false},
	{"_end", NULL, NULL, false, false},
	{"high_memory", NULL, NULL, false, true},
	{"PAGE_OFFSET", "direct_map", NULL, false, false},
	{"VMALLOC_START", "vmalloc", NULL, false, false},
	{"VMEMMAP_START", "vmemmap", NULL, false, false},
	{"__START_KERNEL_map", "kernel_text", NULL, false, false},
	{"MODULES_VADDR", "modules", NULL, false, false},
	{"MODULES_END", "modules", NULL, true, false},
	{"FIXADDR_START", "fixmap", NULL, false, false},
	{"VSYSCALL_ADDR", "vsyscall", NULL, false, false},
};

static bool border_of_region(const struct x86_64_layout *l,
			     const struct border *b, uint64_t *value)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (!strcmp(l->v[i].name, b->region)) {
			*value = b->end ? l->v[i].last + 1 : l->v[i].start;
			return true;
		}
	return false;
}

/*
 * From 6.11 on kallsyms has hardly any of these symbols; the resources of the
 * image have them as physical addresses, the last one inclusive (setup_arch()).
 * 1: told.
 */
static int border_of_resource(struct kernel *k, const struct border *b,
			      uint64_t *value, struct err *err)
{
	const struct profile_field *f = profile_field(
		k->profile, b->end ? FIELD_RESOURCE_END : FIELD_RESOURCE_START);
	uint64_t va, pa;
	int rc;

	if (!b->resource || !f->present || f->size != 8 ||
	    !profile_symbol(k->profile, b->resource, &va))
		return 0;
	rc = kernel_read(k, va + f->offset, &pa, sizeof(pa), err);
	if (rc)
		return rc;
	pa = le64(&pa) + b->end;
	*value = pa - k->phys_base + KERNEL_MAP;
	return pa >= k->phys_text && *value >= k->text;
}

/* 1: told; 0: not. */
static int border_value(struct kernel *k, const struct x86_64_layout *l,
			const struct border *b, uint64_t *value,
			struct err *err)
{
	int rc;

	if (b->region)
		return border_of_region(l, b, value);
	if (!profile_symbol(k->profile, b->name, value))
		return border_of_resource(k, b, value, err);
	if (!b->variable)
		return 1;
	rc = kernel_read_symbol(k, b->name, 8, value, err);
	return rc ? rc : 1;
}

int x86_64_borders(struct kernel *k, const struct x86_64_layout *l,
		   struct x86_64_border out[X86_64_BORDERS_MAX], size_t *n,
		   struct err *err)
{
	size_t i;
	int rc;

	*n = 0;
	for (i = 0; i < sizeof(borders) / sizeof(borders[0]); i++) {
		out[*n].name = borders[i].name;
		rc = border_value(k, l, &borders[i], &out[*n].value, err);
		if (rc < 0 && rc != ERR_UNREADABLE)
			return rc;
		*n += rc > 0;
	}
	return 0;
}
