/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi layout: the map of the kernel's virtual memory, and what is there. */
#include "cli/commands.h"

#include "cli/ptdump.h"
#include "guest/addr.h"
#include "layout/at.h"
#include "layout/map.h"

struct state {
	bool one; /* an address was named */
	struct addr addr;
	struct layout_map map;
	struct layout_at at;
};

static int layout_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc;

	st->one = n;
	if (!n)
		return 0;
	rc = addr_parse(argv[0], &st->addr, err);
	if (!rc && st->addr.space != ADDR_KERNEL && st->addr.space != ADDR_PID)
		rc = err_set(err, ERR_USAGE,
			     "'%s': the map is of virtual memory, of the "
			     "kernel and of processes",
			     argv[0]);
	return rc;
}

static int layout_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = st->one ? layout_at_read(&s->guest, &st->addr, &st->at, err)
			 : layout_map_read(&s->guest, &st->map, err);

	return rc ? err_wrap(err, rc, "layout") : 0;
}

static void layout_show_at(const struct layout_at *a, struct out *out)
{
	const char *remark = NULL;

	layout_at_rows(a, out_record(out));
	if (a->place.space != ADDR_PID && !a->region.start)
		out_note(out, "this is user space: which process is meant?");
	while ((remark = remarks_next(&a->remarks, remark)))
		out_fail(out, ERR_UNREADABLE, "layout: %s", remark);
}

static int layout_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	const struct state *st = state;

	(void)s, (void)err;
	if (st->one) {
		layout_show_at(&st->at, out);
	} else {
		layout_map_rows(&st->map, out_record(out));
		ptdump_show_faults(&st->map.dump, "layout", out);
	}
	return 0;
}

static void layout_deinit(void *state)
{
	struct state *st = state;

	layout_map_deinit(&st->map);
	layout_at_deinit(&st->at);
}

const struct cmd cmd_layout = {
	.name = "layout",
	.topic = TOPIC_LOOK,
	.summary = "Show the map of virtual memory, or what is at an address",
	.args = "[ADDRESS]",
	.doc = "The regions of the address space at this guest's own bases, "
	       "what each has mapped now, and the addresses that the kernel's "
	       "sources have names for.  With ADDRESS the region that it is "
	       "in, and all that it is part of: symbol, module and section, "
	       "slab object, area of vmalloc, per-CPU variable, kernel stack, "
	       "slot of the fixmap, area of a process (PID:ADDRESS).",
	.needs = NEEDS_KERNEL,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = layout_operands,
	.run = layout_run,
	.show = layout_show,
	.deinit = layout_deinit,
};
