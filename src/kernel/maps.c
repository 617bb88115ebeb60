/* SPDX-License-Identifier: BSD-2-Clause */
/* Puts together the lines of /proc/PID/maps for many processes at once. */
#include "kernel/maps.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/mm.h"
#include "kernel/vma.h"

/* Everything that the lines are made of, for all tasks together. */
struct work {
	struct kernel *k;
	size_t n;
	struct mm *mms;
	struct vma_list *lists;
	struct map file_at; /* struct file to index */
	VEC(uint64_t) files;
	struct maps_set *out;
};

static void work_deinit(struct work *w)
{
	if (w->lists)
		vma_lists_deinit(w->lists, w->n);
	free(w->mms);
	free(w->lists);
	map_deinit(&w->file_at);
	vec_deinit(&w->files);
}

static int maps_read_vmas(struct work *w, const struct task *tasks,
			  struct err *err)
{
	int rc;

	w->mms = calloc(w->n + 1, sizeof(*w->mms));
	w->lists = calloc(w->n + 1, sizeof(*w->lists));
	if (!w->mms || !w->lists)
		return err_nomem(err);
	rc = mm_of_tasks(w->k, tasks, w->n, w->mms, err);
	return rc ? rc : vma_lists_read(w->k, w->mms, w->n, w->lists, err);
}

static int maps_read_files(struct work *w, struct err *err)
{
	size_t i, v;

	for (i = 0; i < w->n; i++)
		for (v = 0; v < w->lists[i].n; v++) {
			uint64_t file = w->lists[i].v[v].file;

			if (!file || map_get(&w->file_at, file, NULL))
				continue;
			if (map_put(&w->file_at, file, w->files.n) ||
			    vec_push(&w->files, file))
				return err_nomem(err);
		}
	return file_infos_read(w->k, w->files.v, w->files.n, &w->out->files,
			       err);
}

static const struct file_info *maps_info_of(const struct work *w,
					    const struct vma *v)
{
	uint64_t at;

	return v->file && map_get(&w->file_at, v->file, &at)
		       ? &w->out->files.v[at]
		       : NULL;
}

/* Note on the lines what could not be read; the first reason stays. */
static void maps_tear(struct maps *m, const char *what, uint64_t addr)
{
	if (!m->torn)
		snprintf(m->why, sizeof(m->why), "%s at 0x%llx", what,
			 (unsigned long long)addr);
	m->torn = true;
}

static void fill_name(const struct work *w, size_t task, const struct vma *v,
		      const struct file_info *f, struct map_entry *e,
		      struct maps *m)
{
	struct vma_name_place place = {.mm = &w->mms[task],
				       .path = f ? f->path : NULL};

	if (!vma_name(w->k, &w->out->names, &place, v, &e->name, &e->maker))
		return;
	if (f && f->fault == PATH_UNKNOWN)
		e->maker = f->fault_at;
	else if (f && f->fault == PATH_LIMIT)
		maps_tear(m, "a path goes further than qvmi follows it",
			  f->fault_at);
	else if (!e->maker)
		maps_tear(m, "unknown name of the VMA", v->addr);
}

/* docs/facts/kernel.md, "Files of /proc" */
static void fill_entry(const struct work *w, size_t task, const struct vma *v,
		       struct map_entry *e, struct maps *m)
{
	const struct file_info *f = maps_info_of(w, v);

	e->start = v->start;
	e->end = v->end;
	e->perms[0] = v->flags & VM_READ ? 'r' : '-';
	e->perms[1] = v->flags & VM_WRITE ? 'w' : '-';
	e->perms[2] = v->flags & VM_EXEC ? 'x' : '-';
	e->perms[3] = v->flags & VM_MAYSHARE ? 's' : 'p';
	if (f) {
		e->offset = v->pgoff * PAGE_SIZE_4K;
		e->major = f->dev >> 20;
		e->minor = f->dev & 0xfffff;
		e->ino = f->ino;
		if (f->fault == PATH_TORN)
			maps_tear(m, "unsound file structure", f->fault_at);
	}
	fill_name(w, task, v, f, e, m);
}

/* Of all VMAs, and the gate. */
static struct map_entry *new_rows(const struct work *w, size_t task)
{
	return calloc(w->lists[task].n + 2, sizeof(struct map_entry));
}

static void fill_maps(const struct work *w, size_t task, struct maps *m)
{
	const struct vma_list *l = &w->lists[task];
	const struct vma *gate = &w->out->names.gate;
	bool has_gate =
		gate->end && w->mms[task].vsyscall && w->mms[task].readable;
	size_t v;

	if (l->torn && w->mms[task].addr) {
		m->torn = true;
		memcpy(m->why, l->why, sizeof(l->why));
	}
	for (v = 0; v < l->n; v++)
		fill_entry(w, task, &l->v[v], &m->v[m->n++], m);
	if (has_gate)
		fill_entry(w, task, gate, &m->v[m->n++], m);
}

int maps_read(struct kernel *k, const struct task *tasks, size_t n,
	      struct maps_set *out, struct err *err)
{
	_cleanup_(work_deinit) struct work w = {.k = k, .n = n, .out = out};
	struct map_entry *rows;
	size_t i;
	int rc;

	*out = (struct maps_set){0};
	out->v = calloc(n + 1, sizeof(*out->v));
	if (!out->v)
		return err_nomem(err);
	out->n = n;
	rc = maps_read_vmas(&w, tasks, err);
	if (!rc)
		rc = maps_read_files(&w, err);
	if (!rc)
		rc = vma_names_read(k, w.lists, n, &out->names, err);
	for (i = 0; i < n && !rc; i++) {
		rows = new_rows(&w, i);
		out->v[i].v = rows;
		if (rows)
			fill_maps(&w, i, &out->v[i]);
		else
			rc = err_nomem(err);
	}
	return rc;
}

void maps_deinit(struct maps_set *m)
{
	size_t i;

	for (i = 0; m->v && i < m->n; i++)
		free(m->v[i].v);
	free(m->v);
	file_infos_deinit(&m->files);
	vma_names_deinit(&m->names);
	*m = (struct maps_set){0};
}
