/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a tree was asked for lately, and is likely to be asked for next. */
#include <string.h>

#include "base/clock.h"
#include "mount/tree_inside.h"

/* What was not asked for in so long is not read with the rest any more: a
 * little longer than monitors wait between two looks. */
#define HABIT_US 10000000u

void mount_tree_drop_wants(struct mount_tree *t)
{
	uint64_t now = clock_now_us();
	size_t i, n = 0;

	for (i = 0; i < t->wants.n; i++)
		if (now - t->wants.v[i].used_us < HABIT_US)
			t->wants.v[n++] = t->wants.v[i];
	t->wants.n = n;
}

static struct moment_want *want_of(const struct mount_tree *t,
				   const struct proc_file *file)
{
	size_t i;

	for (i = 0; i < t->wants.n; i++)
		if (t->wants.v[i].file == file)
			return &t->wants.v[i];
	return NULL;
}

int mount_tree_want(struct mount_tree *t, const struct proc_file *file,
		    uint32_t pid, bool thread)
{
	struct moment_want want = {
		.file = file, .pid = pid, .used_us = clock_now_us()};
	struct moment_want *w;

	/* Who comes next will see another moment. */
	if (!t->refresh_us && !t->kernel)
		t->wants.n = 0;
	w = want_of(t, file);
	if (!w)
		return vec_push(&t->wants, want);
	w->used_us = want.used_us;
	if (t->narrow)
		*w = want;
	else if (w->reach == MOMENT_ONE ? w->pid != pid : thread)
		w->reach = thread || w->reach == MOMENT_THREADS
				   ? MOMENT_THREADS
				   : MOMENT_PROCESSES;
	return 0;
}

int mount_tree_expect(struct mount_tree *t, const char *text)
{
	const struct proc_file *file;
	struct proc_path path;
	const char *rest, *id;

	if (proc_path_parse(text, &path, NULL))
		return 0;
	file = mount_tree_file(&path, &rest);
	if (!file || file->kind == PROC_BYTES)
		return 0;
	id = path.tid && *path.tid ? path.tid : path.pid;
	return mount_tree_want(t, file, id ? proc_path_number(id) : 0,
			       id && strcmp(id, path.pid) != 0);
}

/* Want more of the files that are wanted of fewer tasks: *left of them. */
static void mount_tree_widen(struct mount_tree *t, enum moment_reach reach,
			     size_t *left)
{
	size_t i;

	for (i = 0; i < t->wants.n && *left; i++) {
		struct moment_want *w = &t->wants.v[i];

		if (!(w->file->scope & PROC_TASK) || w->reach >= reach)
			continue;
		w->reach = reach;
		(*left)--;
	}
}

/* Whether directories list it beside that one: of the system, or of tasks. */
static bool is_beside(const struct mount_tree *t, const struct proc_file *f,
		      const struct proc_file *file)
{
	return f->kind != PROC_BYTES &&
	       (f->scope == file->scope ||
		f->scope & file->scope & PROC_TASK) &&
	       mount_tree_is_there(t, f);
}

/* Whether the file that is listed before this one was asked for, too. */
static bool is_in_order(const struct mount_tree *t,
			const struct proc_file *file)
{
	const struct proc_file *const *f, *before = NULL;
	const struct moment_want *w;

	for (f = proc_files; *f && *f != file; f++)
		if (is_beside(t, *f, file))
			before = *f;
	w = before ? want_of(t, before) : NULL;
	return w && w->used_us;
}

/*
 * Want the files behind that one in the order in which directories list them,
 * as who goes through a directory will ask for them.  They are no habit until
 * somebody does.
 */
static int want_behind(struct mount_tree *t, const struct moment_want *like,
		       size_t left)
{
	const struct proc_file *const *f = proc_files;

	while (*f && *f != like->file)
		f++;
	for (; *f && left; f++) {
		struct moment_want want = *like;

		if (!is_beside(t, *f, like->file) || want_of(t, *f))
			continue;
		want.file = *f;
		want.used_us = 0;
		if (vec_push(&t->wants, want))
			return ERR_NOMEM;
		left--;
	}
	return 0;
}

int mount_tree_look_ahead(struct mount_tree *t, const struct proc_file *file,
			  size_t n)
{
	const struct moment_want *w = want_of(t, file);
	struct moment_want like;

	if (!w)
		return 0;
	like = *w;
	if (like.reach != MOMENT_ONE)
		mount_tree_widen(t, like.reach, &n);
	return is_in_order(t, file) ? want_behind(t, &like, n) : 0;
}
