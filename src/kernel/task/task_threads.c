/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the threads of processes, where these have several. */
#include "kernel/task/task_threads.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/task/task_numbers.h"

/* Those that were asked for, by their process: the last, then one by one. */
struct asked {
	struct map last; /* by tgid: its index + 1 */
	size_t *before;	 /* of each: index + 1 of one of the same process */
	bool several;	 /* a process has more than one thread */
};

static void asked_deinit(struct asked *a)
{
	map_deinit(&a->last);
	free(a->before);
}

static int asked_read(struct kernel *k, const struct task *tasks, size_t n,
		      struct asked *a, struct err *err)
{
	_cleanup_free_ struct task_numbers *numbers =
		calloc(n + 1, sizeof(*numbers));
	uint64_t last;
	size_t i;
	int rc;

	a->before = calloc(n + 1, sizeof(*a->before));
	if (!numbers || !a->before)
		return err_nomem(err);
	rc = task_numbers_read(k, tasks, n, numbers, err);
	for (i = 0; i < n && !rc; i++) {
		if (numbers[i].v[TASK_NR_THREADS] < 2)
			continue;
		a->several = true;
		if (map_get(&a->last, tasks[i].tgid, &last))
			a->before[i] = (size_t)last;
		if (map_put(&a->last, tasks[i].tgid, i + 1))
			return err_nomem(err);
	}
	return rc;
}

/*
 * A thread, for each task that was asked for of the same process: that is one,
 * but a damaged list may have a process many times, each with all threads.
 */
static int task_threads_add(struct task_threads *t, const struct asked *a,
			    size_t n, const struct task *thread)
{
	uint64_t i;

	if (!map_get(&a->last, thread->tgid, &i))
		return 0;
	for (; i; i = a->before[i - 1]) {
		if (t->v.v[i - 1].pid == thread->pid)
			continue;
		if (t->v.n - n >= TASK_THREADS_MAX_ALL) {
			t->torn = true;
			return 0;
		}
		if (vec_push(&t->v, *thread) || vec_push(&t->of, i - 1))
			return ERR_NOMEM;
	}
	return 0;
}

int task_threads_read(struct kernel *k, const struct task *tasks, size_t n,
		      bool groups, struct task_threads *out, struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list all = {0};
	_cleanup_(asked_deinit) struct asked asked = {0};
	size_t i;
	int rc = 0;

	*out = (struct task_threads){0};
	for (i = 0; i < n; i++)
		if (vec_push(&out->v, tasks[i]) || vec_push(&out->of, i))
			return err_nomem(err);
	if (groups)
		rc = asked_read(k, tasks, n, &asked, err);
	if (!rc && asked.several)
		rc = task_list_read(k, true, &all, err);
	for (i = 0; i < all.n && !rc; i++)
		if (task_threads_add(out, &asked, n, &all.v[i]))
			rc = err_nomem(err);
	out->torn |= all.torn;
	return rc;
}

void task_threads_deinit(struct task_threads *t)
{
	vec_deinit(&t->v);
	vec_deinit(&t->of);
}
