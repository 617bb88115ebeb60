/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/maps: its lines put together, for many processes at once, and shown
 * as fs/proc/task_mmu.c does, or as rows. */
#include "proc/maps.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digits.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/dev.h"

/* Everything that the lines are made of, for all tasks together. */
struct work {
	struct kernel *k;
	size_t n;
	struct maps *out;
	struct proc_part *parts; /* of each task */
};

int proc_maps_vmas(struct kernel *k, struct proc_values *out, struct maps *m,
		   struct err *err)
{
	size_t i;
	int rc;

	m->mms = calloc(out->n + 1, sizeof(*m->mms));
	m->lists = calloc(out->n + 1, sizeof(*m->lists));
	if (!m->mms || !m->lists)
		return err_nomem(err);
	rc = mm_of_tasks(k, out->tasks, out->n, m->mms, err);
	if (!rc)
		rc = vma_lists_read(k, m->mms, out->n, m->lists, err);
	for (i = 0; i < out->n && !rc; i++) {
		if (!m->lists[i].torn || !m->mms[i].addr)
			continue;
		out->parts[i].torn = true;
		buf_puts(&out->parts[i].why, m->lists[i].why);
	}
	return rc;
}

static int maps_read_files(struct work *w, struct err *err)
{
	size_t i, v;

	for (i = 0; i < w->n; i++)
		for (v = 0; v < w->out->lists[i].n; v++)
			if (file_infos_add(&w->out->files,
					   w->out->lists[i].v[v].file))
				return err_nomem(err);
	return file_infos_read(w->k, &w->out->files, err);
}

static const struct file_info *maps_info_of(const struct work *w,
					    const struct vma *v)
{
	return file_infos_get(&w->out->files, v->file);
}

/* Note on the part what could not be read; the first reason stays. */
static void maps_tear(struct proc_part *part, const char *what, uint64_t addr)
{
	if (!part->torn)
		buf_printf(&part->why, "%s at 0x%" PRIx64, what, addr);
	part->torn = true;
}

static void fill_name(const struct work *w, size_t task, const struct vma *v,
		      const struct file_info *f, struct map_entry *e)
{
	struct proc_part *part = &w->parts[task];
	struct vma_name_place place = {.mm = &w->out->mms[task],
				       .path = f ? f->path : NULL};

	if (!vma_name(w->k, &w->out->names, &place, v, &e->name, &e->maker))
		return;
	if (f && f->fault == PATH_UNKNOWN)
		e->maker = f->fault_at;
	else if (f && f->fault == PATH_LIMIT)
		maps_tear(part, "a path goes further than qvmi follows it",
			  f->fault_at);
	else if (!e->maker)
		maps_tear(part, "unknown name of the VMA", v->addr);
}

/* docs/facts/kernel.md, "Files of /proc" */
static void fill_entry(const struct work *w, size_t task, const struct vma *v,
		       struct map_entry *e)
{
	struct proc_part *part = &w->parts[task];
	const struct file_info *f = maps_info_of(w, v);

	e->start = v->start;
	e->end = v->end;
	e->perms[0] = v->flags & VM_READ ? 'r' : '-';
	e->perms[1] = v->flags & VM_WRITE ? 'w' : '-';
	e->perms[2] = v->flags & VM_EXEC ? 'x' : '-';
	e->perms[3] = v->flags & VM_MAYSHARE ? 's' : 'p';
	if (f) {
		e->offset = v->pgoff * PAGE_SIZE_4K;
		e->major = dev_major(f->dev);
		e->minor = dev_minor(f->dev);
		e->ino = f->ino;
		if (f->fault == PATH_TORN)
			maps_tear(part, "unsound file structure", f->fault_at);
	}
	fill_name(w, task, v, f, e);
}

/* Room for the lines of all: of their VMAs, and of the gate. */
static int maps_make_room(const struct work *w, struct maps *m, struct err *err)
{
	size_t i, lines = w->n;

	for (i = 0; i < w->n; i++)
		lines += w->out->lists[i].n;
	m->lines = calloc(lines + 1, sizeof(*m->lines));
	m->v = calloc(w->n + 1, sizeof(*m->v));
	return m->lines && m->v ? 0 : err_nomem(err);
}

