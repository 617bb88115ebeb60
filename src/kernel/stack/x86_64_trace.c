/* SPDX-License-Identifier: BSD-2-Clause */
/* Unwinds the kernel stacks of sleeping tasks, as /proc/PID/stack does. */
#include "kernel/stack/x86_64_trace.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/list.h"
#include "kernel/code/modules.h"
#include "kernel/code/sched_text.h"
#include "kernel/code/x86_64_orc.h"
#include "kernel/stack/x86_64_orc_prove.h"
#include "kernel/stack/x86_64_sleeper.h"
#include "kernel/stack/x86_64_unwind.h"

/* What unwinding takes: the rules of the image and of modules. */
struct trace_rules {
	struct list list;
	struct modules modules;
	struct orc_tables tables;
};

static void trace_rules_deinit(struct trace_rules *r)
{
	list_deinit(&r->list);
	modules_deinit(&r->modules);
	orc_tables_deinit(&r->tables);
}

static int trace_rules_read(struct kernel *k, struct trace_rules *r,
			    struct remarks *remarks, struct err *err)
{
	int rc = 0;

	if (modules_list(k, &r->list)) {
		rc = lists_read(k, &r->list, 1, err);
		if (!rc)
			rc = modules_read(k, &r->list, &r->modules, remarks,
					  err);
	}
	if (!rc)
		rc = orc_read(k, &r->modules, &r->tables, remarks, err);
	return rc ? rc : orc_prove(k, &r->tables, NULL, remarks, err);
}

/* Frames of code of the kernel, up to where it came from user mode. */
static size_t trace_frames(const struct unwind *w)
{
	size_t n = w->frames.n, i;

	if (n && (w->end == UNWIND_USER || w->end == UNWIND_TRACED))
		n--;
	for (i = 0; i < n && w->frames.v[i].ip >> 63; i++)
		;
	return i;
}

static void trace_take(const struct sched_text *text, const struct unwind *w,
		       struct task_trace *out)
{
	size_t n = trace_frames(w), i;
	uint64_t last = 0;

	for (i = 0; i < n; i++) {
		last = w->frames.v[i].ip;
		if (sched_text_has(text, last))
			continue;
		if (!out->n)
			out->wchan = last;
		if (out->n < TRACE_MAX)
			out->ips[out->n++] = last;
	}
	/* All of it is the scheduler's, and nothing follows that is not. */
	if (!out->n && n == w->frames.n)
		out->wchan = last;
	out->traced = w->end == UNWIND_TRACED && out->n < TRACE_MAX;
}

static int trace_run(const struct unwinder *u, const struct sched_text *text,
		     const struct sleeper *s, struct task_trace *out)
{
	_cleanup_(unwind_deinit) struct unwind w = {0};

	out->torn = s->torn;
	if (!s->sleeps)
		return 0;
	if (unwind_run(u, &s->start, &s->stack, 1, &w))
		return ERR_NOMEM;
	trace_take(text, &w, out);
	return 0;
}

static int trace_some(struct kernel *k, const struct unwinder *u,
		      const uint64_t *addrs, size_t n, struct task_trace *out,
		      struct err *err)
{
	_cleanup_(sleepers_deinit) struct sleepers sleepers = {0};
	struct sched_text text;
	size_t i;
	int rc = sleepers_read(k, u, addrs, n, &sleepers, err);

	sched_text_init(&text, k);
	for (i = 0; i < n && !rc; i++)
		if (trace_run(u, &text, &sleepers.v[i], &out[i]))
			rc = err_nomem(err);
	return rc;
}

int task_traces_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_traces *out, struct err *err)
{
	_cleanup_(trace_rules_deinit) struct trace_rules rules = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	struct unwinder u;
	size_t i, some;
	int rc;

	*out = (struct task_traces){.v = calloc(n + 1, sizeof(*out->v))};
	if (!addrs || !out->v)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = trace_rules_read(k, &rules, &out->remarks, err);
	out->known = !rc && rules.tables.n;
	if (rc || !out->known)
		return rc;
	unwinder_init(&u, k, &rules.tables);
	for (i = 0; i < n && !rc; i += some) {
		some = n - i < SLEEPERS_SLICE ? n - i : SLEEPERS_SLICE;
		rc = trace_some(k, &u, addrs + i, some, out->v + i, err);
	}
	return rc;
}

void task_traces_deinit(struct task_traces *t)
{
	free(t->v);
	remarks_deinit(&t->remarks);
}
