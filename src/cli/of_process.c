/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc of one process, or of all: what such commands share. */
#include "cli/of_process.h"

#include <string.h>

#include "base/cleanup.h"
#include "cli/proc_show.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "kernel/mm/mm.h"

const struct argp_option of_process_options[] = {
	{"all", 'a', NULL, 0, "All processes", 0}, {0}};

int of_process_option(void *state, int key, const char *arg, struct err *err)
{
	struct of_process *p = state;

	(void)arg, (void)err;
	if (key != 'a')
		return ARGP_ERR_UNKNOWN;
	p->all = true;
	return 0;
}

int of_process_operands(const struct cmd *c, struct of_process *p, char **argv,
			int n, struct err *err)
{
	if (p->all && n)
		return err_set(err, ERR_USAGE, "--all takes no PID");
	if (!p->all && !n)
		return cmd_missing(c, err);
	return p->all ? 0
		      : number_parse(argv[0], "PID", ADDR_MAX_PID, &p->pid,
				     err);
}

static int choose_all(struct kernel *k, bool memory, struct of_process *p,
		      struct err *err)
{
	int rc = task_list_read(k, false, &p->list, err);

	if (memory)
		task_list_keep_memory(&p->list);
	p->tasks = p->list.v;
	p->n = p->list.n;
	return rc;
}

static int choose_one(struct kernel *k, bool memory, struct of_process *p,
		      struct err *err)
{
	struct mm mm;
	int rc = task_find(k, (uint32_t)p->pid, &p->task, err);

	if (!rc && memory)
		rc = mm_of_task(k, &p->task, &mm, err);
	if (rc)
		return rc;
	p->tasks = &p->task;
	p->n = 1;
	return 0;
}

int of_process_read(const struct proc_file *f, bool memory, struct session *s,
		    struct of_process *p, struct err *err)
{
	struct kernel *k = s->guest.kernel;
	int rc = p->all ? choose_all(k, memory, p, err)
			: choose_one(k, memory, p, err);

	return rc ? rc : proc_read(f, k, p->tasks, p->n, &p->values, err);
}

void of_process_fault(const struct of_process *p, size_t i, const char *what,
		      struct out *out)
{
	const struct proc_part *part = &p->values.parts[i];

	if (part->why.len)
		out_fail(out, ERR_UNREADABLE, "%s of pid %u are not whole: %s",
			 what, p->tasks[i].pid, part->why.data);
}

void of_process_torn(const struct of_process *p, const char *what,
		     struct out *out)
{
	if (p->list.torn)
		out_fail(out, ERR_UNREADABLE, "%s: tasks are missing: %s", what,
			 p->list.why);
}

void of_process_notes(const struct session *s, const struct of_process *p,
		      const char *what, struct out *out)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t at;

	if (!p->values.file->notes)
		return;
	p->values.file->notes(&p->values, s->guest.kernel->profile, &b);
	out->oom |= b.oom;
	for (at = 0; at < b.len; at += strlen(b.data + at) + 1)
		out_note(out, "%s: %s", what, b.data + at);
}

int of_process_show(const struct session *s, const struct of_process *p,
		    const char *what, struct out *out)
{
	size_t i;

	out_begin(out, OUT_TABLE, p->values.file->columns,
		  p->values.file->n_columns);
	for (i = 0; i < p->n; i++) {
		proc_show_rows(out, &p->values, i);
		of_process_fault(p, i, what, out);
	}
	of_process_notes(s, p, what, out);
	of_process_torn(p, what, out);
	return 0;
}

void of_process_deinit(void *state)
{
	struct of_process *p = state;

	proc_values_deinit(&p->values);
	task_list_deinit(&p->list);
}
