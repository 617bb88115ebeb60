/* SPDX-License-Identifier: BSD-2-Clause */
/* What ps reads of tasks, as far as columns ask for it. */
#include "cli/ps.h"

#include <stdlib.h>

int ps_read_times(struct kernel *k, const struct ps_columns *c, bool groups,
		  struct ps_data *d, struct err *err)
{
	if (!(c->needs & (PS_START | PS_TIME)))
		return 0;
	d->times = calloc(d->tasks.n + 1, sizeof(*d->times));
	if (!d->times)
		return err_nomem(err);
	return task_times_read(k, d->tasks.v, d->tasks.n, groups, d->times,
			       err);
}

void ps_keep(struct ps_data *d, const bool *keep)
{
	size_t i, n = 0;

	for (i = 0; i < d->tasks.n; i++) {
		if (!keep[i])
			continue;
		if (d->times)
			d->times[n] = d->times[i];
		d->tasks.v[n++] = d->tasks.v[i];
	}
	d->tasks.n = n;
}

static int read_rss(struct kernel *k, struct ps_data *d, struct err *err)
{
	d->rss = calloc(d->tasks.n + 1, sizeof(*d->rss));
	if (!d->rss)
		return err_nomem(err);
	return rss_of_tasks(k, d->tasks.v, d->tasks.n, d->rss, err);
}

static int read_args(struct kernel *k, struct ps_data *d, struct err *err)
{
	d->args = calloc(d->tasks.n + 1, sizeof(*d->args));
	if (!d->args)
		return err_nomem(err);
	return task_args_read(k, d->tasks.v, d->tasks.n, d->args, err);
}

static int read_groups(struct kernel *k, struct ps_data *d, struct err *err)
{
	d->groups = calloc(d->tasks.n + 1, sizeof(*d->groups));
	if (!d->groups)
		return err_nomem(err);
	return task_groups_read(k, d->tasks.v, d->tasks.n, d->groups, err);
}

static int read_ns(struct kernel *k, struct ps_data *d, struct err *err)
{
	d->ns = calloc(d->tasks.n + 1, sizeof(*d->ns));
	if (!d->ns)
		return err_nomem(err);
	return task_ns_read(k, d->tasks.v, d->tasks.n, d->ns, err);
}

int ps_read(struct kernel *k, const struct ps_columns *c, struct ps_data *d,
	    struct err *err)
{
	int rc = 0;

	if (c->needs & PS_RSS)
		rc = read_rss(k, d, err);
	if (!rc && c->needs & PS_ARGS)
		rc = read_args(k, d, err);
	if (!rc && c->needs & PS_GROUP)
		rc = read_groups(k, d, err);
	if (!rc && c->needs & PS_NS)
		rc = read_ns(k, d, err);
	return rc;
}

void ps_data_deinit(struct ps_data *d)
{
	task_args_deinit(d->args, d->tasks.n);
	free(d->args);
	free(d->rss);
	free(d->groups);
	free(d->times);
	free(d->ns);
	task_list_deinit(&d->tasks);
}
