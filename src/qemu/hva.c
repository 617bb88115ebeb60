/* SPDX-License-Identifier: BSD-2-Clause */
/* Where QEMU has the guest's memory in its own address space. */
#include "qemu/qemu.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "qemu/inside.h"
#include "qemu/monitor_text.h"

/* A command of the monitor for each address, and what it said. */
struct hva_questions {
	size_t n;
	char (*text)[40];
	const char **commands;
	struct buf *answers;
};

static void hva_questions_deinit(struct hva_questions *q)
{
	size_t i;

	for (i = 0; q->answers && i < q->n; i++)
		buf_deinit(&q->answers[i]);
	free(q->answers);
	free(q->commands);
	free(q->text);
}

static int hva_questions_init(struct hva_questions *q, const uint64_t *pas,
			      size_t n)
{
	size_t i;

	q->text = calloc(n + 1, sizeof(*q->text));
	q->commands = calloc(n + 1, sizeof(*q->commands));
	q->answers = calloc(n + 1, sizeof(*q->answers));
	if (!q->text || !q->commands || !q->answers)
		return ERR_NOMEM;
	q->n = n;
	for (i = 0; i < n; i++) {
		snprintf(q->text[i], sizeof(*q->text), "gpa2hva 0x%" PRIx64,
			 pas[i]);
		q->commands[i] = q->text[i];
	}
	return 0;
}

int qemu_hvas(struct qemu *t, const uint64_t *pas, size_t n, uint64_t *hvas,
	      struct err *err)
{
	_cleanup_(hva_questions_deinit) struct hva_questions q = {0};
	size_t i;
	int ret;

	if (hva_questions_init(&q, pas, n))
		return err_nomem(err);
	ret = n ? qemu_monitor_run(&t->path.stub.monitor, q.commands, q.answers,
				   n, err)
		: 0;
	for (i = 0; i < n && !ret; i++) {
		hvas[i] = 0;
		if (!machine_is_ram(&t->machine, pas[i], 1) ||
		    !q.answers[i].data ||
		    monitor_parse_hva(q.answers[i].data, pas[i], &hvas[i],
				      NULL))
			hvas[i] = 0;
	}
	return ret;
}
