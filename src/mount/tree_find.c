/* SPDX-License-Identifier: BSD-2-Clause */
/* What paths of a tree lead to, and their texts. */
#include <ctype.h>
#include <string.h>

#include "base/cleanup.h"
#include "mount/memory.h"
#include "mount/tree_inside.h"

/* What is in the name of each object: "socket:[7]". */
#define OBJECT_MARK ":["

bool mount_tree_is_object(const struct proc_file *f, const char *name)
{
	const char *mark = strstr(name, OBJECT_MARK);

	return f->kind == PROC_LINK_DIR && mark &&
	       isdigit((unsigned char)mark[strlen(OBJECT_MARK)]);
}

enum mount_tree_kind mount_tree_kind_of(const struct proc_file *f)
{
	switch (f->kind) {
	case PROC_TEXT:
		return TREE_TEXT;
	case PROC_BYTES:
		return TREE_BYTES;
	case PROC_LINK:
		return TREE_LINK;
	case PROC_TEXT_DIR:
	case PROC_LINK_DIR:
		return TREE_DIR;
	}
	return TREE_TEXT;
}

const char *mount_tree_behind(const char *path, const char *above)
{
	size_t n = strlen(above);

	if (!n)
		return path;
	if (strncmp(path, above, n) != 0)
		return NULL;
	return !path[n] ? path + n : path[n] == '/' ? path + n + 1 : NULL;
}

const struct proc_file *mount_tree_file(const struct proc_path *path,
					const char **rest)
{
	const struct proc_file *const *f;

	for (f = mount_files; *f && *path->name; f++) {
		if (!((*f)->scope & path->scope))
			continue;
		*rest = mount_tree_behind(path->name, (*f)->name);
		if (*rest && (!**rest || proc_is_dir(*f)))
			return *f;
	}
	return NULL;
}

bool mount_tree_is_there(const struct mount_tree *t, const struct proc_file *f)
{
	return t->has_moment ? moment_is_there(&t->moment, f)
			     : !f->needs && !f->by_module;
}

bool mount_tree_has(const struct mount_tree *t, const struct proc_path *path,
		    const struct proc_file *f)
{
	return f->scope & path->scope && mount_tree_is_there(t, f);
}

/* Whether files have names below this one: "net", for there is "net/tcp". */
static bool is_above_files(const struct mount_tree *t,
			   const struct proc_path *path)
{
	const struct proc_file *const *f;

	for (f = mount_files; *f; f++)
		if (mount_tree_has(t, path, *f) &&
		    mount_tree_behind((*f)->name, path->name))
			return true;
	return false;
}

/* Whether a name is that of an object, and this record leads there: who follows
 * the link asks for that. */
static bool leads_to_object(const struct mount_tree_place *p, size_t record)
{
	const struct proc_values *v = &p->reading->values;
	_cleanup_(buf_deinit) struct buf b = {0};

	if (!mount_tree_is_object(p->file, p->rest))
		return false;
	proc_text(v, p->part, record, &b);
	return b.len && !strcmp(b.data, p->rest);
}

/*
 * The record that an entry is, or a directory that entries are in.  They are
 * asked for in their order mostly: the one behind the last is looked at first.
 */
static int find_record(struct mount_tree *t, struct mount_tree_place *p,
		       struct err *err)
{
	const struct proc_values *v = &p->reading->values;
	bool same = t->near == p->reading && t->near_part == p->part;
	size_t i, n = v->parts[p->part].records;
	size_t from = same ? t->near_record : 0;
	_cleanup_(buf_deinit) struct buf b = {0};
	bool is_dir = false, object = false;

	p->kind = TREE_DIR;
	for (i = 0; i < n; i++) {
		const char *rest;

		buf_reset(&b);
		v->file->entry(v, p->part, (from + i) % n, &b);
		if (b.oom)
			return err_nomem(err);
		rest = mount_tree_behind(b.len ? b.data : "", p->rest);
		is_dir |= rest != NULL;
		object = object || leads_to_object(p, (from + i) % n);
		if (!rest || *rest || proc_is_empty_dir(&b))
			continue;
		p->record = (from + i) % n;
		p->kind = proc_is_link(v, p->part, p->record) ? TREE_LINK
							      : TREE_TEXT;
		t->near = p->reading;
		t->near_part = p->part;
		t->near_record = p->record + 1;
		return 0;
	}
	p->kind = object ? TREE_OBJECT : TREE_DIR;
	if (is_dir || object)
		return 0;
	if (v->parts[p->part].missing)
		return err_set(err, ERR_UNREADABLE,
			       "%.100s: whether it is there cannot be told",
			       p->path.whole);
	return err_set(err, ERR_NOT_FOUND, "%.100s: there is no such entry",
		       p->path.whole);
}

/* Whether it depends on the guest that there is such a file there. */
static bool is_some_kernels(const struct proc_path *path)
{
	const struct proc_file *const *f;

	for (f = mount_files; *f && *path->name; f++)
		if (((*f)->scope & path->scope) &&
		    ((*f)->needs || (*f)->by_module) &&
		    (mount_tree_behind((*f)->name, path->name) ||
		     mount_tree_behind(path->name, (*f)->name)))
			return true;
	return false;
}

/* A file, what lies in one that is a directory, or a directory of files. */
static int find_file(struct mount_tree *t, struct mount_tree_place *p,
		     struct err *err)
{
	int rc;

