/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi listvma: all VMAs of all processes, as mtest lists them. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm/mm.h"
#include "kernel/task/task.h"
#include "kernel/mm/vma.h"

struct state {
	struct task_list tasks; /* that have memory */
	struct vma_list *vmas;	/* of each */
};

static int listvma_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	_cleanup_free_ struct mm *mms = NULL;
	size_t n;
	int rc = task_list_read(s->guest.kernel, false, &st->tasks, err);

	if (rc)
		return rc;
	task_list_keep_memory(&st->tasks);
	n = st->tasks.n;
	mms = calloc(n + 1, sizeof(*mms));
	st->vmas = calloc(n + 1, sizeof(*st->vmas));
	if (!mms || !st->vmas)
		return err_nomem(err);
	rc = mm_of_tasks(s->guest.kernel, st->tasks.v, n, mms, err);
	if (!rc)
		rc = vma_lists_read(s->guest.kernel, mms, n, st->vmas, err);
	return rc;
}

enum {
	PID,
	COMM,
	START,
	END,
	PERM,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[PID] = ROW_COLUMN("pid", NULL, ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", NULL, ROW_GUEST),
	[START] = ROW_COLUMN("start", NULL, ROW_HEX),
	[END] = ROW_COLUMN("end", NULL, ROW_HEX),
	[PERM] = ROW_COLUMN("perm", NULL, ROW_WORDS),
};

static void show_vma(struct out *out, const struct task *task,
		     const struct vma *v)
{
	struct row_table *t = &out->rows.top;
	char perm[4] = {v->flags & VM_READ ? 'r' : '-',
			v->flags & VM_WRITE ? 'w' : '-',
			v->flags & VM_EXEC ? 'x' : '-', '\0'};

	if (!out->json) {
		out_text(out, "0x%" PRIx64 " 0x%" PRIx64 " %s\n", v->start,
			 v->end, perm);
		return;
	}
	row_add(t);
	row_number(t, PID, task->pid);
	row_string(t, COMM, task->comm);
	row_number(t, START, v->start);
	row_number(t, END, v->end);
	row_string(t, PERM, perm);
}

static void show_process(struct out *out, const struct task *task,
			 const struct vma_list *vmas)
{
	size_t i;

	out_text(out, "Process = ");
	out_guest(out, task->comm, strlen(task->comm));
	out_text(out, ", PID = %u\n", task->pid);
	for (i = 0; i < vmas->n; i++)
		show_vma(out, task, &vmas->v[i]);
	if (vmas->torn)
		out_fail(out, ERR_UNREADABLE,
			 "listvma: the VMAs of pid %u are not whole: %s",
			 task->pid, vmas->why);
}

static int listvma_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	struct state *st = state;
	size_t i;

	(void)s;
	(void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->tasks.n; i++)
		show_process(out, &st->tasks.v[i], &st->vmas[i]);
	if (st->tasks.torn)
		out_fail(out, ERR_UNREADABLE, "listvma: tasks are missing: %s",
			 st->tasks.why);
	return 0;
}

static void listvma_deinit(void *state)
{
	struct state *st = state;

	if (st->vmas)
		vma_lists_deinit(st->vmas, st->tasks.n);
	free(st->vmas);
	task_list_deinit(&st->tasks);
}

const struct cmd cmd_listvma = {
	.name = "listvma",
	.topic = TOPIC_MODULES,
	.summary = "List the VMAs of all processes (start, end, permissions)",
	.doc = "The form is that of the mtest kernel module.",
	.needs = NEEDS_KERNEL,
	.repeats = true,
	.state_size = sizeof(struct state),
	.run = listvma_run,
	.show = listvma_show,
	.deinit = listvma_deinit,
};
