/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi print: what an expression over objects of the kernel stands for. */
#include "base/cleanup.h"
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/unmapped_show.h"
#include "cli/value_show.h"
#include "guest/eval.h"
#include "guest/expr.h"
#include "guest/number.h"
#include "guest/types.h"

enum {
	KEY_CPU = 0x200,
	KEY_PID = 'p'
};

/* A value, and which one it is. */
struct printed {
	struct value_label label;
	struct value_object object;
};

struct state {
	struct buf text; /* the operands, as one */
	struct expr expr;
	struct value_style style;
	bool has_cpu, mapped_only;
	uint32_t cpu;
	struct place process; /* task.pid 0: none */
	struct guest_types types;
	struct eval eval;
	struct printed *printed;  /* one per value of the result */
	struct guest_names names; /* of their pointers */
};

static const struct argp_option options[] = {
	{"cpu", KEY_CPU, "N", 0,
	 "Variables of each CPU: that of CPU N, or all of them (all)", 0},
	{"pid", KEY_PID, "PID", 0,
	 "Addresses of processes are in the memory of this one", 0},
	MAPPED_ONLY_OPTION,
	VALUE_OPTIONS{0}};

static int print_cpu(struct state *st, const char *arg, struct err *err)
{
	uint64_t n;
	int rc;

	st->has_cpu = strcmp(arg, "all") != 0;
	if (!st->has_cpu)
		return 0;
	rc = number_parse(arg, "--cpu", INT32_MAX, &n, err);
	if (!rc)
		st->cpu = (uint32_t)n;
	return rc;
}

static int print_pid(struct state *st, const char *arg, struct err *err)
{
	uint64_t n;
	int rc = number_parse(arg, "--pid", ADDR_MAX_PID, &n, err);

	if (rc)
		return rc;
	st->process.space = ADDR_PID;
	st->process.task.pid = (uint32_t)n;
	return 0;
}

static int print_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case KEY_CPU:
		return print_cpu(st, arg, err);
	case KEY_PID:
		return print_pid(st, arg, err);
	case KEY_MAPPED_ONLY:
		st->mapped_only = true;
		return 0;
	default:
		return value_style_option(&st->style, key, arg, err);
	}
}

static int print_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i;

	for (i = 0; i < n; i++)
		buf_printf(&st->text, "%s%s", i ? " " : "", argv[i]);
	if (st->text.oom)
		return err_nomem(err);
	value_style_settle(&st->style);
	return expr_parse(st->text.data, &st->expr, err);
}

static const char *print_place(const void *state, size_t *at)
{
	const struct expr *e = &((const struct state *)state)->expr;

	*at = e->bad ? (size_t)(e->bad - e->text) : 0;
	return e->bad ? e->text : NULL;
}

static void print_free(struct state *st)
{
	guest_names_deinit(&st->names);
	free(st->printed);
	st->printed = NULL;
	eval_deinit(&st->eval);
	guest_types_deinit(&st->types);
}

/* The values as objects, with the names of what pointers lead to. */
static int print_objects(struct session *s, struct state *st, struct err *err)
{
	const struct eval *ev = &st->eval;
	size_t i, n = ev->result.v.n, some = 0;
	_cleanup_free_ struct value_object **named =
		calloc(n + 1, sizeof(*named));

	st->printed = calloc(n + 1, sizeof(*st->printed));
	if (!st->printed || !named)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		const struct eval_value *v = &ev->result.v.v[i];
		struct printed *p = &st->printed[i];

		p->label = (struct value_label){.is_element = ev->result.many,
						.is_place = v->is_place,
						.element = i,
						.cpu = v->cpu};
		p->object = (struct value_object){
			.btf = &ev->made.btf,
			.id = v->type,
			.at = v->number,
			.bytes = v->bytes,
			.len = v->len,
			.opts = st->style.opts,
			.hex = st->style.hex || v->type == ev->made.number,
			.label = &p->label,
			.filled = &ev->filled};
		p->object.opts.signs = st->types.signs;
		if (!v->lost)
			named[some++] = &p->object;
	}
	return value_objects_name(named, some, &s->guest, &st->names, err);
}

static int print_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	bool of_process = st->process.space == ADDR_PID;
	size_t bad;
	int rc = 0;

	print_free(st);
	st->eval = (struct eval){.guest = &s->guest,
				 .types = &st->types,
				 .has_cpu = st->has_cpu,
				 .cpu = st->cpu,
				 .process = of_process ? &st->process : NULL,
				 .mapped_only = st->mapped_only};
	if (of_process)
		rc = places_enter(&s->guest, &st->process, 1, &bad, err);
	if (!rc)
		rc = guest_types_open(&st->types, &s->guest, err);
	if (!rc)
		rc = eval_run(&st->eval, &st->expr, err);
	if (!rc)
		rc = print_objects(s, st, err);
	return rc ? err_wrap(err, rc, "print") : 0;
}

static int print_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	struct state *st = state;
	const struct eval *ev = &st->eval;
	const char *remark = NULL;
	size_t i;

	(void)s;
	(void)err;
	while ((remark = remarks_next(&st->types.remarks, remark)))
		out_note(out, "%s", remark);
	value_show_begin(out, true);
	for (i = 0; i < ev->result.v.n; i++) {
		if (ev->result.v.v[i].lost)
			value_show_lost(&st->printed[i].label, out);
		else
			value_show(&st->printed[i].object, out);
		out_flush(out);
	}
	unmapped_show_notes(out, &st->process, &ev->filled, UINT64_MAX);
	if (ev->cut)
		out_note(out, "the values are cut off: more than %u",
			 EVAL_MAX_VALUES);
	if (!ev->result.v.n)
		out_note(out, "there is no element");
	if (ev->n_lost > 1)
		out_fail(out, ev->lost.code, "print: %s; and %zu more like it",
			 ev->lost.text, ev->n_lost - 1);
	else if (ev->n_lost)
		out_fail(out, ev->lost.code, "print: %s", ev->lost.text);
	return 0;
}

static void print_deinit(void *state)
{
	struct state *st = state;

	print_free(st);
	buf_deinit(&st->text);
}

const struct cmd cmd_print = {
	.name = "print",
	.topic = TOPIC_LOOK,
	.summary = "Show what an expression over the kernel's objects stands "
		   "for",
	.args = "EXPR",
	.doc = "EXPR is as in C: init_task.comm, task(89)->mm->pgd (the task "
	       "of a PID), (struct task_struct *)ADDR, *PTR, &MEMBER, A[2], "
	       "A[0:4] (elements 0 to 3), container_of(PTR, TYPE, MEMBER), "
	       "list(HEAD, TYPE, MEMBER) and tree(ROOT, TYPE, MEMBER) (all "
	       "that is in one), sums of "
	       "addresses, in bytes.  A variable of each CPU is told for all "
	       "of them.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = -1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.option = print_option,
	.operands = print_operands,
	.place = print_place,
	.run = print_run,
	.show = print_show,
	.deinit = print_deinit,
};
