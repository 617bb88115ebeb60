/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi whomaps: all processes that map a frame, and the kernel's own ways. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "cli/whomaps.h"
#include "guest/addr.h"
#include "guest/place.h"

struct state {
	struct addr addr;
	struct whomaps answer;
};

static int whomaps_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	(void)n;
	return addr_parse(argv[0], &st->addr, err);
}

/* The byte that was asked for. */
static int whomaps_target(struct session *s, struct state *st, struct err *err)
{
	char label[64], text[128];
	struct place p;
	struct walk w;
	int rc = place_resolve(&s->guest, &st->addr, &p, err);

	if (rc)
		return rc;
	st->answer.pa = p.at;
	if (p.space == ADDR_PHYS)
		return 0;
	rc = walk_one(s->guest.machine, &p.root, p.at, &w, err);
	if (rc)
		return rc;
	st->answer.pa = w.pa;
	if (walk_has_frame(w.result))
		return 0;
	place_label(&p, p.at, label, sizeof(label));
	walk_describe(&w, text, sizeof(text));
	return err_set(err, ERR_NOT_FOUND, "%s: no page there: %s", label,
		       text);
}

/*
 * Each mm once, with the process that comes first of those that have it: a
 * leader that has ended has none, and its threads do.
 */
static int pick_spaces(struct kernel *k, struct whomaps *a, struct err *err)
{
	_cleanup_(map_deinit) struct map seen = {0};
	size_t i, n = 0;

	for (i = 0; i < a->tasks.n; i++) {
		const struct task *t = &a->tasks.v[i];

		if (map_get(&seen, t->mm, NULL))
			continue;
		if (map_put(&seen, t->mm, i))
			return err_nomem(err);
		a->tasks.v[n++] = *t;
	}
	a->tasks.n = n;
	a->mms = calloc(n + 1, sizeof(*a->mms));
	if (!a->mms)
		return err_nomem(err);
	return mm_of_tasks(k, a->tasks.v, n, a->mms, err);
}

/* Lower halves of all processes, and what the kernel has for all of them. */
static int whomaps_scan(struct session *s, struct whomaps *a, struct err *err)
{
	struct kernel *k = s->guest.kernel;
	_cleanup_free_ struct mappings_space *spaces =
		calloc(a->tasks.n + 1, sizeof(*spaces));
	uint64_t half = 1ULL << (k->root.paging->va_bits - 1);
	size_t i, n = 0;

	a->owner = calloc(a->tasks.n + 1, sizeof(*a->owner));
	if (!spaces || !a->owner)
		return err_nomem(err);
	spaces[n++] = (struct mappings_space){&k->root, -half, UINT64_MAX};
	for (i = 0; i < a->tasks.n; i++) {
		if (!a->mms[i].readable) {
			a->n_unread++;
			continue;
		}
		a->owner[n] = i;
		spaces[n++] =
			(struct mappings_space){&a->mms[i].root, 0, half - 1};
	}
	/* Tables that are shared (hugetlb) are read once for each. */
	a->tables.left = kernel_room(k, PAGE_SIZE_4K) * 2 + n;
	return mappings_find(s->guest.machine, spaces, n, a->pa, &a->tables,
			     &a->found, err);
}

/* Areas of those that have it. */
static int whomaps_areas(struct kernel *k, struct whomaps *a, struct err *err)
{
	size_t i, n = 0, last = SIZE_MAX;

	a->mapping_tasks = calloc(a->tasks.n + 1, sizeof(*a->mapping_tasks));
	a->part = calloc(a->found.list.n + 1, sizeof(*a->part));
	if (!a->mapping_tasks || !a->part)
		return err_nomem(err);
	for (i = 0; i < a->found.list.n; i++) {
		size_t space = a->found.list.v[i].space;

		if (!space)
			continue;
		if (space != last)
			a->mapping_tasks[n++] = a->tasks.v[a->owner[space]];
		last = space;
		a->part[i] = n - 1;
	}
	return n ? proc_read(&proc_pid_maps, k, a->mapping_tasks, n, &a->maps,
			     err)
		 : 0;
}

static int whomaps_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct whomaps *a = &st->answer;
	struct kernel *k = s->guest.kernel;
	uint64_t pfn;
	int rc = whomaps_target(s, st, err);

	pfn = a->pa / PAGE_SIZE_4K;
	if (!rc)
		rc = task_list_read(k, true, &a->tasks, err);
	if (!rc) {
		task_list_keep_memory(&a->tasks);
		rc = pick_spaces(k, a, err);
	}
	if (!rc)
		rc = whomaps_scan(s, a, err);
	if (!rc)
		rc = whomaps_areas(k, a, err);
	if (!rc)
		rc = page_read(k, &pfn, 1, &a->page, err);
	if (!rc)
		rc = aliases_find(k, &a->pa, 1, &a->aliases, err);
	return rc ? err_wrap(err, rc, "whomaps") : 0;
}

static int whomaps_show_all(struct session *s, void *state, struct out *out,
			    struct err *err)
{
	struct state *st = state;

	(void)err;
	whomaps_show(out, s->guest.kernel, &st->answer);
	return 0;
}

static void whomaps_deinit(void *state)
{
	struct whomaps *a = &((struct state *)state)->answer;

	proc_values_deinit(&a->maps);
	mappings_deinit(&a->found);
	task_list_deinit(&a->tasks);
	free(a->mms);
	free(a->owner);
	free(a->mapping_tasks);
	free(a->part);
}

const struct cmd cmd_whomaps = {
	.name = "whomaps",
	.topic = TOPIC_LOOK,
	.summary = "Show all that map a frame: processes, and the kernel",
	.args = "ADDRESS",
	.doc = "ADDRESS may be physical (p:, pfn:), or in any other space: "
	       "then its frame is meant.  The page tables of all processes "
	       "are looked through, each once.  Prints where each has it, "
	       "with what permissions, and in which area of memory; then "
	       "what the kernel itself has.  A count of the kernel's that "
	       "differs is noted.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = whomaps_operands,
	.run = whomaps_run,
	.show = whomaps_show_all,
	.deinit = whomaps_deinit,
};
