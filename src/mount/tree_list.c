/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in the directories of a tree. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "mount/memory.h"
#include "mount/tree_inside.h"

void mount_tree_names_deinit(struct mount_tree_names *n)
{
	size_t i;

	for (i = 0; i < n->v.n; i++)
		free(n->v.v[i].name);
	vec_deinit(&n->v);
}

/* What would lead out of its directory, or spoil all of it for the kernel, is
 * no name: it comes from the guest's memory. */
static bool names_fit(const char *path, size_t n)
{
	return n && n <= NAME_MAX && !(n == 1 && path[0] == '.') &&
	       !(n == 2 && path[0] == '.' && path[1] == '.');
}

/* The first part of a path, if it is one; once where several have it in a row.
 */
static int names_add(struct mount_tree_names *out, const char *path,
		     enum mount_tree_kind kind)
{
	size_t n = path ? strcspn(path, "/") : 0;
	struct mount_tree_name entry = {.kind = kind};
	const char *last = out->v.n ? out->v.v[out->v.n - 1].name : "";

	if (!names_fit(path, n) || (!strncmp(last, path, n) && !last[n]))
		return 0;
	if (path[n])
		entry.kind = TREE_DIR;
	entry.name = strndup(path, n);
	if (entry.name && !vec_push(&out->v, entry))
		return 0;
	free(entry.name);
	return ERR_NOMEM;
}

/* Files of that scope, below a name. */
static int names_add_files(const struct mount_tree *t,
			   const struct proc_path *path,
			   struct mount_tree_names *out)
{
	const struct proc_file *const *f;
	int rc = 0;

	for (f = mount_files; *f && !rc; f++)
		if (mount_tree_has(t, path, *f))
			rc = names_add(
				out, mount_tree_behind((*f)->name, path->name),
				mount_tree_kind_of(*f));
	return rc;
}

/* The tasks that are directories there: all processes, or threads of one. */
static int names_add_tasks(const struct mount_tree *t,
			   const struct task *process,
			   struct mount_tree_names *out)
{
	char number[16];
	size_t i;
	int rc = 0;

	for (i = 0; i < t->moment.tasks.n && !rc; i++) {
		const struct task *task = &t->moment.tasks.v[i];

		if (process ? task->tgid != process->tgid
			    : task->pid != task->tgid)
			continue;
		snprintf(number, sizeof(number), "%u", task->pid);
		rc = names_add(out, number, TREE_DIR);
	}
	return rc;
}

/* What a file that is a directory has, below a name in it. */
static int names_add_records(const struct mount_tree_place *dir,
			     struct mount_tree_names *out)
{
	const struct proc_values *v = &dir->reading->values;
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i;
	int rc = 0;

	for (i = 0; i < v->parts[dir->part].records && !rc; i++) {
		buf_reset(&b);
		v->file->entry(v, dir->part, i, &b);
		if (b.oom)
			return ERR_NOMEM;
		rc = names_add(
			out, mount_tree_behind(b.len ? b.data : "", dir->rest),
			proc_is_link(v, dir->part, i) ? TREE_LINK : TREE_TEXT);
	}
	return rc;
}

/* /proc itself: processes, links of our own, files. */
static int names_add_root(const struct mount_tree *t,
			  const struct mount_tree_place *dir,
			  struct mount_tree_names *out)
{
	int rc = names_add_tasks(t, NULL, out);

	if (!rc)
		rc = names_add(out, "self", TREE_LINK);
	if (!rc)
		rc = names_add(out, "thread-self", TREE_LINK);
	return rc ? rc : names_add_files(t, &dir->path, out);
}

static int names_add_all(const struct mount_tree *t,
			 const struct mount_tree_place *dir,
			 struct mount_tree_names *out)
{
	const struct proc_path *path = &dir->path;
	int rc = 0;

	if (dir->file)
		return names_add_records(dir, out);
	if (*path->name)
		return names_add_files(t, path, out);
	if (path->scope == PROC_SYSTEM)
		return names_add_root(t, dir, out);
	if (path->tid && !*path->tid)
		return names_add_tasks(t, dir->task, out);
	if (path->scope == PROC_PROCESS)
		rc = names_add(out, "task", TREE_DIR);
	return rc ? rc : names_add_files(t, path, out);
}

/* Whether there is nothing that could be missing in it. */
static bool has_all(const struct mount_tree *t,
		    const struct mount_tree_place *dir)
{
	if (dir->file)
		return !dir->reading->values.parts[dir->part].missing;
	if (*dir->path.name)
		return true;
	return !t->moment.tasks.torn || (dir->path.scope != PROC_SYSTEM &&
					 !(dir->path.tid && !*dir->path.tid));
}

int mount_tree_list(struct mount_tree *t, const char *path,
		    struct mount_tree_names *out, bool *whole, struct err *err)
{
	struct mount_tree_place p;
	int rc;

	*out = (struct mount_tree_names){0};
	if (mount_tree_expect(t, path))
		return err_nomem(err);
	rc = mount_tree_fresh(t, mount_tree_lasts_us(t), err);
	if (!rc)
		rc = mount_tree_find(t, path, &p, err);
	if (!rc && p.kind != TREE_DIR)
		rc = err_set(err, ERR_USAGE, "%.100s is no directory", path);
	if (!rc && p.file && !*p.rest)
		rc = mount_tree_read(t, &p, err);
	if (rc)
		return rc;
	*whole = has_all(t, &p);
	return names_add_all(t, &p, out) ? err_nomem(err) : 0;
}
