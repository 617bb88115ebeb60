/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The process list, with what `qvmi ps` shows: plain lines, for the table that
 * qvmi makes of them is the command line's.
 */
#include "bench.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "kernel/mm/rss.h"

struct process_list {
	struct task_list tasks;
	struct rss *rss; /* one per task */
};

static int process_list_look(struct guest *g, void *state, struct err *err)
{
	struct process_list *l = state;
	int rc = task_list_read(g->kernel, false, &l->tasks, err);

	if (rc)
		return rc;
	l->rss = calloc(l->tasks.n + 1, sizeof(*l->rss));
	if (!l->rss)
		return err_nomem(err);
	return rss_of_tasks(g->kernel, l->tasks.v, l->tasks.n, l->rss, err);
}

static void process_list_add(struct buf *out, const struct task *t,
			     const struct rss *rss)
{
	bool kthread = task_is_kthread(t);

	buf_printf(out, "%u %u %u %c ", t->tgid, t->ppid, t->euid, t->state);
	if (rss->known)
		buf_printf(out, "%" PRIu64 " ",
			   rss_total(rss) * PAGE_SIZE_4K / 1024);
	else
		buf_puts(out, "- ");
	buf_puts(out, kthread ? "[" : "");
	escape_add(out, ESCAPE_TEXT, t->comm, strlen(t->comm));
	buf_puts(out, kthread ? "]\n" : "\n");
}

static int process_list_tell(void *state, struct buf *out, struct err *err)
{
	struct process_list *l = state;
	size_t i;

	if (l->tasks.torn)
		return err_set(err, ERR_UNREADABLE, "tasks are missing: %s",
			       l->tasks.why);
	for (i = 0; i < l->tasks.n; i++)
		process_list_add(out, &l->tasks.v[i], &l->rss[i]);
	return 0;
}

static void process_list_deinit(void *state)
{
	struct process_list *l = state;

	free(l->rss);
	task_list_deinit(&l->tasks);
}

const struct operation bench_ps = {
	.name = "ps",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct process_list),
	.look = process_list_look,
	.tell = process_list_tell,
	.deinit = process_list_deinit,
};
