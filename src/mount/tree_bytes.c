/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of a tree that are read at offsets: in a pause each time. */
#include "mount/tree_inside.h"

enum mount_tree_kind mount_tree_kind_named(const char *path)
{
	const struct proc_file *file;
	struct proc_path parsed;
	const char *rest;

	if (proc_path_parse(path, &parsed, NULL))
		return TREE_TEXT;
	file = mount_tree_file(&parsed, &rest);
	if (file && file->kind == PROC_BYTES)
		return TREE_BYTES;
	return file && mount_tree_is_object(file, rest) ? TREE_OBJECT
							: TREE_TEXT;
}

struct bytes_work {
	const struct mount_tree_bytes *of;
	const struct proc_bytes *bytes;
	size_t got;
	struct err failure; /* of these bytes; code 0 */
};

/*
 * Of a process what is open is the memory that it had then, and is at its end
 * where that is gone: fs/proc/task_mmu.c, pagemap_read().
 */
static int bytes_read(struct kernel *k, struct bytes_work *w, struct err *err)
{
	struct err torn = {0};
	struct task task;
	int rc;

	w->got = 0;
	if (!w->of->pid)
		return w->of->file->bytes(k, NULL, w->bytes, &w->got, err);
	rc = tasks_find(k, &w->of->pid, 1, &task, &torn, err);
	if (rc)
		return rc;
	if (!task.addr && torn.code)
		return err_pass(err, &torn);
	if (!task.addr || task.mm != w->of->mm)
		return 0;
	rc = w->of->file->bytes(k, &task, w->bytes, &w->got, err);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* What is wrong with the bytes is not so with the guest. */
static int bytes_work(struct mount_tree *t, struct kernel *k, void *ctx,
		      struct err *err)
{
	struct bytes_work *w = ctx;

	(void)t, (void)err;
	w->failure.code = bytes_read(k, w, &w->failure);
	return 0;
}

int mount_tree_read_bytes(struct mount_tree *t,
			  const struct mount_tree_bytes *of,
			  const struct proc_bytes *b, size_t *got,
			  struct err *err)
{
	struct bytes_work w = {.of = of, .bytes = b};
	int rc = t->kernel ? bytes_work(t, t->kernel, &w, err)
			   : mount_tree_pause(t, bytes_work, &w, err);

	if (rc)
		return rc;
	if (!w.failure.code) {
		*got = w.got;
		return 0;
	}
	err_wrap(&w.failure, w.failure.code, "%s", of->file->name);
	if (w.failure.code != ERR_USAGE)
		mount_tree_lacks(t, of->file, &w.failure);
	return err_pass(err, &w.failure);
}
