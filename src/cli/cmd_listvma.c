/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi listvma: all VMAs of all processes, as mtest lists them. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/mm.h"
#include "kernel/task.h"
#include "kernel/vma.h"

struct state {
	struct task_list tasks; /* the first n have memory */
	size_t n;
	struct vma_list *vmas; /* n of them */
};

static int read_vmas(struct session *s, struct state *st, struct err *err)
{
	_cleanup_free_ uint64_t *addrs = calloc(st->n + 1, sizeof(*addrs));
	_cleanup_free_ struct mm *mms = calloc(st->n + 1, sizeof(*mms));
	size_t i;
	int rc;

	st->vmas = calloc(st->n + 1, sizeof(*st->vmas));
	if (!addrs || !mms || !st->vmas)
		return err_nomem(err);
	for (i = 0; i < st->n; i++)
		addrs[i] = st->tasks.v[i].mm;
	rc = mm_read(s->kernel, addrs, st->n, mms, err);
	if (!rc)
		rc = vma_lists_read(s->kernel, mms, st->n, st->vmas, err);
	return rc;
}

static int run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	size_t i;
	int rc = task_list_read(s->kernel, false, &st->tasks, err);

	if (rc)
		return rc;
	for (i = 0; i < st->tasks.n; i++)
		if (st->tasks.v[i].mm)
			st->tasks.v[st->n++] = st->tasks.v[i];
	return read_vmas(s, st, err);
}

enum {
	PID,
	COMM,
	START,
	END,
	PERM,
	N_COLUMNS
};

static const struct out_column columns[] = {
	[PID] = OUT_COLUMN("pid", NULL, OUT_COUNT),
	[COMM] = OUT_COLUMN("comm", NULL, OUT_GUEST),
	[START] = OUT_COLUMN("start", NULL, OUT_HEX),
	[END] = OUT_COLUMN("end", NULL, OUT_HEX),
	[PERM] = OUT_COLUMN("perm", NULL, OUT_WORDS),
};

static void show_vma(struct out *out, const struct task *task,
		     const struct vma *v)
{
	struct out_table *t = &out->rows;
	char perm[4] = {v->flags & VM_READ ? 'r' : '-',
			v->flags & VM_WRITE ? 'w' : '-',
			v->flags & VM_EXEC ? 'x' : '-', '\0'};

	if (!out->json) {
		out_text(out, "0x%" PRIx64 " 0x%" PRIx64 " %s\n", v->start,
			 v->end, perm);
		return;
	}
	out_row(t);
	out_number(t, PID, task->pid);
	out_string(t, COMM, task->comm);
	out_number(t, START, v->start);
	out_number(t, END, v->end);
	out_string(t, PERM, perm);
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

static int show(struct session *s, void *state, struct out *out,
		struct err *err)
{
	struct state *st = state;
	size_t i;

	(void)s;
	(void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	for (i = 0; i < st->n; i++)
		show_process(out, &st->tasks.v[i], &st->vmas[i]);
	if (st->tasks.torn)
		out_fail(out, ERR_UNREADABLE, "listvma: tasks are missing: %s",
			 st->tasks.why);
	return 0;
}

static void deinit(void *state)
{
	struct state *st = state;

	if (st->vmas)
		vma_lists_deinit(st->vmas, st->n);
	free(st->vmas);
	task_list_deinit(&st->tasks);
}

const struct cmd cmd_listvma = {
	.name = "listvma",
	.summary = "List the VMAs of all processes (start, end, permissions)",
	.doc = "The form is that of the mtest kernel module.",
	.needs = NEEDS_KERNEL,
	.state_size = sizeof(struct state),
	.run = run,
	.show = show,
	.deinit = deinit,
};
