/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/numa_maps: on which nodes the pages of each mapping are
 * (show_numa_map() of fs/proc/task_mmu.c). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "kernel/mm/vma_policy.h"
#include "kernel/mm/vma_use.h"
#include "proc/maps.h"

struct numa_maps {
	struct maps maps;
	struct vma_uses uses;
	struct vma_policies policies;
};

static void numa_tear(const struct numa_maps *own, size_t i,
		      struct proc_part *part)
{
	const struct vma_list *l = &own->maps.lists[i];
	const struct vma_use *u = own->uses.v + own->uses.first[i];
	size_t v;

	for (v = 0; v < l->n && !part->torn; v++) {
		if (vma_policy(&own->policies, i, v)->known && !u[v].unknown &&
		    !u[v].uncounted)
			continue;
		part->torn = true;
		if (u[v].uncounted) {
			buf_puts(&part->why, "more of it is in memory than "
					     "qvmi counts at once");
			return;
		}
		buf_printf(&part->why, "%s at 0x%" PRIx64 " %s",
			   u[v].unknown ? "pages" : "the memory policy",
			   l->v[v].start,
			   u[v].unknown ? "have no struct page"
					: "cannot be read, or is of a kind "
					  "that qvmi does not know");
	}
	if (!own->uses.unreadable || part->torn)
		return;
	part->torn = true;
	buf_printf(&part->why,
		   "%zu page tables cannot be read, the first at 0x%" PRIx64,
		   own->uses.unreadable, own->uses.table);
}

static int numa_maps_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct numa_maps *own = calloc(1, sizeof(*own));
	size_t i;
	int rc;

	out->own = own;
	if (!own)
		return err_nomem(err);
	rc = proc_maps_read(k, out, &own->maps, err);
	if (!rc)
		rc = vma_policies_read(k, out->tasks, own->maps.lists, out->n,
				       &own->policies, err);
	if (!rc)
		rc = vma_numas_read(k, own->maps.mms, own->maps.lists, out->n,
				    &own->uses, err);
	for (i = 0; i < out->n && !rc; i++) {
		/* the gate has no line */
		out->parts[i].records = own->maps.lists[i].n;
		numa_tear(own, i, &out->parts[i]);
	}
	return rc;
}

static void numa_maps_deinit(struct proc_values *v)
{
	struct numa_maps *own = v->own;

	proc_maps_deinit(&own->maps, v->n);
	vma_uses_deinit(&own->uses);
	vma_policies_deinit(&own->policies);
	free(own);
}

static void numa_put_place(const struct map_entry *e, const struct vma *v,
			   struct buf *out)
{
	if (v->file && e->name) {
		buf_puts(out, " file=");
		escape_add_octal(out, e->name, "\n\t= ");
	} else if (e->name && !strcmp(e->name, "[heap]")) {
		buf_puts(out, " heap");
	} else if (e->name && !strcmp(e->name, "[stack]")) {
		buf_puts(out, " stack");
	}
	if (v->flags & VM_HUGETLB)
		buf_puts(out, " huge");
}

static void numa_put_count(struct buf *out, const char *name, uint64_t count)
{
	if (count)
		buf_printf(out, " %s=%" PRIu64, name, count);
}

static void numa_put_pages(const struct vma_numa *m, bool huge, struct buf *out)
{
	size_t i;

	numa_put_count(out, "anon", m->anon);
	numa_put_count(out, "dirty", m->dirty);
	if (m->pages != m->anon && m->pages != m->dirty)
		numa_put_count(out, "mapped", m->pages);
	if (m->most_maps > 1)
		numa_put_count(out, "mapmax", m->most_maps);
	numa_put_count(out, "swapcache", m->swap_cache);
	if (m->active < m->pages && !huge)
		buf_printf(out, " active=%" PRIu64, m->active);
	numa_put_count(out, "writeback", m->writeback);
	for (i = 0; i < VMA_NODES; i++)
		if (m->node[i])
			buf_printf(out, " N%zu=%" PRIu64, i, m->node[i]);
}

static void numa_maps_text(const struct proc_values *v, size_t i, size_t record,
			   struct buf *out)
{
	const struct numa_maps *own = v->own;
	const struct vma *vma = &own->maps.lists[i].v[record];
	const struct vma_numa *m = &own->uses.numa[own->uses.first[i] + record];
	bool huge = vma->flags & VM_HUGETLB;

	buf_printf(out, "%08" PRIx64 " ", vma->start);
	mempolicy_put(vma_policy(&own->policies, i, record), out);
	numa_put_place(&own->maps.v[i][record], vma, out);
	if (m->pages) {
		numa_put_pages(m, huge, out);
		buf_printf(out, " kernelpagesize_kB=%" PRIu64,
			   proc_maps_page_size(&own->maps, vma) >> 10);
	}
	buf_puts(out, "\n");
}

const struct proc_file proc_pid_numa_maps = {
	.name = "numa_maps",
	.scope = PROC_TASK,
	.read = numa_maps_read,
	.text = numa_maps_text,
	.deinit = numa_maps_deinit,
};
