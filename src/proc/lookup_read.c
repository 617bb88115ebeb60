/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what paths below /proc led to: each file once for all tasks. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "proc/lookup.h"

/* Whether a match is to be read: a directory only where it is looked into. */
static bool is_due(const struct proc_match *m, unsigned int kinds)
{
	if (!m->file || m->values || !(kinds & 1u << m->file->kind))
		return false;
	return !proc_is_dir(m->file) || m->pattern;
}

static struct proc_reading *add_reading(struct proc_lookup *l)
{
	struct proc_reading *r;

	if (vec_reserve(&l->readings, 1))
		return NULL;
	r = calloc(1, sizeof(*r));
	if (!r)
		return NULL;
	l->readings.v[l->readings.n++] = r;
	r->tasks = calloc(l->matches.n + 1, sizeof(*r->tasks));
	return r->tasks ? r : NULL;
}

/* Whether there is more than one file to be read. */
static bool are_several(const struct proc_lookup *l, unsigned int kinds)
{
	const struct proc_file *first = NULL;
	size_t i;

	for (i = 0; i < l->matches.n; i++) {
		const struct proc_match *m = &l->matches.v[i];

		if (!is_due(m, kinds))
			continue;
		if (first && m->file != first)
			return true;
		first = m->file;
	}
	return false;
}

/* Read a file for all matches of it, and once for each task; its own error is
 * said in `why`. */
static int read_file(struct kernel *k, struct proc_lookup *l,
		     const struct proc_file *f, unsigned int kinds,
		     struct err *why)
{
	_cleanup_free_ size_t *parts = calloc(l->tasks.n + 1, sizeof(*parts));
	struct proc_reading *r = add_reading(l);
	size_t i, n = 0;
	int rc;

	if (!parts || !r)
		return err_nomem(why);
	for (i = 0; i < l->matches.n; i++) {
		struct proc_match *m = &l->matches.v[i];

		if (m->file != f || !is_due(m, kinds))
			continue;
		m->values = &r->values;
		m->part = 0;
		if (!(f->scope & PROC_TASK))
			continue;
		if (!parts[m->task]) {
			r->tasks[n] = l->tasks.v[m->task];
			parts[m->task] = ++n;
		}
		m->part = parts[m->task] - 1;
	}
	rc = proc_read(f, k, n ? r->tasks : NULL, n ? n : 1, &r->values, why);
	why->code = rc;
	return rc;
}

int proc_lookup_read(struct kernel *k, struct proc_lookup *l,
		     unsigned int kinds, struct err *err)
{
	bool several = are_several(l, kinds);
	size_t i;
	int rc = 0;

	for (i = 0; i < l->matches.n && !rc; i++) {
		const struct proc_file *f = l->matches.v[i].file;
		struct err why = {0};

		if (!is_due(&l->matches.v[i], kinds))
			continue;
		rc = read_file(k, l, f, kinds, &why);
		if (rc && several && proc_is_own_error(rc)) {
			rc = proc_values_fail(
				&l->readings.v[l->readings.n - 1]->values, &why,
				err);
		} else if (rc) {
			err_pass(err, &why);
			err_wrap(err, rc, "%s", f->name);
		}
	}
	return rc;
}

void proc_lookup_deinit(struct proc_lookup *l)
{
	size_t i;

	for (i = 0; i < l->readings.n; i++) {
		proc_values_deinit(&l->readings.v[i]->values);
		free(l->readings.v[i]->tasks);
		free(l->readings.v[i]);
	}
	vec_deinit(&l->readings);
	vec_deinit(&l->matches);
	vec_deinit(&l->tasks);
}
