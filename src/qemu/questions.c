/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of the monitor that are run together, and what they said. */
#include "qemu/questions.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

int questions_init(struct questions *q, size_t n, struct err *err)
{
	size_t i;

	q->text = calloc(n + 1, sizeof(*q->text));
	q->commands = calloc(n + 1, sizeof(*q->commands));
	q->answers = calloc(n + 1, sizeof(*q->answers));
	if (!q->text || !q->commands || !q->answers)
		return err_nomem(err);
	q->n = n;
	for (i = 0; i < n; i++)
		q->commands[i] = q->text[i];
	return 0;
}

void questions_deinit(struct questions *q)
{
	size_t i;

	for (i = 0; q->answers && i < q->n; i++)
		buf_deinit(&q->answers[i]);
	free(q->answers);
	free(q->commands);
	free(q->text);
}

void questions_ask_hva(struct questions *q, size_t i, uint64_t pa)
{
	snprintf(q->text[i], sizeof(*q->text), "gpa2hva 0x%" PRIx64, pa);
}
