/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi layout: the map of the kernel's virtual memory, and what is there. */
#include "cli/commands.h"

#include <string.h>

#include "cli/layout_page.h"
#include "cli/ptdump.h"
#include "cli/sink.h"
#include "guest/addr.h"
#include "guest/number.h"
#include "layout/at.h"
#include "layout/map.h"
#include "layout/process.h"

enum layout_what {
	LAYOUT_MAP,
	LAYOUT_AT,
	LAYOUT_PROCESS
};

struct state {
	enum layout_what what;
	struct addr addr; /* LAYOUT_AT */
	uint64_t pid;	  /* LAYOUT_PROCESS */
	struct layout_map map;
	struct layout_at at;
	struct layout_process process;
	const char *path; /* of a file that is written; NULL: none */
	struct sink_place file;
};

enum {
	KEY_HTML = 0x100
};

static const struct argp_option options[] = {
	{"html", KEY_HTML, "FILE", 0,
	 "Write the map to FILE, as a page to zoom into", 0},
	{0}};

static int layout_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	(void)err;
	if (key != KEY_HTML)
		return ARGP_ERR_UNKNOWN;
	st->path = arg;
	return 0;
}

/* A number of few digits: as an address it would be one of no use. */
static bool is_pid(const char *text)
{
	size_t n = strspn(text, "0123456789");

	return n && n <= ADDR_MAX_PID_DIGITS && !text[n];
}

static int layout_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc;

	if (!n)
		return 0;
	st->what = is_pid(argv[0]) ? LAYOUT_PROCESS : LAYOUT_AT;
	if (st->what == LAYOUT_PROCESS)
		return number_parse(argv[0], "PID", ADDR_MAX_PID, &st->pid,
				    err);
	rc = addr_parse(argv[0], &st->addr, err);
	if (!rc && st->path)
		rc = err_set(err, ERR_USAGE,
			     "--html is for the whole map, or that of a "
			     "process: '%s' is an address",
			     argv[0]);
	if (!rc && st->addr.space != ADDR_KERNEL && st->addr.space != ADDR_PID)
		rc = err_set(err, ERR_USAGE,
			     "'%s': the map is of virtual memory, of the "
			     "kernel and of processes",
			     argv[0]);
	return rc;
}

static int layout_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = st->path ? sink_find_beside(s, st->path, &st->file, err) : 0;

	return rc ? err_wrap(err, rc, "layout") : 0;
}

static int layout_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = 0;

	switch (st->what) {
	case LAYOUT_MAP:
		rc = layout_map_read(&s->guest, &st->map, err);
		break;
	case LAYOUT_AT:
		rc = layout_at_read(&s->guest, &st->addr, &st->at, err);
		break;
	case LAYOUT_PROCESS:
		rc = layout_process_read(s->guest.kernel, (uint32_t)st->pid,
					 &st->process, err);
		break;
	}
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

/* Of a map with a page. */
static int layout_write(struct session *s, const struct state *st,
			struct err *err)
{
	int rc = st->what == LAYOUT_MAP
			 ? sink_save_beside(s, &st->file, layout_map_html,
					    &st->map, err)
			 : sink_save_beside(s, &st->file, layout_process_html,
					    &st->process, err);

	return rc ? err_wrap(err, rc, "layout") : 0;
}

static int layout_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	const struct state *st = state;
	/* Standard output has the page, and nothing else. */
	bool rows = !st->path || !st->file.is_stdout;
	int rc = st->path ? layout_write(s, st, err) : 0;

	if (rc)
		return rc;
	if (!rows)
		out_begin(out, OUT_LINES, NULL, 0);
	switch (st->what) {
	case LAYOUT_MAP:
		if (rows)
			layout_map_rows(&st->map, out_record(out));
		ptdump_show_faults(&st->map.dump, "layout", out);
		break;
	case LAYOUT_AT:
		layout_show_at(&st->at, out);
		break;
	case LAYOUT_PROCESS:
		if (rows)
			layout_process_rows(&st->process, out_record(out));
		layout_process_faults(&st->process, out);
		break;
	}
	return 0;
}

static void layout_deinit(void *state)
{
	struct state *st = state;

	sink_place_deinit(&st->file);
	layout_map_deinit(&st->map);
	layout_at_deinit(&st->at);
	layout_process_deinit(&st->process);
}

const struct cmd cmd_layout = {
	.name = "layout",
	.topic = TOPIC_LOOK,
	.summary = "Show the map of virtual memory, or what is at an address",
	.args = "[PID|ADDRESS]",
	.doc = "The regions of the address space at this guest's own bases, "
	       "what each has mapped now, and the addresses that the kernel's "
	       "sources have names for.  With ADDRESS the region that it is "
	       "in, and all that it is part of: symbol, module and section, "
	       "slab object, area of vmalloc, per-CPU variable, kernel stack, "
	       "slot of the fixmap, area of a process (PID:ADDRESS).  With "
	       "PID, a number of up to 7 digits, the process's half: what "
	       "each area is, the gaps between them, and what is random.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = layout_option,
	.operands = layout_operands,
	.prepare = layout_prepare,
	.run = layout_run,
	.show = layout_show,
	.deinit = layout_deinit,
};
