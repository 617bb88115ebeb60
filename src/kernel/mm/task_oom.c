/* SPDX-License-Identifier: BSD-2-Clause */
/* Judges tasks as the kernel's OOM killer does. */
#include "kernel/mm/task_oom.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/mm/mm_numbers.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/mm/rss.h"
#include "kernel/task/task_numbers.h"
#include "kernel/task/task_threads.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_MM = WANTS_OF(READER_TASK_OOM),
	STRUCT_CACHE_NODE
};

static const struct want want_table[] = {
	FIELD(TASK_MM, "task_struct", REQUIRED, "mm"),
	STRUCT(CACHE_NODE, "kmem_cache_per_node_ptrs", OPTIONAL), /* 7.1 */
};

const struct wants task_oom_wants = {.reader = "scores of the OOM killer",
				     .v = want_table,
				     .n = WANTS_N(want_table)};

#define OOM_SCORE_ADJ_MIN (-1000)      /* include/uapi/linux/oom.h */
#define MMF_OOM_SKIP	  (1ULL << 21) /* include/linux/sched/coredump.h */

struct oom_reading {
	struct task_numbers *numbers;
	struct mm_numbers *mm;
	struct rss *rss;
	uint64_t *parents;
	struct records of_parents;
	uint64_t ram, swap; /* pages */
	bool exact;	    /* it adds up the shares of CPUs, too: 7.0 */
};

static void oom_reading_deinit(struct oom_reading *r)
{
	free(r->numbers);
	free(r->mm);
	free(r->rss);
	free(r->parents);
	records_deinit(&r->of_parents);
}

/* Pages of RAM and swap; 0 of none, and where they are not known. */
static int oom_read_totals(struct kernel *k, struct oom_reading *r,
			   struct err *err)
{
	int rc = kernel_read_symbol(k, "_totalram_pages", 8, &r->ram, err);

	if (!rc)
		rc = kernel_read_symbol(k, "total_swap_pages", 8, &r->swap,
					err);
	return rc == ERR_NOT_FOUND ? 0 : rc;
}

/* Memory that it has from a parent who waits is not judged: in_vfork(). */
static int oom_read_parents(struct kernel *k, size_t n, struct oom_reading *r,
			    struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_MM};
	size_t i;

	for (i = 0; i < n; i++)
		r->parents[i] = r->numbers[i].v[TASK_VFORK_DONE]
					? r->numbers[i].v[TASK_REAL_PARENT]
					: 0;
	return records_read(k, r->parents, n, fields, 1, &r->of_parents, err);
}

static int oom_reading_read(struct kernel *k, const struct task *tasks,
			    size_t n, struct oom_reading *r, struct err *err)
{
	int rc;

	r->numbers = calloc(n + 1, sizeof(*r->numbers));
	r->mm = calloc(n + 1, sizeof(*r->mm));
	r->rss = calloc(n + 1, sizeof(*r->rss));
	r->parents = calloc(n + 1, sizeof(*r->parents));
	if (!r->numbers || !r->mm || !r->rss || !r->parents)
		return err_nomem(err);
	r->exact = profile_sizeof(k->profile, STRUCT_CACHE_NODE);
	rc = task_numbers_read(k, tasks, n, r->numbers, err);
	if (!rc)
		rc = mm_numbers_read(k, tasks, n, r->mm, err);
	if (!rc)
		rc = rss_of_tasks(k, tasks, n, r->rss, err);
	if (!rc)
		rc = oom_read_parents(k, n, r, err);
	return rc ? rc : oom_read_totals(k, r, err);
}

/* Whether it is one of those that are never ended. */
static bool oom_spares(const struct task *t, const struct oom_reading *r,
		       size_t i)
{
	return t->tgid == 1 || r->mm[i].none ||
	       (int16_t)r->numbers[i].v[TASK_OOM_SCORE_ADJ] ==
		       OOM_SCORE_ADJ_MIN ||
	       r->mm[i].v[MM_FLAGS] & MMF_OOM_SKIP ||
	       (r->parents[i] &&
		records_u64(&r->of_parents, i, FIELD_TASK_MM) == t->mm);
}

