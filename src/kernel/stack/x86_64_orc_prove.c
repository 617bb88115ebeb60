/* SPDX-License-Identifier: BSD-2-Clause */
/* Unwinds sleeping tasks, and looks where that leads. */
#include "kernel/stack/x86_64_orc_prove.h"

#include <string.h>

#include "base/cleanup.h"
#include "kernel/task/task.h"
#include "kernel/stack/x86_64_sleeper.h"

/*
 * So many in four that say anything must lead out: rules that are damaged, or
 * read in a wrong format, lead out of hardly any, and those of kernels that
 * were measured led out of all (docs/facts/trace.md, "Proof").
 */
#define LED_OF_FOUR 3

/* Sleeping, in the letters of /proc/PID/stat; idle, parked, stopped, traced. */
#define SLEEPING "SDIPTt"

static bool is_asleep(const struct task *t, bool kthread)
{
	return t->state && strchr(SLEEPING, t->state) &&
	       task_is_kthread(t) == kthread;
}

/* Every so-manyth of the tasks of one kind, up to `most` of them. */
static size_t choose_tasks(const struct task_list *l, bool kthreads,
			   size_t most, uint64_t *out)
{
	size_t of_kind = 0, i, seen = 0, n = 0;

	for (i = 0; i < l->n; i++)
		of_kind += is_asleep(&l->v[i], kthreads);
	for (i = 0; i < l->n && n < most; i++) {
		if (!is_asleep(&l->v[i], kthreads))
			continue;
		if (of_kind <= most || seen * most / of_kind >= n)
			out[n++] = l->v[i].addr;
		seen++;
	}
	return n;
}

/*
 * A stack begins with the registers of user mode, or with room for them, and
 * from 6.9 on with 16 bytes more in kernels that know FRED.
 */
static bool is_outermost(const struct sleeper *s, uint64_t regs)
{
	return regs == s->top - X86_64_PT_REGS ||
	       regs == s->top - X86_64_PT_REGS - 16;
}

static void judge_unwind(const struct sleeper *s, const struct unwind *w,
			 struct orc_proof *proof)
{
	const struct unwind_frame *last = &w->frames.v[w->frames.n - 1];
	bool led = w->end == UNWIND_USER
			   ? is_outermost(s, last->regs)
			   : w->end == UNWIND_DONE && is_outermost(s, last->sp);
	size_t i;

	for (i = 0; i < w->frames.n; i++)
		if (w->frames.v[i].guessed) {
			proof->silent++;
			return;
		}
	if (w->end == UNWIND_TRACED || w->end == UNWIND_NO_CODE)
		proof->silent++;
	else if (led)
		proof->led++;
	else
		proof->failed++;
}

static int judge_sleeper(const struct unwinder *u, const struct sleeper *s,
			 struct orc_proof *proof)
{
	_cleanup_(unwind_deinit) struct unwind w = {0};

	if (!s->sleeps)
		return 0;
	if (unwind_run(u, &s->start, &s->stack, 1, &w))
		return ERR_NOMEM;
	judge_unwind(s, &w, proof);
	return 0;
}

/* Of each kind a half, unless there are not so many. */
static int prove(struct kernel *k, const struct orc_tables *t,
		 struct orc_proof *proof, struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list list = {0};
	_cleanup_(sleepers_deinit) struct sleepers sleepers = {0};
	uint64_t tasks[ORC_PROOFS_MAX];
	struct unwinder u;
	size_t n, i;
	int rc = task_list_read(k, false, &list, err);

	if (rc)
		return rc;
	unwinder_init(&u, k, t);
	n = choose_tasks(&list, false, ORC_PROOFS_MAX / 2, tasks);
	n += choose_tasks(&list, true, ORC_PROOFS_MAX - n, tasks + n);
	rc = sleepers_read(k, &u, tasks, n, &sleepers, err);
	for (i = 0; i < n && !rc; i++)
		if (judge_sleeper(&u, &sleepers.v[i], proof))
			rc = err_nomem(err);
	return rc;
}

int orc_prove(struct kernel *k, struct orc_tables *t, struct orc_proof *proof,
	      struct remarks *remarks, struct err *err)
{
	struct orc_proof own;
	struct err why = {0};
	int rc;

	if (!proof)
		proof = &own;
	*proof = (struct orc_proof){0};
	if (!t->n)
		return 0;
	rc = prove(k, t, proof, &why);
	if (rc && rc != ERR_NO_LINUX)
		return err_pass(err, &why);
	if (rc)
		remarks_add(remarks,
			    "the rules for unwinding are not used: there is no "
			    "proof of them, as %s",
			    why.text);
	else if (!proof->led && !proof->failed && proof->silent)
		remarks_add(remarks,
			    "the rules for unwinding are not used: all %zu "
			    "tasks that would prove them sleep in code without "
			    "rules, or are traced",
			    proof->silent);
	else if (!proof->led && !proof->failed)
		remarks_add(remarks,
			    "the rules for unwinding are not used: no task "
			    "sleeps that would prove them");
	else if (proof->led * 4 < (proof->led + proof->failed) * LED_OF_FOUR)
		remarks_add(remarks,
			    "the rules for unwinding are not used: they do not "
			    "lead out of %zu of %zu sleeping tasks",
			    proof->failed, proof->led + proof->failed);
	else
		return 0;
	orc_tables_deinit(t);
	return 0;
}
