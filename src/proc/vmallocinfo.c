/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/vmallocinfo (mm/vmalloc.c, vmalloc_info_show()). */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/code/symbols.h"
#include "kernel/alloc/vmalloc.h"

struct values {
	struct vmalloc vmalloc;
	struct symbols symbols;
	struct symbol *callers; /* of each area */
	uint64_t pages_start, pages_end;
};

static int vmallocinfo_name(struct values *v, struct err *err)
{
	size_t n = v->vmalloc.areas.n, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));

	v->callers = calloc(n + 1, sizeof(*v->callers));
	if (!at || !v->callers)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = v->vmalloc.areas.v[i].caller;
	return symbols_at(&v->symbols, at, n, v->callers, err);
}

static int vmallocinfo_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct values *v = calloc(1, sizeof(*v));
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	symbols_init(&v->symbols, k);
	/* VMALLOC_SIZE_TB (asm/pgtable_64_types.h) */
	v->pages_start = k->vmalloc_base;
	v->pages_end = k->vmalloc_base +
		       ((k->root.paging->levels == 5 ? 12800ULL : 32ULL) << 40);
	rc = vmalloc_read(k, &v->vmalloc, &remarks, err);
	if (!rc)
		rc = vmallocinfo_name(v, err);
	out->parts->records = v->vmalloc.areas.n;
	proc_part_remarks(out->parts, &remarks);
	return rc;
}

/* Words for flags, in the order in which they are shown. */
static const struct {
	uint64_t flag;
	const char *word;
} words[] = {
	{VMALLOC_IOREMAP, "ioremap"}, {VMALLOC_SPARSE, "sparse"},
	{VMALLOC_ALLOC, "vmalloc"},   {VMALLOC_MAP, "vmap"},
	{VMALLOC_USERMAP, "user"},    {VMALLOC_DMA_COHERENT, "dma-coherent"},
};

static const char *const kinds[] = {
	[VMALLOC_RAM] = "vm_map_ram",
	[VMALLOC_UNPURGED] = "unpurged vm_area",
};

