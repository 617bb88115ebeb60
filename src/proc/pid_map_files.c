/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/map_files: a link for each mapping of a file (fs/proc/base.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "proc/maps.h"

struct map_files {
	struct maps maps;
	const struct vma **vmas; /* of the records of all parts */
	size_t *first;		 /* of each part, in vmas */
};

static const struct file_info *map_files_info(const struct map_files *own,
					      size_t i, size_t record)
{
	const struct vma *v = own->vmas[own->first[i] + record];

	return file_infos_get(&own->maps.files, v->file);
}

/* Those of a list that map files, from vmas[at] on; how many. */
static size_t map_files_choose(struct map_files *own, size_t i, size_t at)
{
	const struct vma_list *l = &own->maps.lists[i];
	size_t v, n = 0;

	own->first[i] = at;
	for (v = 0; v < l->n; v++)
		if (l->v[v].file)
			own->vmas[at + n++] = &l->v[v];
	return n;
}

static int map_files_records(struct map_files *own, struct proc_values *out,
			     struct err *err)
{
	size_t i, all = 0, at = 0;

	for (i = 0; i < out->n; i++)
		all += own->maps.lists[i].n;
	own->vmas = calloc(all + 1, sizeof(*own->vmas));
	own->first = calloc(out->n + 1, sizeof(*own->first));
	if (!own->vmas || !own->first)
		return err_nomem(err);
	for (i = 0; i < out->n; i++) {
		out->parts[i].records = map_files_choose(own, i, at);
		out->parts[i].missing = own->maps.lists[i].torn;
		at += out->parts[i].records;
	}
	return 0;
}

static int map_files_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct map_files *own = calloc(1, sizeof(*own));
	int rc;

	out->own = own;
	if (!own)
		return err_nomem(err);
	rc = proc_maps_read(k, out, &own->maps, err);
	return rc ? rc : map_files_records(own, out, err);
}

static void map_files_entry(const struct proc_values *v, size_t i,
			    size_t record, struct buf *out)
{
	const struct map_files *own = v->own;
	const struct vma *vma = own->vmas[own->first[i] + record];

	buf_printf(out, "%" PRIx64 "-%" PRIx64, vma->start, vma->end);
}

static void map_files_text(const struct proc_values *v, size_t i, size_t record,
			   struct buf *out)
{
	const struct file_info *f = map_files_info(v->own, i, record);

	if (f && f->path)
		buf_puts(out, f->path);
}

static void map_files_deinit(struct proc_values *v)
{
	struct map_files *own = v->own;

	proc_maps_deinit(&own->maps, v->n);
	free(own->vmas);
	free(own->first);
	free(own);
}

const struct proc_file proc_pid_map_files = {
	.name = "map_files",
	.scope = PROC_PROCESS,
	.kind = PROC_LINK_DIR,
	.read = map_files_read,
	.text = map_files_text,
	.entry = map_files_entry,
	.deinit = map_files_deinit,
};
