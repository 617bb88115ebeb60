/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's human monitor: whoever runs its commands, and some put ahead. */
#include "qemu/monitor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static int run_by_stub(void *ctx, const char *const *commands, struct buf *outs,
		       size_t n, struct err *err)
{
	return gdbrsp_client_monitors(ctx, commands, outs, n, err);
}

struct qemu_monitor qemu_monitor_by_stub(struct gdbrsp_client *client)
{
	return (struct qemu_monitor){.run = run_by_stub, .ctx = client};
}

void qemu_monitor_forget(struct qemu_monitor *m)
{
	size_t i;

	for (i = 0; i < m->ahead.n; i++)
		buf_deinit(&m->ahead.v[i].said);
	vec_deinit(&m->ahead);
}

int qemu_monitor_ahead(struct qemu_monitor *m, const char *const *commands,
		       size_t n, struct err *err)
{
	struct qemu_question q = {0};
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(q.command, sizeof(q.command), "%s", commands[i]);
		if (vec_push(&m->ahead, q))
			return err_nomem(err);
	}
	return 0;
}

static struct qemu_question *monitor_find(struct qemu_monitor *m,
					  const char *command)
{
	size_t i;

	for (i = 0; i < m->ahead.n; i++)
		if (!strcmp(m->ahead.v[i].command, command))
			return &m->ahead.v[i];
	return NULL;
}

/* All that were not yet, in one go. */
static int monitor_run_ahead(struct qemu_monitor *m, struct err *err)
{
	size_t n = m->ahead.n, i, some = 0;
	_cleanup_free_ const char **commands = calloc(n, sizeof(*commands));
	_cleanup_free_ struct buf *outs = calloc(n, sizeof(*outs));
	struct qemu_question *q;
	int ret = commands && outs ? 0 : err_nomem(err);

	for (i = 0; !ret && i < n; i++)
		if (!m->ahead.v[i].asked)
			commands[some++] = m->ahead.v[i].command;
	if (!ret)
		ret = m->run(m->ctx, commands, outs, some, err);
	for (i = some; ret && outs && i > 0; i--)
		buf_deinit(&outs[i - 1]);
	for (i = some = 0; !ret && i < n; i++) {
		q = &m->ahead.v[i];
		if (q->asked)
			continue;
		q->said = outs[some++];
		q->asked = true;
	}
	return ret;
}

/* Nobody is told the same twice. */
static void monitor_take(struct qemu_monitor *m, struct qemu_question *q,
			 struct buf *out)
{
	*out = q->said;
	*q = m->ahead.v[--m->ahead.n];
}

int qemu_monitor_run(struct qemu_monitor *m, const char *const *commands,
		     struct buf *outs, size_t n, struct err *err)
{
	size_t i, missing = 0;
	bool due = false;
	int ret = 0;

	for (i = 0; i < n; i++) {
		const struct qemu_question *q = monitor_find(m, commands[i]);

		missing += !q;
		due |= q && !q->asked;
	}
	if (missing)
		return m->run(m->ctx, commands, outs, n, err);
	if (due)
		ret = monitor_run_ahead(m, err);
	for (i = 0; !ret && i < n; i++) {
		struct qemu_question *q = monitor_find(m, commands[i]);

		if (q)
			monitor_take(m, q, &outs[i]);
		else /* it stands in the list twice */
			ret = m->run(m->ctx, &commands[i], &outs[i], 1, err);
	}
	return ret;
}
