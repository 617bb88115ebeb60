/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the full names of kernel threads and workers, in three batches. */
#include "kernel/task/kthread.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_KTHREAD_DATA = WANTS_OF(READER_KTHREAD),
	FIELD_KTHREAD_FULL_NAME,
	FIELD_WORKER_DESC,
	FIELD_WORKER_CURRENT_WORK,
	FIELD_WORKER_POOL,
	FIELD_WORKER_RESCUE_WQ,
	FIELD_WORKQUEUE_NAME
};

static const struct want want_table[] = {
	FIELD(KTHREAD_DATA, "kthread", OPTIONAL, "data"),
	FIELD(KTHREAD_FULL_NAME, "kthread", OPTIONAL, "full_name"), /* 5.17 */
	FIELD(WORKER_DESC, "worker", OPTIONAL, "desc"),
	FIELD(WORKER_CURRENT_WORK, "worker", OPTIONAL, "current_work"),
	FIELD(WORKER_POOL, "worker", OPTIONAL, "pool"),
	FIELD(WORKER_RESCUE_WQ, "worker", OPTIONAL, "rescue_wq"),
	FIELD(WORKQUEUE_NAME, "workqueue_struct", OPTIONAL, "name"),
};

const struct wants kthread_wants = {
	.reader = "names of kernel threads",
	.v = want_table,
	.n = WANTS_N(want_table),
};

bool task_is_kthread(const struct task *t)
{
	return t->flags & PF_KTHREAD;
}

/* Replace a name, or append to it behind a mark, cut as the kernel cuts it. */
static void set_name(struct task *t, const char *mark, const char *text,
		     size_t len)
{
	size_t at = *mark ? strlen(t->comm) : 0;
	size_t room = sizeof(t->comm) - 1 - at;

	if (*mark && room) {
		t->comm[at++] = *mark;
		room--;
	}
	len = strnlen(text, len < room ? len : room);
	memcpy(t->comm + at, text, len);
	t->comm[at + len] = '\0';
}

/*
 * Rescuers show the whole name of their workqueue in place of what fits into
 * comm (6.9; docs/facts/kernel.md, "Tasks"); before, their comm is that name.
 */
static const char rescuer[] = "kworker/R-";

static int rescuer_names(struct kernel *k, struct task *const *tasks,
			 const struct records *workers, struct err *err)
{
	static const uint32_t fields[] = {FIELD_WORKQUEUE_NAME};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *wqs = calloc(workers->n + 1, sizeof(*wqs));
	size_t i;
	int rc;

	if (!wqs)
		return err_nomem(err);
	for (i = 0; i < workers->n; i++)
		wqs[i] = records_u64(workers, i, FIELD_WORKER_RESCUE_WQ);
	rc = records_read(k, wqs, workers->n, fields, 1, &r, err);
	for (i = 0; i < workers->n && !rc; i++) {
		size_t prefix = sizeof(rescuer) - 1;
		const uint8_t *name =
			records_bytes(&r, i, FIELD_WORKQUEUE_NAME);

		if (!r.ok[i] || !name ||
		    strncmp(tasks[i]->comm, rescuer, prefix) != 0)
			continue;
		tasks[i]->comm[prefix - 1] = '\0';
		set_name(tasks[i], "-", (const char *)name,
			 records_size(&r, FIELD_WORKQUEUE_NAME));
	}
	return rc;
}

/* struct worker: desc, with '+' while current_work is set, else with '-' */
static int worker_names(struct kernel *k, struct task *const *tasks, size_t n,
			const uint64_t *workers, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_WORKER_DESC, FIELD_WORKER_CURRENT_WORK, FIELD_WORKER_POOL,
		FIELD_WORKER_RESCUE_WQ};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, workers, n, fields, 4, &r, err);

	if (!rc)
		rc = rescuer_names(k, tasks, &r, err);
	for (i = 0; i < n && !rc; i++) {
		const uint8_t *desc = records_bytes(&r, i, FIELD_WORKER_DESC);

		if (!r.ok[i] || !desc || !*desc ||
		    !records_u64(&r, i, FIELD_WORKER_POOL))
			continue;
		set_name(tasks[i],
			 records_u64(&r, i, FIELD_WORKER_CURRENT_WORK) ? "+"
								       : "-",
			 (const char *)desc,
			 records_size(&r, FIELD_WORKER_DESC));
	}
	return rc;
}

static int full_names(struct kernel *k, struct task *const *tasks, size_t n,
		      const uint64_t *names, struct err *err)
{
	_cleanup_free_ char(*text)[TASK_NAME_MAX] =
		calloc(n + 1, sizeof(*text));
	_cleanup_free_ char **out = calloc(n + 1, sizeof(*out));
	size_t i;
	int rc;

	if (!text || !out)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		out[i] = text[i];
	rc = records_strings(k, names, n, TASK_NAME_MAX, out, NULL, err);
	for (i = 0; i < n && !rc; i++)
		if (*text[i])
			set_name(tasks[i], "", text[i], TASK_NAME_MAX);
	return rc;
}

/* Some of the tasks, and an address that goes with each. */
struct subset {
	struct task **tasks;
	uint64_t *addrs;
	size_t n;
};

static void subset_deinit(struct subset *s)
{
	free(s->tasks);
	free(s->addrs);
}

static int subset_init(struct subset *s, size_t max)
{
	s->tasks = calloc(max + 1, sizeof(*s->tasks));
	s->addrs = calloc(max + 1, sizeof(*s->addrs));
	return s->tasks && s->addrs ? 0 : ERR_NOMEM;
}

static void subset_add(struct subset *s, struct task *t, uint64_t addr)
{
	s->tasks[s->n] = t;
	s->addrs[s->n++] = addr;
}

int kthread_names(struct kernel *k, struct task *tasks, size_t n,
		  const uint64_t *kthreads, struct err *err)
{
	static const uint32_t fields[] = {FIELD_KTHREAD_DATA,
					  FIELD_KTHREAD_FULL_NAME};
	_cleanup_(subset_deinit) struct subset all = {0};
	_cleanup_(subset_deinit) struct subset workers = {0};
	_cleanup_(subset_deinit) struct subset named = {0};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	if (subset_init(&all, n) || subset_init(&workers, n) ||
	    subset_init(&named, n))
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (task_is_kthread(&tasks[i]))
			subset_add(&all, &tasks[i], kthreads[i]);
	rc = records_read(k, all.addrs, all.n, fields, 2, &r, err);
	for (i = 0; i < all.n && !rc; i++) {
		uint64_t name = records_u64(&r, i, FIELD_KTHREAD_FULL_NAME);

		if (all.tasks[i]->flags & PF_WQ_WORKER)
			subset_add(&workers, all.tasks[i],
				   records_u64(&r, i, FIELD_KTHREAD_DATA));
		else if (name)
			subset_add(&named, all.tasks[i], name);
	}
	if (!rc)
		rc = worker_names(k, workers.tasks, workers.n, workers.addrs,
				  err);
	if (!rc)
		rc = full_names(k, named.tasks, named.n, named.addrs, err);
	return rc;
}
