/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/stack and wchan: where a task sleeps (fs/proc/base.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/code/symbols.h"
#include "kernel/task/task_numbers.h"
#include "kernel/stack/x86_64_frame_wchan.h"
#include "kernel/stack/x86_64_trace.h"
#include "proc/proc.h"

/* Traces of tasks, and the symbols of all addresses, in one go. */
struct traces {
	struct task_traces of;
	struct symbols symbols;
	uint64_t *vas;
	struct symbol *named;
};

static void traces_deinit(struct traces *t)
{
	task_traces_deinit(&t->of);
	free(t->vas);
	free(t->named);
	symbols_deinit(&t->symbols);
}

/* A call is named by where it was made, which is just before it goes on. */
static int traces_name(struct traces *t, size_t n, struct err *err)
{
	size_t i, frame, all = 0;

	for (i = 0; i < n; i++)
		all += t->of.v[i].n;
	t->vas = calloc(all + 1, sizeof(*t->vas));
	t->named = calloc(all + 1, sizeof(*t->named));
	if (!t->vas || !t->named)
		return err_nomem(err);
	for (i = all = 0; i < n; i++)
		for (frame = 0; frame < t->of.v[i].n; frame++)
			t->vas[all++] = t->of.v[i].ips[frame] - 1;
	return symbols_at(&t->symbols, t->vas, all, t->named, err);
}

/* %pB of lib/vsprintf.c */
static void put_frame(uint64_t ip, const struct symbol *s, struct buf *out)
{
	if (!s->name) {
		buf_printf(out, "[<0>] 0x%" PRIx64 "\n", ip);
		return;
	}
	buf_printf(out, "[<0>] %s+0x%" PRIx64 "/0x%" PRIx64, s->name,
		   s->offset + 1, s->size);
	if (s->module)
		buf_printf(out, " [%s]", s->module);
	buf_puts(out, "\n");
}

static void put_unknown_rules(const struct traces *t, struct proc_part *part)
{
	const char *why = remarks_next(&t->of.remarks, NULL);

	buf_puts(&part->why,
		 why ? why : "the kernel's rules for unwinding are not known");
}

static int stack_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	_cleanup_(traces_deinit) struct traces t = {0};
	size_t i, frame, at = 0;
	int rc;

	symbols_init(&t.symbols, k);
	rc = task_traces_read(k, out->tasks, out->n, &t.of, err);
	if (!rc)
		rc = traces_name(&t, out->n, err);
	for (i = 0; i < out->n && !rc; i++) {
		struct proc_part *part = &out->parts[i];

		if (!t.of.known)
			put_unknown_rules(&t, part);
		for (frame = 0; frame < t.of.v[i].n; frame++, at++)
			put_frame(t.of.v[i].ips[frame], &t.named[at],
				  &part->text);
		if (t.of.v[i].torn)
			proc_part_unknown(part, true);
		if (!t.of.v[i].traced)
			continue;
		part->torn = true;
		buf_puts(&part->why, "a tracer keeps who called the last");
	}
	return rc;
}

const struct proc_file proc_pid_stack = {
	.name = "stack",
	.scope = PROC_TASK,
	.read = stack_read,
};

#define TASK_WAKING 0x200u /* include/linux/sched.h */

/* get_wchan(): from 5.16 on by unwinding, before by frame pointers. */
static int read_wchans(struct kernel *k, const struct proc_values *v,
		       const struct task_numbers *numbers, struct traces *t,
		       uint64_t *wchans, struct err *err)
{
	size_t i;
	int rc;

	if (!task_numbers_have(k, TASK_CORE_STATE)) {
		t->of.known = true;
		return x86_64_frame_wchans(k, v->tasks, v->n, wchans, err);
	}
	rc = task_traces_read(k, v->tasks, v->n, &t->of, err);
	for (i = 0; i < v->n && !rc; i++) {
		uint64_t state = numbers[i].v[TASK_STATE_WORD];

		if (state && state != TASK_WAKING && !numbers[i].v[TASK_ON_RQ])
			wchans[i] = t->of.v[i].wchan;
	}
	return rc;
}

static int wchan_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	_cleanup_free_ struct task_numbers *numbers =
		calloc(out->n + 1, sizeof(*numbers));
	_cleanup_(traces_deinit) struct traces t = {0};
	size_t i;
	int rc;

	symbols_init(&t.symbols, k);
	t.vas = calloc(out->n + 1, sizeof(*t.vas));
	t.named = calloc(out->n + 1, sizeof(*t.named));
	if (!numbers || !t.vas || !t.named)
		return err_nomem(err);
	rc = task_numbers_read(k, out->tasks, out->n, numbers, err);
	if (!rc)
		rc = read_wchans(k, out, numbers, &t, t.vas, err);
	if (!rc)
		rc = symbols_at(&t.symbols, t.vas, out->n, t.named, err);
	for (i = 0; i < out->n && !rc; i++) {
		struct proc_part *part = &out->parts[i];

		if (!t.of.known)
			put_unknown_rules(&t, part);
		else if (!numbers[i].known[TASK_STATE_WORD] ||
			 (t.of.v && t.of.v[i].torn))
			proc_part_unknown(part, true);
		else
			buf_puts(&part->text, t.vas[i] && t.named[i].name
						      ? t.named[i].name
						      : "0");
	}
	return rc;
}

const struct proc_file proc_pid_wchan = {
	.name = "wchan",
	.scope = PROC_TASK,
	.read = wchan_read,
};
