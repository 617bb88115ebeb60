/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to QEMU's monitor, some of them put ahead. */
#include "target/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

void target_ask_forget(struct target_ask *a)
{
	size_t i;

	for (i = 0; i < a->ahead.n; i++)
		buf_deinit(&a->ahead.v[i].said);
	vec_deinit(&a->ahead);
}

int target_ask_ahead(struct target_ask *a, const char *const *commands,
		     size_t n, struct err *err)
{
	struct target_question q = {0};
	size_t i;

	for (i = 0; i < n; i++) {
		snprintf(q.command, sizeof(q.command), "%s", commands[i]);
		if (vec_push(&a->ahead, q))
			return err_nomem(err);
	}
	return 0;
}

static struct target_question *ask_find(struct target_ask *a,
					const char *command)
{
	size_t i;

	for (i = 0; i < a->ahead.n; i++)
		if (!strcmp(a->ahead.v[i].command, command))
			return &a->ahead.v[i];
	return NULL;
}

/* All that were not yet, in one go. */
static int ask_all(struct target_ask *a, struct gdbrsp_client *client,
		   struct err *err)
{
	size_t n = a->ahead.n, i, some = 0;
	_cleanup_free_ const char **commands = calloc(n, sizeof(*commands));
	_cleanup_free_ struct buf *outs = calloc(n, sizeof(*outs));
	struct target_question *q;
	int ret = commands && outs ? 0 : err_nomem(err);

	for (i = 0; !ret && i < n; i++)
		if (!a->ahead.v[i].asked)
			commands[some++] = a->ahead.v[i].command;
	if (!ret)
		ret = gdbrsp_client_monitors(client, commands, outs, some, err);
	for (i = some; ret && outs && i > 0; i--)
		buf_deinit(&outs[i - 1]);
	for (i = some = 0; !ret && i < n; i++) {
		q = &a->ahead.v[i];
		if (q->asked)
			continue;
		q->said = outs[some++];
		q->asked = true;
	}
	return ret;
}

/* Nobody is told the same twice. */
static void ask_take(struct target_ask *a, struct target_question *q,
		     struct buf *out)
{
	*out = q->said;
	*q = a->ahead.v[--a->ahead.n];
}

int target_ask(struct target_ask *a, struct gdbrsp_client *client,
	       const char *const *commands, struct buf *outs, size_t n,
	       struct err *err)
{
	size_t i, missing = 0;
	bool due = false;
	int ret = 0;

	for (i = 0; i < n; i++) {
		const struct target_question *q = ask_find(a, commands[i]);

		missing += !q;
		due |= q && !q->asked;
	}
	if (missing)
		return gdbrsp_client_monitors(client, commands, outs, n, err);
	if (due)
		ret = ask_all(a, client, err);
	for (i = 0; !ret && i < n; i++)
		ask_take(a, ask_find(a, commands[i]), &outs[i]);
	return ret;
}
