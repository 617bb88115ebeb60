/* SPDX-License-Identifier: BSD-2-Clause */
/* One moment of a guest's /proc: its tasks, and the files that were read. */
#include "mount/moment.h"

#include <stdlib.h>

#include "base/stored.h"

/* The place of a number among tasks in order of these; n: it has none. */
static size_t moment_place(const struct task *tasks, size_t n, uint32_t pid)
{
	size_t low = 0, high = n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (tasks[middle].pid < pid)
			low = middle + 1;
		else
			high = middle;
	}
	return low < n && tasks[low].pid == pid ? low : n;
}

const struct task *moment_task(const struct moment *m, uint32_t pid)
{
	size_t i = moment_place(m->tasks.v, m->tasks.n, pid);

	return i < m->tasks.n ? &m->tasks.v[i] : NULL;
}

static bool want_has(const struct moment_want *want, const struct task *t)
{
	switch (want->reach) {
	case MOMENT_ONE:
		return t->pid == want->pid;
	case MOMENT_PROCESSES:
		return t->pid == t->tgid;
	case MOMENT_THREADS:
		return true;
	}
	return false;
}

static void reading_destroy(struct moment_reading *r)
{
	proc_values_deinit(&r->values);
	free(r->tasks);
	free(r);
}

/* How many tasks there can be: of a guest that says so, several have one
 * number, of which the first counts. */
static size_t reading_room(const struct moment *m, const struct moment_want *w)
{
	return w->reach == MOMENT_ONE ? 1 : m->tasks.n;
}

static int reading_read(struct kernel *k, const struct moment *m,
			struct moment_reading *r, struct err *err)
{
	bool system = !(r->want.file->scope & PROC_TASK);
	size_t i, n = 0, room = reading_room(m, &r->want);
	int rc;

	for (i = 0; i < m->tasks.n && n < room && !system; i++)
		if (want_has(&r->want, &m->tasks.v[i]))
			r->tasks[n++] = m->tasks.v[i];
	if (!n && !system)
		return 0;
	rc = proc_read(r->want.file, k, system ? NULL : r->tasks,
		       system ? 1 : n, &r->values, &r->failure);
	r->failure.code = rc;
	/* Else nothing more will be read in this pause. */
	if (!rc || proc_is_own_error(rc))
		return 0;
	err_pass(err, &r->failure);
	return err_wrap(err, rc, "%s", r->want.file->name);
}

/* Whether a reading has all that is wanted. */
static bool reading_has(const struct moment_reading *r,
			const struct moment_want *want)
{
	if (r->want.file != want->file || r->want.reach < want->reach)
		return false;
	return want->reach != MOMENT_ONE || r->want.reach != MOMENT_ONE ||
	       r->want.pid == want->pid;
}

bool moment_has(const struct moment *m, const struct moment_want *want)
{
	size_t i;

	for (i = 0; i < m->readings.n; i++)
		if (reading_has(m->readings.v[i], want))
			return true;
	return false;
}

/* What was read of a file, or with NULL of all, is dropped. */
static void moment_drop(struct moment *m, const struct proc_file *file)
{
	size_t i, n = 0;

	for (i = 0; i < m->readings.n; i++) {
		struct moment_reading *r = m->readings.v[i];

		if (file && r->want.file != file)
			m->readings.v[n++] = r;
		else
			reading_destroy(r);
	}
	m->readings.n = n;
}

int moment_add(struct kernel *k, const struct moment_want *want,
	       struct moment *m, struct err *err)
{
	struct moment_reading *r;

	moment_drop(m, want->file);
	if (vec_reserve(&m->readings, 1))
		return err_nomem(err);
	r = calloc(1, sizeof(*r));
	if (!r)
		return err_nomem(err);
	m->readings.v[m->readings.n++] = r;
	r->want = *want;
	/* One too many, for there may be none. */
	r->tasks = calloc(reading_room(m, want) + 1, sizeof(*r->tasks));
	return r->tasks ? reading_read(k, m, r, err) : err_nomem(err);
}

/* Which files are not there, for a module would have to be. */
static int moment_ask_modules(struct kernel *k, struct moment *m,
			      struct err *err)
{
	const struct proc_file *const *f;
	bool there;
	int rc = 0;

	for (f = proc_files; *f && !rc; f++) {
		if (!(*f)->by_module)
			continue;
		rc = proc_is_listed(*f, k, &there, err);
		if (!rc && !there && vec_push(&m->absent, *f))
			rc = err_nomem(err);
	}
	return rc;
}

bool moment_is_there(const struct moment *m, const struct proc_file *file)
{
	size_t i;

	for (i = 0; i < m->absent.n; i++)
		if (m->absent.v[i] == file)
			return false;
	return proc_is_there(file, m->profile);
}

static bool moment_lacks(const struct moment *m, const struct moment_want *want)
{
	return moment_is_there(m, want->file) && !moment_has(m, want);
}

static int moment_add_lacking(struct kernel *k, const struct moment_want *wants,
			      size_t n, struct moment *m, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		if (moment_lacks(m, &wants[i]))
			rc = moment_add(k, &wants[i], m, err);
	return rc;
}

int moment_take(struct kernel *k, const struct moment_want *wants, size_t n,
		struct moment *out, struct err *err)
{
	int rc;

	*out = (struct moment){.profile = k->profile};
	rc = task_list_read(k, true, &out->tasks, err);
	if (!rc)
		rc = moment_ask_modules(k, out, err);
	return rc ? rc : moment_add_lacking(k, wants, n, out, err);
}

/* Whether a number of the one list is another task's in the other. */
static bool is_number_reused(const struct task_list *a,
			     const struct task_list *b)
{
	size_t i;

	for (i = 0; i < a->n; i++) {
		size_t at = moment_place(b->v, b->n, a->v[i].pid);

		if (at < b->n && b->v[at].addr != a->v[i].addr)
			return true;
	}
	return false;
}

static int moment_renew_tasks(struct kernel *k, struct moment *m,
			      struct err *err)
{
	struct task_list now;
	int rc = task_list_read(k, true, &now, err);

	if (rc)
		return rc;
	if (is_number_reused(&m->tasks, &now))
		moment_drop(m, NULL);
	task_list_deinit(&m->tasks);
	m->tasks = now;
	return 0;
}

int moment_extend(struct kernel *k, const struct moment_want *wants, size_t n,
		  struct moment *m, struct err *err)
{
	bool tasks = false;
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++)
		tasks |= wants[i].file->scope & PROC_TASK &&
			 moment_lacks(m, &wants[i]);
	if (tasks)
		rc = moment_renew_tasks(k, m, err);
	return rc ? rc : moment_add_lacking(k, wants, n, m, err);
}

void moment_deinit(struct moment *m)
{
	size_t i;

	for (i = 0; i < m->readings.n; i++)
		reading_destroy(m->readings.v[i]);
	vec_deinit(&m->readings);
	vec_deinit(&m->absent);
	task_list_deinit(&m->tasks);
	*m = (struct moment){0};
}

struct moment_reading *moment_find(const struct moment *m,
				   const struct proc_file *file, uint32_t pid,
				   size_t *part)
{
	size_t i;

	for (i = 0; i < m->readings.n; i++) {
		struct moment_reading *r = m->readings.v[i];

		if (r->want.file != file)
			continue;
		*part = pid ? moment_place(r->tasks, r->values.n, pid) : 0;
		if (*part < r->values.n)
			return r;
	}
	return NULL;
}
