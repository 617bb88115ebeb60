/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the threads of processes, where these have several. */
#include "kernel/task_threads.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/task_numbers.h"

/* Which of the tasks lead a process of several threads, by its number. */
static int find_leaders(struct kernel *k, const struct task *tasks, size_t n,
			struct map *leaders, bool *any, struct err *err)
{
	_cleanup_free_ struct task_numbers *numbers =
		calloc(n + 1, sizeof(*numbers));
	size_t i;
	int rc = numbers ? task_numbers_read(k, tasks, n, numbers, err)
			 : err_nomem(err);

	for (i = 0; i < n && !rc; i++) {
		if (tasks[i].pid != tasks[i].tgid ||
		    numbers[i].v[TASK_NR_THREADS] < 2)
			continue;
		*any = true;
		if (map_put(leaders, tasks[i].tgid, i))
			return err_nomem(err);
	}
	return rc;
}

static void task_threads_add(struct task_threads *t, const struct task *task,
			     size_t of)
{
	t->v[t->n] = *task;
	t->of[t->n++] = of;
}

int task_threads_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct task_threads *out, struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list all = {0};
	_cleanup_(map_deinit) struct map leaders = {0};
	bool any = false;
	uint64_t of;
	size_t i;
	int rc;

	*out = (struct task_threads){0};
	rc = find_leaders(k, tasks, n, &leaders, &any, err);
	if (!rc && any)
		rc = task_list_read(k, true, &all, err);
	if (rc)
		return rc;
	out->torn = all.torn;
	out->v = calloc(n + all.n + 1, sizeof(*out->v));
	out->of = calloc(n + all.n + 1, sizeof(*out->of));
	if (!out->v || !out->of)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		task_threads_add(out, &tasks[i], i);
	for (i = 0; i < all.n; i++)
		if (all.v[i].pid != all.v[i].tgid &&
		    map_get(&leaders, all.v[i].tgid, &of))
			task_threads_add(out, &all.v[i], of);
	return 0;
}

void task_threads_deinit(struct task_threads *t)
{
	free(t->v);
	free(t->of);
}
