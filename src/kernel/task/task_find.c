/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds tasks by their numbers, all that are asked for at once. */
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/idr.h"
#include "kernel/task/task.h"

static int task_find_by_number(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

/* Those that can be, ascending; the caller frees *v. */
static int sort_pids(const uint32_t *pids, size_t n, uint32_t **v, size_t *some)
{
	size_t i;

	*some = 0;
	*v = calloc(n + 1, sizeof(**v));
	if (!*v)
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		if (pids[i] && pids[i] <= PID_MAX_LIMIT)
			(*v)[(*some)++] = pids[i];
	qsort(*v, *some, sizeof(**v), task_find_by_number);
	return 0;
}

static int task_find_by_pid(const void *a, const void *b)
{
	const struct task *x = a, *y = b;

	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

int tasks_find(struct kernel *k, const uint32_t *pids, size_t n,
	       struct task *out, struct err *torn, struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list l = {0};
	_cleanup_free_ uint32_t *sorted = NULL;
	size_t some = 0;
	size_t i;
	int rc;

	memset(out, 0, n * sizeof(*out));
	*torn = (struct err){0};
	if (sort_pids(pids, n, &sorted, &some))
		return err_nomem(err);
	rc = task_list_find(k, sorted, some, &l, err);
	if (rc)
		return rc;
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), task_find_by_pid);
	for (i = 0; i < n && l.n; i++) {
		const struct task key = {.pid = pids[i]}, *t;

		t = bsearch(&key, l.v, l.n, sizeof(*l.v), task_find_by_pid);
		if (t)
			out[i] = *t;
	}
	if (l.torn)
		err_set(torn, ERR_UNREADABLE, "%s", l.why);
	return 0;
}

int task_missing(uint32_t pid, const struct err *torn, struct err *err)
{
	if (torn->code)
		return err_set(err, ERR_UNREADABLE,
			       "whether there is a process with pid %u cannot "
			       "be told: %.200s",
			       pid, torn->text);
	return err_helps(
		err, err_set(err, ERR_NOT_FOUND, "no process with pid %u", pid),
		REMEDY_PROCESSES, 0);
}

int task_find(struct kernel *k, uint32_t pid, struct task *out, struct err *err)
{
	struct err torn;
	int rc = tasks_find(k, &pid, 1, out, &torn, err);

	if (!rc && !out->addr)
		rc = task_missing(pid, &torn, err);
	return rc;
}
