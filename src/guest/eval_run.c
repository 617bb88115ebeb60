/* SPDX-License-Identifier: BSD-2-Clause */
/* All steps of an expression, and the bytes that it leads to. */
#include "guest/eval_inside.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "walk/space.h"

/* The sets that steps leave, of which the next ones take. */
struct eval_stack {
	size_t n;
	struct eval_set set[EXPR_MAX_STEPS];
};

static void eval_stack_deinit(struct eval_stack *stack)
{
	size_t i;

	for (i = 0; i < EXPR_MAX_STEPS; i++)
		vec_deinit(&stack->set[i].v);
}

static int eval_steps(struct eval *ev, const struct expr *e,
		      struct eval_stack *stack, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < e->n && !rc; i++) {
		const struct expr_step *s = &e->step[i];

		if (s->kind == EXPR_ADD || s->kind == EXPR_SUB) {
			stack->n--;
			rc = eval_sum(ev, s, &stack->set[stack->n - 1],
				      &stack->set[stack->n], err);
			vec_deinit(&stack->set[stack->n].v);
			stack->set[stack->n] = (struct eval_set){0};
			continue;
		}
		stack->n += s->kind == EXPR_NUMBER || s->kind == EXPR_NAME;
		rc = eval_step(ev, s, &stack->set[stack->n - 1], err);
	}
	return rc;
}

/* A number as the bytes that it has in memory. */
static void put_number(struct eval_value *v)
{
	size_t i;

	for (i = 0; i < v->size; i++)
		v->bytes[i] = i < 8 ? (uint8_t)(v->number >> (8 * i)) : 0;
	v->len = v->size;
}

static int eval_sizes(struct eval *ev, uint64_t *total, struct err *err)
{
	size_t i;

	for (i = 0; i < ev->result.v.n; i++) {
		struct eval_value *v = &ev->result.v.v[i];

		v->size = btf_size(&ev->made.btf, v->type);
		if (!v->size && v->is_place && !v->lost)
			return err_set(err, ERR_REFUSED,
				       "it is of no size, and so has no value");
		*total += v->size;
		if (v->size > EVAL_MAX_OBJECT || *total > EVAL_MAX_BYTES)
			return err_set(err, ERR_REFUSED,
				       "%" PRIu64 " bytes are too many",
				       v->size > EVAL_MAX_OBJECT ? v->size
								 : *total);
	}
	return 0;
}

/* What cannot be read at all is lost; of what ends early, len says so. */
static int eval_take(struct eval *ev, const struct space_read *reads,
		     struct err *err)
{
	struct eval_set *set = &ev->result;
	size_t i, n = 0;
	int rc = 0;

	for (i = 0; i < set->v.n && !rc; i++) {
		struct eval_value *v = &set->v.v[i];
		struct err why = {0};

		if (!v->is_place || v->lost)
			continue;
		v->len = reads[n++].got;
		if (v->len == v->size)
			continue;
		rc = eval_read_why(ev, v->number + v->len, &why, err);
		if (rc || !why.code)
			continue;
		if (v->len && !ev->n_lost++)
			ev->lost = why;
		if (!v->len)
			rc = eval_lose(ev, set, i, &why, err);
	}
	return rc;
}

/* The bytes of all that the expression leads to: one batch. */
static int eval_read(struct eval *ev, struct err *err)
{
	struct eval_set *set = &ev->result;
	_cleanup_free_ struct space_read *reads =
		calloc(set->v.n + 1, sizeof(*reads));
	uint64_t total = 0, at = 0;
	size_t i, n = 0;
	int rc = eval_sizes(ev, &total, err);

	if (rc)
		return rc;
	ev->bytes = calloc(total + 1, 1);
	if (!reads || !ev->bytes)
		return err_nomem(err);
	for (i = 0; i < set->v.n; i++) {
		struct eval_value *v = &set->v.v[i];

		v->bytes = ev->bytes + at;
		at += v->size;
		if (!v->is_place)
			put_number(v);
		else if (!v->lost)
			reads[n++] = (struct space_read){.va = v->number,
							 .dst = v->bytes,
							 .len = v->size};
	}
	rc = eval_read_memory(ev, reads, n, err);
	return rc ? rc : eval_take(ev, reads, err);
}

/* A bit field has its value, but no bytes of its own. */
static int eval_fields(struct eval *ev, struct err *err)
{
	size_t i;

	for (i = 0; i < ev->result.v.n; i++)
		if (ev->result.v.v[i].bit_size)
			return eval_load(ev, &ev->result, err);
	return 0;
}

int eval_run(struct eval *ev, const struct expr *e, struct err *err)
{
	_cleanup_(eval_stack_deinit) struct eval_stack stack = {0};
	const struct btf *base;
	int rc = eval_base(ev, e, &base, err);

	if (rc)
		return rc;
	if (made_init(&ev->made, base))
		return err_nomem(err);
	rc = eval_steps(ev, e, &stack, err);
	ev->result = stack.set[0];
	stack.set[0] = (struct eval_set){0};
	if (!rc)
		rc = eval_fields(ev, err);
	if (!rc)
		rc = eval_read(ev, err);
	eval_order_filled(ev);
	return rc;
}

void eval_deinit(struct eval *ev)
{
	vec_deinit(&ev->result.v);
	made_deinit(&ev->made);
	unmapped_runs_deinit(&ev->filled);
	free(ev->bytes);
	ev->bytes = NULL;
}