/* The lines of a task, from e on. */
static void fill_maps(const struct work *w, size_t task, struct map_entry *e)
{
	const struct vma_list *l = &w->out->lists[task];
	const struct mm *mm = &w->out->mms[task];
	const struct vma *gate = &w->out->names.gate;
	struct proc_part *part = &w->parts[task];
	size_t v;

	w->out->v[task] = e;
	for (v = 0; v < l->n; v++)
		fill_entry(w, task, &l->v[v], &e[part->records++]);
	if (gate->end && mm->vsyscall && mm->readable)
		fill_entry(w, task, gate, &e[part->records++]);
}

int proc_maps_read(struct kernel *k, struct proc_values *out, struct maps *m,
		   struct err *err)
{
	struct work w = {.k = k, .n = out->n, .out = m, .parts = out->parts};
	size_t i, line = 0;
	int rc = proc_maps_vmas(k, out, m, err);

	if (!rc)
		rc = maps_read_files(&w, err);
	if (!rc)
		rc = vma_names_read(k, m->lists, w.n, &m->names, err);
	if (!rc)
		rc = maps_make_room(&w, m, err);
	for (i = 0; i < w.n && !rc; i++) {
		fill_maps(&w, i, m->lines + line);
		line += w.parts[i].records;
	}
	return rc;
}

static int maps_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	out->own = calloc(1, sizeof(struct maps));
	return out->own ? proc_maps_read(k, out, out->own, err)
			: err_nomem(err);
}

void proc_maps_deinit(struct maps *m, size_t n)
{
	if (m->lists)
		vma_lists_deinit(m->lists, n);
	free(m->lists);
	free(m->mms);
	free(m->v);
	free(m->lines);
	file_infos_deinit(&m->files);
	vma_names_deinit(&m->names);
}

static void maps_deinit(struct proc_values *v)
{
	proc_maps_deinit(v->own, v->n);
	free(v->own);
}

/* Blocks of hugetlbfs, where all huge pages of VMAs come from, are pages. */
uint64_t proc_maps_page_size(const struct maps *m, const struct vma *v)
{
	const struct file_info *f = v->flags & VM_HUGETLB
					    ? file_infos_get(&m->files, v->file)
					    : NULL;

	return f && f->blkbits < 64 ? 1ULL << f->blkbits : PAGE_SIZE_4K;
}

/* show_vma_header_prefix(): names start behind this width and one space. */
#define NAME_COLUMN (25 + 8 * 6 - 1)

/* Nothing but newlines is escaped: docs/facts/kernel.md, "Files of /proc". */
static void put_name(struct buf *out, const char *name)
{
	size_t n;

	for (;; name += n + 1) {
		n = strcspn(name, "\n");
		buf_add(out, name, n);
		if (!name[n])
			return;
		buf_puts(out, "\\012");
	}
}

/* "%08lx-%08lx %s %08lx %02x:%02x %lu ", and blanks before a name. */
static size_t put_prefix(const struct map_entry *e, char *line)
{
	char *at = line;

	at = digits_hex(at, e->start, 8);
	*at++ = '-';
	at = digits_hex(at, e->end, 8);
	*at++ = ' ';
	at = mempcpy(at, e->perms, sizeof(e->perms) - 1);
	*at++ = ' ';
	at = digits_hex(at, e->offset, 8);
	*at++ = ' ';
	at = digits_hex(at, e->major, 2);
	*at++ = ':';
	at = digits_hex(at, e->minor, 2);
	*at++ = ' ';
	at = digits_decimal(at, e->ino);
	*at++ = ' ';
	if (e->name)
		do
			*at++ = ' ';
		while (at < line + NAME_COLUMN + 1);
	return (size_t)(at - line);
}

void proc_maps_line(const struct map_entry *e, struct buf *out)
{
	char line[NAME_COLUMN + 4 * DIGITS_MAX];

	buf_add(out, line, put_prefix(e, line));
	if (e->name)
		put_name(out, e->name);
	buf_puts(out, "\n");
}

