/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/iomem and /proc/ioports (kernel/resource.c, r_show()). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/device/resources.h"
#include "proc/proc.h"

/* Deeper ones are shown as these (MAX_IORES_LEVEL: 8, and 5 in older ones). */
#define DEEPEST 8

static int iomem_read_root(struct kernel *k, const char *root,
			   struct proc_values *out, struct err *err)
{
	struct remarks remarks = {0};
	struct resources *r = calloc(1, sizeof(*r));
	int rc;

	out->own = r;
	if (!r)
		return err_nomem(err);
	rc = resources_read(k, root, r, &remarks, err);
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	out->parts->records = r->list.n;
	return rc;
}

static int iomem_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	return iomem_read_root(k, "iomem_resource", out, err);
}

static int ioports_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	return iomem_read_root(k, "ioport_resource", out, err);
}

static void iomem_text(const struct proc_values *v, size_t i, size_t record,
		       struct buf *out)
{
	const struct resources *all = v->own;
	const struct resource *r = &all->list.v[record];
	int width = all->end < 0x10000 ? 4 : 8;
	int depth = r->depth < DEEPEST ? (int)r->depth : DEEPEST;

	(void)i;
	buf_printf(out, "%*s%0*" PRIx64 "-%0*" PRIx64 " : %s\n", depth * 2, "",
		   width, r->start, width, r->end,
		   *r->name ? r->name : "<BAD>");
}

enum {
	START,
	END,
	SIZE,
	NAME,
	DEPTH,
	FLAGS,
	ADDRESS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[START] = ROW_COLUMN("start", "START", ROW_HEX),
	[END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[NAME] = {.key = "name",
		  .title = "NAME",
		  .type = ROW_GUEST,
		  .tree = true},
	[DEPTH] = ROW_COLUMN("depth", NULL, ROW_COUNT),
	[FLAGS] = ROW_COLUMN("flags", NULL, ROW_HEX),
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
};

/* END is the first address behind it. */
static void iomem_rows(const struct proc_values *v, size_t i, size_t record,
		       struct row_table *out)
{
	const struct resources *all = v->own;
	const struct resource *r = &all->list.v[record];

	(void)i;
	row_add(out);
	row_number(out, START, r->start);
	row_number(out, END, r->end + 1);
	row_number(out, SIZE, r->end - r->start + 1);
	row_string(out, NAME, *r->name ? r->name : "<BAD>");
	row_number(out, DEPTH, r->depth);
	row_number(out, FLAGS, r->flags);
	row_number(out, ADDRESS, r->addr);
	if (r->parent != RESOURCE_NO_PARENT)
		row_parent(out, record, r->parent);
}

static void iomem_deinit(struct proc_values *v)
{
	struct resources *r = v->own;

	resources_deinit(r);
	free(r);
}

const struct proc_file proc_iomem = {
	.name = "iomem",
	.scope = PROC_SYSTEM,
	.read = iomem_read,
	.text = iomem_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = iomem_rows,
	.deinit = iomem_deinit,
};

const struct proc_file proc_ioports = {
	.name = "ioports",
	.scope = PROC_SYSTEM,
	.read = ioports_read,
	.text = iomem_text,
	.deinit = iomem_deinit,
};
