/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/pagetypeinfo (mm/vmstat.c, pagetypeinfo_show()). */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/page/page_block.h"
#include "kernel/alloc/zone.h"
#include "kernel/alloc/zone_blocks.h"
#include "kernel/alloc/zone_free.h"

struct pagetypeinfo {
	struct zones zones;
	struct zone_free free;
	struct zone_blocks blocks;
};

/* page_owner=on has a third part, of blocks with pages of other types. */
static int pagetypeinfo_mixed(struct kernel *k, struct remarks *remarks,
			      struct err *err)
{
	uint64_t on = 0;
	int rc = kernel_read_symbol(k, "page_owner_inited", 4, &on, err);

	if (!rc && on)
		remarks_add(remarks, "page_owner is on, and what that adds "
				     "about mixed blocks is left out");
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

static int pagetypeinfo_read(struct kernel *k, struct proc_values *out,
			     struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct pagetypeinfo *p = calloc(1, sizeof(*p));
	int rc;

	out->own = p;
	if (!p)
		return err_nomem(err);
	rc = zones_read(k, &p->zones, err);
	if (!rc)
		rc = zone_free_read(k, &p->zones, &p->free, &remarks, err);
	if (!rc)
		rc = zone_blocks_read(k, &p->zones, &p->blocks, &remarks, err);
	if (!rc)
		rc = pagetypeinfo_mixed(k, &remarks, err);
	out->parts->records = p->zones.nodes.n;
	proc_part_remarks(out->parts, &remarks);
	return rc;
}

static void pagetypeinfo_zone_free(const struct pagetypeinfo *p, size_t zone,
				   struct buf *out)
{
	const struct zone *z = &p->zones.list.v[zone];
	size_t type, order;

	for (type = 0; type < p->free.n_types; type++) {
		buf_printf(out, "Node %4u, zone %8s, type %12s ",
			   p->zones.nodes.v[z->node].id, z->name,
			   p->free.type[type]);
		for (order = 0; order < p->free.n_orders; order++)
			buf_printf(
				out, "%6" PRIu64 " ",
				zone_free_count(&p->free, zone, order, type));
		buf_puts(out, "\n");
	}
}

static void pagetypeinfo_zone_blocks(const struct pagetypeinfo *p, size_t zone,
				     struct buf *out)
{
	const struct zone *z = &p->zones.list.v[zone];
	size_t type;

	buf_printf(out, "Node %u, zone %8s ", p->zones.nodes.v[z->node].id,
		   z->name);
	for (type = 0; type < p->free.n_types; type++)
		buf_printf(out, "%12" PRIu64 " ", p->blocks.counts[zone][type]);
	buf_puts(out, "\n");
}

/* A node without memory is not shown, and no zone without pages. */
static void pagetypeinfo_text(const struct proc_values *v, size_t i,
			      size_t record, struct buf *out)
{
	const struct pagetypeinfo *p = v->own;
	size_t zone, n;

	(void)i;
	if (!p->zones.nodes.v[record].present)
		return;
	buf_printf(out,
		   "Page block order: %u\n"
		   "Pages per block:  %u\n\n"
		   "%-43s ",
		   PAGE_BLOCK_ORDER, PAGE_BLOCK_FRAMES,
		   "Free pages count per migrate type at order");
	for (n = 0; n < p->free.n_orders; n++)
		buf_printf(out, "%6zu ", n);
	buf_puts(out, "\n");
	for (zone = 0; zone < p->zones.list.n; zone++)
		if (p->zones.list.v[zone].node == record &&
		    p->zones.list.v[zone].present)
			pagetypeinfo_zone_free(p, zone, out);
	buf_printf(out, "\n%-23s", "Number of blocks type ");
	for (n = 0; n < p->free.n_types; n++)
		buf_printf(out, "%12s ", p->free.type[n]);
	buf_puts(out, "\n");
	for (zone = 0; zone < p->zones.list.n; zone++)
		if (p->zones.list.v[zone].node == record &&
		    p->zones.list.v[zone].present)
			pagetypeinfo_zone_blocks(p, zone, out);
}

static void pagetypeinfo_deinit(struct proc_values *v)
{
	struct pagetypeinfo *p = v->own;

	zones_deinit(&p->zones);
	zone_free_deinit(&p->free);
	zone_blocks_deinit(&p->blocks);
	free(p);
}

const struct proc_file proc_pagetypeinfo = {
	.name = "pagetypeinfo",
	.scope = PROC_SYSTEM,
	.read = pagetypeinfo_read,
	.text = pagetypeinfo_text,
	.deinit = pagetypeinfo_deinit,
};