static void maps_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct maps *m = v->own;

	proc_maps_line(&m->v[i][record], out);
}

enum {
	START = PROC_ROW_OWN,
	END,
	PERMS,
	OFFSET,
	MAJOR,
	MINOR,
	INODE,
	PATH,
	N_COLUMNS
};

static const struct row_column columns[] = {
	PROC_ROW_COLUMNS,
	[START] = ROW_COLUMN("start", NULL, ROW_HEX),
	[END] = ROW_COLUMN("end", NULL, ROW_HEX),
	[PERMS] = ROW_COLUMN("perms", NULL, ROW_WORDS),
	[OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),
	[MAJOR] = ROW_COLUMN("major", NULL, ROW_COUNT),
	[MINOR] = ROW_COLUMN("minor", NULL, ROW_COUNT),
	[INODE] = ROW_COLUMN("inode", NULL, ROW_COUNT),
	[PATH] = ROW_COLUMN("path", NULL, ROW_GUEST),
};

static void maps_rows(const struct proc_values *v, size_t i, size_t record,
		      struct row_table *out)
{
	const struct maps *m = v->own;
	const struct map_entry *e = &m->v[i][record];

	proc_row_add(v, i, out);
	row_number(out, START, e->start);
	row_number(out, END, e->end);
	row_string(out, PERMS, e->perms);
	row_number(out, OFFSET, e->offset);
	row_number(out, MAJOR, e->major);
	row_number(out, MINOR, e->minor);
	row_number(out, INODE, e->ino);
	if (e->name)
		row_string(out, PATH, e->name);
}

/* Functions that make names, and how many lines lack the one they made. */
struct makers {
	VEC(uint64_t) v; /* in the order in which they come up */
	struct map lines;
};

static void makers_deinit(struct makers *m)
{
	vec_deinit(&m->v);
	map_deinit(&m->lines);
}

static int makers_count(struct makers *m, uint64_t maker)
{
	uint64_t lines = 0;

	if (!map_get(&m->lines, maker, &lines) && vec_push(&m->v, maker))
		return ERR_NOMEM;
	return map_put(&m->lines, maker, lines + 1);
}

static void maker_note(const struct profile *p, uint64_t maker, uint64_t lines,
		       struct buf *out)
{
	const char *name = "";
	uint64_t offset = 0;
	char where[160];

	snprintf(where, sizeof(where), "0x%" PRIx64, maker);
	if (profile_nearest(p, maker, &name, &offset) && !offset)
		snprintf(where, sizeof(where), "%s", name);
	buf_printf(out,
		   "%" PRIu64 " row%s without %s name: %s makes it, which qvmi "
		   "does not know",
		   lines, lines == 1 ? "" : "s", lines == 1 ? "its" : "their",
		   where);
	buf_add(out, "", 1);
}

/* Each function that is not known, once. */
void proc_maps_notes(const struct proc_values *v, const struct maps *m,
		     const struct profile *p, struct buf *out)
{
	_cleanup_(makers_deinit) struct makers makers = {0};
	uint64_t lines = 0;
	size_t i, line;

	for (i = 0; i < v->n; i++)
		for (line = 0; line < v->parts[i].records; line++)
			if (m->v[i][line].maker &&
			    makers_count(&makers, m->v[i][line].maker)) {
				out->oom = true;
				return;
			}
	for (i = 0; i < makers.v.n; i++) {
		map_get(&makers.lines, makers.v.v[i], &lines);
		maker_note(p, makers.v.v[i], lines, out);
	}
}

static void maps_notes(const struct proc_values *v, const struct profile *p,
		       struct buf *out)
{
	proc_maps_notes(v, v->own, p, out);
}

const struct proc_file proc_pid_maps = {
	.name = "maps",
	.scope = PROC_TASK,
	.read = maps_read,
	.text = maps_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = maps_rows,
	.notes = maps_notes,
	.deinit = maps_deinit,
};
