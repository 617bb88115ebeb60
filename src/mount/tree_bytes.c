/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of a tree that are read at offsets: in a pause each time. */
#include "base/clock.h"
#include "mount/memory.h"
#include "mount/tree_inside.h"

/* The file that a path is of, and whether it is of an object in that; NULL:
 * there is none. */
static const struct proc_file *file_named(const char *path, bool *object)
{
	const struct proc_file *file;
	struct proc_path parsed;
	const char *rest;

	if (proc_path_parse(path, &parsed, NULL))
		return NULL;
	file = mount_tree_file(&parsed, &rest);
	*object = file && mount_tree_is_object(file, rest);
	return file;
}

enum mount_tree_kind mount_tree_kind_named(const char *path)
{
	bool object = false;
	const struct proc_file *file = file_named(path, &object);

	if (file && file->kind == PROC_BYTES)
		return TREE_BYTES;
	return object ? TREE_OBJECT : TREE_TEXT;
}

bool mount_tree_by_records(const char *path)
{
	bool object;
	const struct proc_file *file = file_named(path, &object);

	return file && file->by_records;
}

struct bytes_work {
	const struct mount_tree_bytes *of;
	struct proc_bytes *bytes;
};

/*
 * Of a process what is open is the memory that it had then, and is at its end
 * where that is gone: fs/proc/task_mmu.c, pagemap_read(); fs/proc/base.c,
 * mem_rw().
 */
static int bytes_read(struct kernel *k, const struct mount_tree_bytes *of,
		      struct proc_bytes *b, struct err *err)
{
	struct err torn = {0};
	struct task task = {0};
	int rc;

	b->got = 0;
	b->why = (struct err){0};
	if (!of->pid)
		return of->file->bytes(k, b, 1, err);
	rc = tasks_find(k, &of->pid, 1, &task, &torn, &b->why);
	if (rc)
		return proc_bytes_settle(b, rc, err);
	if (!task.addr)
		b->why = torn;
	if (!task.addr || task.mm != of->mm)
		return 0;
	b->task = &task;
	rc = of->file->bytes(k, b, 1, err);
	b->task = NULL;
	if (b->why.code == ERR_NOT_FOUND)
		b->why.code = 0;
	return rc;
}

/* What is wrong with the bytes is not so with the guest. */
static int bytes_work(struct mount_tree *t, struct kernel *k, void *ctx,
		      struct err *err)
{
	struct bytes_work *w = ctx;

	(void)t;
	return bytes_read(k, w->of, w->bytes, err);
}

/* In a pause, or while the guest is held; what is wrong with them alone is in
 * their `why`. */
static int bytes_pause(struct mount_tree *t, const struct mount_tree_bytes *of,
		       struct proc_bytes *b, struct err *err)
{
	struct bytes_work w = {.of = of, .bytes = b};

	return mount_tree_work(t, bytes_work, &w, err);
}

static int bytes_say(struct mount_tree *t, const struct proc_file *file,
		     const struct err *why, struct err *err)
{
	struct err words = *why;

	err_wrap(&words, words.code, "%s", file->name);
	if (words.code != ERR_USAGE)
		mount_tree_lacks(t, file, &words);
	return err_pass(err, &words);
}

static int window_fill(struct mount_tree *t, struct window *w, struct err *err)
{
	struct proc_bytes b = {.offset = w->at,
			       .dst = w->bytes,
			       .len = w->asked,
			       .pages = w->there};
	int rc = bytes_pause(t, &w->of, &b, err);

	if (rc)
		return rc;
	if (b.why.code)
		return bytes_say(t, w->of.file, &b.why, err);
	w->len = b.got;
	w->taken_us = clock_now_us();
	return 0;
}

/* What there is of memory; with a refresh time of 0 each read has its own. */
static int memory_read(struct mount_tree *t, const struct mount_tree_bytes *of,
		       struct proc_bytes *b, struct err *err)
{
	uint64_t lasts = mount_tree_lasts_us(t), now = clock_now_us();
	uint64_t since = t->kernel ? 0 : now > lasts ? now - lasts : 0;
	bool ahead = t->kernel || lasts;
	const struct window *found =
		ahead ? windows_find(&t->windows, of, b, since) : NULL;
	struct window *w;
	int rc;

	if (found)
		return window_copy(found, b, err);
	w = windows_take(&t->windows, of, b, ahead && !t->narrow);
	if (!w)
		return err_nomem(err);
	rc = window_fill(t, w, err);
	return rc ? rc : window_copy(w, b, err);
}

int mount_tree_read_bytes(struct mount_tree *t,
			  const struct mount_tree_bytes *of,
			  struct proc_bytes *b, struct err *err)
{
	int rc;

	b->got = 0;
	if (of->file->memory)
		return memory_read(t, of, b, err);
	rc = bytes_pause(t, of, b, err);
	if (rc || !b->why.code)
		return rc;
	return bytes_say(t, of->file, &b->why, err);
}

uint64_t mount_tree_size(const struct mount_tree *t, const struct proc_file *f,
			 uint64_t *there)
{
	size_t i;

	*there = 0;
	if (f != &memory_phys)
		return 0;
	for (i = 0; i < t->ram.n; i++)
		*there += t->ram.v[i].size;
	return ram_end(t->ram.v, t->ram.n);
}

int mount_tree_seek(const struct mount_tree *t, const struct proc_file *f,
		    bool hole, uint64_t *at, struct err *err)
{
	uint64_t there, size = mount_tree_size(t, f, &there), from = *at;
	size_t i;

	if (f != &memory_phys)
		return err_set(err, ERR_USAGE, "it has no holes to seek");
	if (from >= size)
		return err_set(err, ERR_NOT_FOUND, "it ends before");
	for (i = 0; i < t->ram.n; i++) {
		const struct ram_range *r = &t->ram.v[i];

		if (from < r->start && hole)
			break;
		if (from < r->start)
			from = r->start;
		if (from - r->start >= r->size)
			continue;
		if (!hole)
			break;
		from = r->start + r->size;
	}
	*at = from;
	return 0;
}