/* oom_badness(), and proc_oom_score() of it. */
static uint64_t oom_score(const struct oom_reading *r, size_t i)
{
	const struct rss *rss = &r->rss[i];
	int64_t total = (int64_t)(r->ram + r->swap);
	int64_t adj = (int16_t)r->numbers[i].v[TASK_OOM_SCORE_ADJ];
	int64_t points =
		(int64_t)((r->exact ? rss_total(rss) + rss->swap
				    : rss->rough + rss->rough_swap) +
			  r->mm[i].v[MM_PGTABLES_BYTES] / PAGE_SIZE_4K);

	points += adj * (total / 1000);
	return (uint64_t)((1000 + points * 1000 / total) * 2 / 3);
}

/* Totals and counts that no machine has would overflow. */
static bool oom_known(const struct oom_reading *r, size_t i)
{
	const struct rss *rss = &r->rss[i];
	const uint64_t most = 1ULL << 40;

	return r->numbers[i].known[TASK_OOM_SCORE_ADJ] &&
	       r->mm[i].known[MM_FLAGS] && r->mm[i].known[MM_PGTABLES_BYTES] &&
	       rss->known && r->ram && r->ram < most && r->swap < most &&
	       rss_total(rss) < most && rss->rough < most && rss->swap < most &&
	       rss->rough_swap < most;
}

/* Whose leader has given its memory up: its other threads may have it. */
static bool oom_lacks_memory(const struct task *t)
{
	return !t->mm && !task_is_kthread(t);
}

/*
 * find_lock_task_mm(): put a thread that has memory in place of a task that has
 * none.  torn[i]: there may be one that was not found.
 */
static int oom_find_threads(struct kernel *k, struct task *tasks, size_t n,
			    bool *torn, struct err *err)
{
	_cleanup_(task_threads_deinit) struct task_threads t = {0};
	_cleanup_free_ struct task *lacking = calloc(n + 1, sizeof(*lacking));
	_cleanup_free_ size_t *at = calloc(n + 1, sizeof(*at));
	size_t i, lack = 0;
	int rc;

	if (!lacking || !at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (oom_lacks_memory(&tasks[i])) {
			lacking[lack] = tasks[i];
			at[lack++] = i;
		}
	rc = task_threads_read(k, lacking, lack, true, &t, err);
	for (i = lack; i < t.v.n && !rc; i++) {
		struct task *of = &tasks[at[t.of.v[i]]];

		if (oom_lacks_memory(of))
			*of = t.v.v[i];
	}
	for (i = 0; i < lack; i++)
		torn[at[i]] = t.torn && oom_lacks_memory(&tasks[at[i]]);
	return rc;
}

int task_oom_read(struct kernel *k, const struct task *tasks, size_t n,
		  struct task_oom *out, struct err *err)
{
	_cleanup_(oom_reading_deinit) struct oom_reading r = {0};
	_cleanup_free_ struct task *judged = calloc(n + 1, sizeof(*judged));
	_cleanup_free_ bool *torn = calloc(n + 1, sizeof(*torn));
	size_t i;
	int rc;

	if (!judged || !torn)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		judged[i] = tasks[i];
	rc = oom_find_threads(k, judged, n, torn, err);
	if (!rc)
		rc = oom_reading_read(k, judged, n, &r, err);
	for (i = 0; i < n && !rc; i++) {
		out[i] = (struct task_oom){.torn = r.numbers[i].torn ||
						   r.mm[i].torn || torn[i] ||
						   !r.rss[i].known};
		if (oom_spares(&judged[i], &r, i))
			out[i].known = !out[i].torn;
		else if (oom_known(&r, i))
			out[i] = (struct task_oom){.score = oom_score(&r, i),
						   .known = true};
	}
	return rc;
}
