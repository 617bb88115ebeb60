/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/buddyinfo (mm/vmstat.c, frag_show_print()). */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>

#include "kernel/alloc/zone.h"

static int buddyinfo_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct zones *zones = calloc(1, sizeof(*zones));
	int rc;

	out->own = zones;
	if (!zones)
		return err_nomem(err);
	rc = zones_read(k, zones, err);
	out->parts->records = zones->list.n;
	return rc;
}

/* A zone without pages is not shown. */
static void buddyinfo_text(const struct proc_values *v, size_t i, size_t record,
			   struct buf *out)
{
	const struct zones *zones = v->own;
	const struct zone *z = &zones->list.v[record];
	size_t order;

	(void)i;
	if (!z->present)
		return;
	buf_printf(out, "Node %u, zone %8s ", zones->nodes.v[z->node].id,
		   z->name);
	for (order = 0; order < zones->n_orders; order++)
		buf_printf(out, "%6" PRIu64 " ", z->nr_free[order]);
	buf_puts(out, "\n");
}

static void buddyinfo_deinit(struct proc_values *v)
{
	zones_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_buddyinfo = {
	.name = "buddyinfo",
	.scope = PROC_SYSTEM,
	.read = buddyinfo_read,
	.text = buddyinfo_text,
	.deinit = buddyinfo_deinit,
};
