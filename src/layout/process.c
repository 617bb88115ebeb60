/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a process's half of the addresses. */
#include "layout/process.h"

#include <stdlib.h>

#include "kernel/mm/mm.h"
#include "kernel/stack/x86_64_user_sp.h"

/* The other threads of the process. */
static void keep_threads(struct task_list *l, const struct task *t)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		if (l->v[i].tgid == t->tgid && l->v[i].pid != t->tgid)
			l->v[n++] = l->v[i];
	l->n = n;
}

static int process_segments(struct layout_process *p, struct err *err)
{
	const struct maps *maps = p->maps.own;
	struct layout_space space = {.areas = maps->v[0],
				     .n = p->maps.parts->records,
				     .mm = &p->mm,
				     .set = &p->set,
				     .threads = p->threads.v,
				     .sps = p->sps,
				     .n_threads = p->threads.n};
	struct x86_64_edges edges;

	if (layout_segments(&space, &p->segments, &edges))
		return err_nomem(err);
	x86_64_distances(&p->mm, &p->set, &edges, p->distance);
	return 0;
}

int layout_process_read(struct kernel *k, uint32_t pid,
			struct layout_process *p, struct err *err)
{
	struct mm mm;
	int rc = task_find(k, pid, &p->task, err);

	if (!rc)
		rc = mm_of_task(k, &p->task, &mm, err);
	if (!rc)
		rc = mm_layout_read(k, &p->task, &p->mm, err);
	if (!rc)
		rc = mm_settings_read(k, &p->set, err);
	if (!rc)
		rc = proc_read(&proc_pid_maps, k, &p->task, 1, &p->maps, err);
	if (!rc)
		rc = task_list_read(k, true, &p->threads, err);
	if (rc)
		return rc;
	keep_threads(&p->threads, &p->task);
	p->sps = calloc(p->threads.n + 1, sizeof(*p->sps));
	if (!p->sps)
		return err_nomem(err);
	rc = x86_64_user_sps(k, p->threads.v, p->threads.n, p->sps, err);
	return rc ? rc : process_segments(p, err);
}

void layout_process_deinit(struct layout_process *p)
{
	proc_values_deinit(&p->maps);
	task_list_deinit(&p->threads);
	free(p->sps);
	vec_deinit(&p->segments.list);
}
