/* SPDX-License-Identifier: BSD-2-Clause */
/* An expression over all processes: their names, by the list that has them. */
#include "bench.h"

#include <string.h>

#include "guest/eval.h"
#include "guest/expr.h"
#include "guest/types.h"

#define EXPRESSION "list(init_task.tasks, task_struct, tasks).comm"

struct print {
	struct expr expr;
	struct guest_types types;
	struct eval eval;
};

static int print_prepare(void *state, char **words, struct err *err)
{
	struct print *p = state;

	(void)words;
	return expr_parse(EXPRESSION, &p->expr, err);
}

static int print_look(struct guest *g, void *state, struct err *err)
{
	struct print *p = state;
	int rc = guest_types_open(&p->types, g, err);

	p->eval = (struct eval){.guest = g, .types = &p->types};
	return rc ? rc : eval_run(&p->eval, &p->expr, err);
}

static int print_tell(void *state, struct buf *out, struct err *err)
{
	struct print *p = state;
	size_t i;

	if (p->eval.n_lost)
		return err_pass(err, &p->eval.lost);
	for (i = 0; i < p->eval.result.v.n; i++) {
		const struct eval_value *v = &p->eval.result.v.v[i];

		buf_add(out, v->bytes, strnlen((char *)v->bytes, v->len));
		buf_puts(out, "\n");
	}
	return 0;
}

static void print_deinit(void *state)
{
	struct print *p = state;

	eval_deinit(&p->eval);
	guest_types_deinit(&p->types);
}

const struct operation bench_print = {
	.name = "print",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct print),
	.prepare = print_prepare,
	.look = print_look,
	.tell = print_tell,
	.deinit = print_deinit,
};