	p->file = mount_tree_file(&p->path, &p->rest);
	if (!p->file || !mount_tree_has(t, &p->path, p->file)) {
		p->file = NULL;
		p->rest = "";
		p->lasts = is_above_files(t, &p->path);
		if (p->lasts)
			return 0;
		p->lasts = !is_some_kernels(&p->path);
		return err_set(err, ERR_NOT_FOUND,
			       "%.100s: there is no such file", p->path.whole);
	}
	p->kind = mount_tree_kind_of(p->file);
	p->lasts = !*p->rest && !p->file->by_module;
	if (!*p->rest)
		return 0;
	rc = mount_tree_read(t, p, err);
	return rc ? rc : find_record(t, p, err);
}

/* As the guest's own /proc has it, no number begins with 0. */
static const struct task *task_named(const struct mount_tree *t,
				     const char *number)
{
	return *number == '0'
		       ? NULL
		       : moment_task(&t->moment, proc_path_number(number));
}

static int task_absent(const struct mount_tree *t, const char *number,
		       struct err *err)
{
	const struct task_list *l = &t->moment.tasks;
	struct err torn = {0};

	if (*number == '0')
		return err_set(err, ERR_NOT_FOUND, "there is no PID %s",
			       number);
	if (l->torn)
		err_set(&torn, ERR_UNREADABLE, "%s", l->why);
	return task_missing(proc_path_number(number), &torn, err);
}

/* The task that a path names. */
static int find_task(const struct mount_tree *t, struct mount_tree_place *p,
		     struct err *err)
{
	const struct proc_path *path = &p->path;
	const struct task *thread;

	p->task = task_named(t, path->pid);
	if (!p->task)
		return task_absent(t, path->pid, err);
	if (!path->tid || !*path->tid)
		return 0;
	thread = task_named(t, path->tid);
	if (!thread)
		return task_absent(t, path->tid, err);
	if (thread->tgid != p->task->tgid)
		return err_set(err, ERR_NOT_FOUND,
			       "process %s has no thread %s", path->pid,
			       path->tid);
	p->task = thread;
	return 0;
}

/* Who looks itself up is the guest's first process. */
static const char *own_link(const char *path)
{
	return !strcmp(path, "self")	      ? "1"
	       : !strcmp(path, "thread-self") ? "1/task/1"
					      : NULL;
}

int mount_tree_find(struct mount_tree *t, const char *path,
		    struct mount_tree_place *out, struct err *err)
{
	uint64_t most = mount_tree_lasts_us(t);
	int rc = 0;

	*out = (struct mount_tree_place){
		.kind = TREE_DIR, .target = own_link(path), .rest = ""};
	if (out->target) {
		out->kind = TREE_LINK;
		return 0;
	}
	if (proc_path_parse(path, &out->path, NULL))
		return err_set(err, ERR_NOT_FOUND,
			       "%.100s: there is no such file", path);
	if (most < TREE_LOOKUP_US)
		most = TREE_LOOKUP_US;
	if (out->path.pid || is_some_kernels(&out->path) ||
	    (!t->ram.n && !strcmp(out->path.whole, memory_phys.name)))
		rc = mount_tree_fresh(t, most, err);
	if (!rc && out->path.pid)
		rc = find_task(t, out, err);
	return rc || !*out->path.name ? rc : find_file(t, out, err);
}

/* All records, or the one of an entry. */
static void add_place_text(const struct mount_tree_place *p, struct buf *out)
{
	const struct proc_values *v = &p->reading->values;
	size_t record;

	if (*p->rest) {
		proc_text(v, p->part, p->record, out);
		return;
	}
	for (record = 0; record < v->parts[p->part].records; record++)
		proc_text(v, p->part, record, out);
}

static bool place_is_whole(const struct mount_tree_place *p)
{
	const struct proc_values *v = &p->reading->values;

	return *p->rest ? proc_record_is_whole(v, p->part, p->record)
			: !v->parts[p->part].why.len;
}

static int read_place_text(struct mount_tree *t, struct mount_tree_place *p,
			   struct buf *out, bool *whole, struct err *err)
{
	int rc = *p->rest ? 0 : mount_tree_read(t, p, err);

	if (rc)
		return rc;
	add_place_text(p, out);
	*whole = place_is_whole(p);
	if (out->oom)
		return err_nomem(err);
	if (p->kind == TREE_LINK && !out->len && *whole)
		return err_set(err, ERR_NOT_FOUND, "%.100s leads nowhere",
			       p->path.whole);
	return 0;
}

size_t mount_tree_text_length(const struct mount_tree *t,
			      const struct mount_tree_place *p)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	struct mount_tree_place there = *p;

	if (p->kind != TREE_TEXT)
		return 0;
	if (!*p->rest)
		there.reading =
			moment_find(&t->moment, p->file,
				    p->task ? p->task->pid : 0, &there.part);
	if (!there.reading || there.reading->failure.code ||
	    !place_is_whole(&there))
		return 0;
	add_place_text(&there, &b);
	return b.len;
}

int mount_tree_text(struct mount_tree *t, const char *path, struct buf *out,
		    bool *whole, struct err *err)
{
	struct mount_tree_place p;
	int rc;

	*whole = true;
	if (own_link(path)) {
		buf_puts(out, own_link(path));
		return out->oom ? err_nomem(err) : 0;
	}
	if (mount_tree_expect(t, path))
		return err_nomem(err);
	rc = mount_tree_fresh(t, mount_tree_lasts_us(t), err);
	if (!rc)
		rc = mount_tree_find(t, path, &p, err);
	if (rc)
		return rc;
	if (p.kind != TREE_TEXT && p.kind != TREE_LINK)
		return err_set(err, ERR_USAGE, "%.100s is no text", path);
	return read_place_text(t, &p, out, whole, err);
}
