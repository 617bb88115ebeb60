/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi whomaps: all processes that map a frame, and the kernel's own ways. */
#include "cli/commands.h"

#include <stdlib.h>

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
static int whomaps_target(struct session *s, struct state *st, uint64_t *pa,
			  struct err *err)
{
	char label[64], text[128];
	struct place p;
	struct walk w;
	int rc = place_resolve(&s->guest, &st->addr, &p, err);

	if (rc)
		return rc;
	*pa = p.at;
	if (p.space == ADDR_PHYS)
		return 0;
	rc = walk_one(s->guest.machine, &p.root, p.at, &w, err);
	if (rc)
		return rc;
	*pa = w.pa;
	if (walk_has_frame(w.result))
		return 0;
	place_label(&p, p.at, label, sizeof(label));
	walk_describe(&w, text, sizeof(text));
	return err_set(err, ERR_NOT_FOUND, "%s: no page there: %s", label,
		       text);
}

/* Areas of those that have it. */
static int whomaps_areas(struct kernel *k, struct whomaps *a, struct err *err)
{
	size_t i, n = 0, last = SIZE_MAX;

	a->mapping_tasks =
		calloc(a->rmap.tasks.n + 1, sizeof(*a->mapping_tasks));
	a->part = calloc(a->rmap.found.list.n + 1, sizeof(*a->part));
	if (!a->mapping_tasks || !a->part)
		return err_nomem(err);
	for (i = 0; i < a->rmap.found.list.n; i++) {
		size_t space = a->rmap.found.list.v[i].space;

		if (!space)
			continue;
		if (space != last)
			a->mapping_tasks[n++] =
				a->rmap.tasks.v[a->rmap.owner[space]];
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
	uint64_t pa = 0;
	int rc = whomaps_target(s, st, &pa, err);

	if (!rc)
		rc = rmap_read(k, pa, &a->rmap, err);
	if (!rc)
		rc = whomaps_areas(k, a, err);
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
	rmap_deinit(&a->rmap);
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
