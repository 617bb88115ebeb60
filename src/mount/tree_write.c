/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of memory of a tree that are written. */
#include <string.h>

#include "mount/memory.h"
#include "mount/tree_inside.h"

bool mount_tree_is_written(const struct mount_tree *t,
			   const struct proc_file *f)
{
	return t->guest->write && f && f->memory;
}

/* What is wrong with the bytes is not so with the guest. */
struct write_work {
	const struct mount_tree_write *w;
	struct err why;
};

/* The memory that was opened, not that of another program or process. */
static int write_check(struct kernel *k, const struct mount_tree_bytes *of,
		       struct err *err)
{
	struct err torn = {0};
	struct task task = {0};
	int rc;

	if (!of->pid)
		return 0;
	rc = tasks_find(k, &of->pid, 1, &task, &torn, err);
	if (rc)
		return rc;
	if (!task.addr)
		return task_missing(of->pid, &torn, err);
	if (task.mm != of->mm || !task.mm)
		return err_set(err, ERR_NOT_FOUND,
			       "pid %u does not have that memory any more",
			       of->pid);
	return 0;
}

static int write_work(struct mount_tree *t, struct kernel *k, void *ctx,
		      struct err *err)
{
	struct write_work *work = ctx;
	int rc = write_check(k, work->w->of, &work->why);

	if (!rc)
		rc = t->guest->write(t->guest->ctx, work->w, &work->why);
	work->why.code = rc;
	return proc_is_own_error(rc) ? 0 : err_pass(err, &work->why);
}

int mount_tree_write_bytes(struct mount_tree *t,
			   const struct mount_tree_write *w, struct err *err)
{
	struct write_work work = {.w = w};
	int rc = mount_tree_work(t, write_work, &work, err);

	/* Also where it failed: some of it may have been there for a while. */
	windows_forget(&t->windows);
	if (rc || !work.why.code)
		return rc;
	err_wrap(&work.why, work.why.code, "%s", w->of->file->name);
	t->guest->complain(t->guest->ctx, &work.why);
	return err_pass(err, &work.why);
}