/* " vmalloc vpages", or what else it is. */
static void vmallocinfo_put_words(const struct values *v,
				  const struct vmalloc_area *a, struct buf *out)
{
	size_t i;

	if (a->kind != VMALLOC_AREA) {
		buf_printf(out, " %s", kinds[a->kind]);
		return;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (a->flags & words[i].flag)
			buf_printf(out, " %s", words[i].word);
	if (a->pages >= v->pages_start && a->pages < v->pages_end)
		buf_puts(out, " vpages");
}

/* "name+0x10/0x50 [module]", as %pS has it. */
static void vmallocinfo_put_caller(const struct vmalloc_area *a,
				   const struct symbol *s, struct buf *out)
{
	if (!s->name) {
		buf_printf(out, "0x%" PRIx64, a->caller);
		return;
	}
	buf_printf(out, "%s+0x%" PRIx64 "/0x%" PRIx64, s->name, s->offset,
		   s->size);
	if (s->module)
		buf_printf(out, " [%s]", s->module);
}

static void vmallocinfo_text(const struct proc_values *v, size_t i,
			     size_t record, struct buf *out)
{
	const struct values *own = v->own;
	const struct vmalloc_area *a = &own->vmalloc.areas.v[record];
	size_t j;

	(void)i;
	if (a->kind == VMALLOC_NOTHING)
		return;
	buf_printf(out, "0x%016" PRIx64 "-0x%016" PRIx64 " %7" PRIu64, a->start,
		   a->start + a->size, a->size);
	if (a->caller) {
		buf_puts(out, " ");
		vmallocinfo_put_caller(a, &own->callers[record], out);
	}
	if (a->n_pages)
		buf_printf(out, " pages=%" PRIu64, a->n_pages);
	if (a->phys)
		buf_printf(out, " phys=0x%016" PRIx64, a->phys);
	vmallocinfo_put_words(own, a, out);
	for (j = 0; j < a->shares.n; j++)
		buf_printf(out, " N%" PRIu32 "=%" PRIu32, a->shares.v[j].node,
			   a->shares.v[j].pages);
	buf_puts(out, "\n");
}

enum {
	START,
	END,
	SIZE,
	CALLER,
	CALLER_ADDRESS,
	PAGES,
	PHYSICAL,
	FLAGS,
	NODES,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[START] = ROW_COLUMN("start", "START", ROW_HEX),
	[END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[CALLER] = ROW_COLUMN("caller", "CALLER", ROW_GUEST),
	[CALLER_ADDRESS] = ROW_COLUMN("caller_address", NULL, ROW_HEX),
	[PAGES] = ROW_COLUMN("pages", "PAGES", ROW_COUNT),
	[PHYSICAL] = ROW_COLUMN("physical", "PHYSICAL", ROW_HEX),
	[FLAGS] = ROW_COLUMN("flags", "FLAGS", ROW_WORDS),
	[NODES] = ROW_COLUMN("nodes", NULL, ROW_TABLE),
};

enum {
	NODE,
	NODE_PAGES,
	N_NODE_COLUMNS
};

static const struct row_column node_columns[] = {
	[NODE] = ROW_COLUMN("node", NULL, ROW_COUNT),
	[NODE_PAGES] = ROW_COLUMN("pages", NULL, ROW_COUNT),
};

static void vmallocinfo_row_nodes(const struct vmalloc_area *a,
				  struct row_table *out)
{
	struct row_table *t =
		row_subtable(out, NODES, node_columns, N_NODE_COLUMNS);
	size_t i;

	for (i = 0; i < a->shares.n; i++) {
		row_add(t);
		row_number(t, NODE, a->shares.v[i].node);
		row_number(t, NODE_PAGES, a->shares.v[i].pages);
	}
}

static void vmallocinfo_row_words(const struct values *v, size_t record,
				  struct row_table *out)
{
	const struct vmalloc_area *a = &v->vmalloc.areas.v[record];
	_cleanup_(buf_deinit) struct buf b = {0};

	vmallocinfo_put_words(v, a, &b);
	if (b.len)
		row_bytes(out, FLAGS, b.data + 1, b.len - 1);
	out->rows->oom |= b.oom;
	if (!a->caller)
		return;
	buf_reset(&b);
	vmallocinfo_put_caller(a, &v->callers[record], &b);
	out->rows->oom |= b.oom;
	row_bytes(out, CALLER, b.data, b.len);
	row_number(out, CALLER_ADDRESS, a->caller);
}

static void vmallocinfo_rows(const struct proc_values *v, size_t i,
			     size_t record, struct row_table *out)
{
	const struct values *own = v->own;
	const struct vmalloc_area *a = &own->vmalloc.areas.v[record];

	(void)i;
	if (a->kind == VMALLOC_NOTHING)
		return;
	row_add(out);
	row_number(out, START, a->start);
	row_number(out, END, a->start + a->size);
	row_number(out, SIZE, a->size);
	vmallocinfo_row_words(own, record, out);
	if (a->n_pages)
		row_number(out, PAGES, a->n_pages);
	if (a->phys)
		row_number(out, PHYSICAL, a->phys);
	if (a->shares.n)
		vmallocinfo_row_nodes(a, out);
}

static void vmallocinfo_deinit(struct proc_values *v)
{
	struct values *own = v->own;

	free(own->callers);
	symbols_deinit(&own->symbols);
	vmalloc_deinit(&own->vmalloc);
	free(own);
}

const struct proc_file proc_vmallocinfo = {
	.name = "vmallocinfo",
	.scope = PROC_SYSTEM,
	.read = vmallocinfo_read,
	.text = vmallocinfo_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = vmallocinfo_rows,
	.deinit = vmallocinfo_deinit,
};
