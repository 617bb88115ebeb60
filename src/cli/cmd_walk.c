/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi walk: the page walk of one address, level by level. */
#include "cli/commands.h"

#include <stdlib.h>

#include "cli/sink.h"
#include "cli/walk_draw.h"
#include "lesson/lesson.h"
#include "cli/walk_page.h"
#include "walk/range.h"
#include "cli/walk_rows.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/number.h"
#include "guest/place.h"
#include "kernel/x86_64.h"

struct state {
	bool user_root, explain;
	struct addr addr;
	uint64_t len; /* 0: not given, one address */
	struct place place;
	struct walk walk;
	struct symbol symbol;
	struct lesson lesson;
	struct walk_runs runs;
	/* The file that is written, and what writes it; NULL: none. */
	const char *path;
	int (*write)(const void *shown, FILE *out, struct err *err);
	struct sink_place file;
};

enum {
	KEY_USER_ROOT = 0x100,
	KEY_EXPLAIN,
	KEY_SVG,
	KEY_HTML
};

static const struct argp_option options[] = {
	{"user-root", KEY_USER_ROOT, NULL, 0,
	 "Under PTI: walk the tables that the process has in user mode", 0},
	{"explain", KEY_EXPLAIN, NULL, 0,
	 "Say what each bit means, and why the walk ends as it does", 0},
	{"html", KEY_HTML, "FILE", 0,
	 "Write that to FILE, as a page to step through", 0},
	{"svg", KEY_SVG, "FILE", 0, "Write it to FILE as a picture", 0},
	{0}};

/* One run holds one directory open, for one file. */
static int take_file(struct state *st,
		     int (*write)(const void *shown, FILE *out,
				  struct err *err),
		     const char *path, struct err *err)
{
	if (st->write)
		return err_set(err, ERR_USAGE,
			       "--html and --svg: one file at a time");
	st->write = write;
	st->path = path;
	return 0;
}

static int walk_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case KEY_USER_ROOT:
		st->user_root = true;
		return 0;
	case KEY_EXPLAIN:
		st->explain = true;
		return 0;
	case KEY_SVG:
	case KEY_HTML:
		return take_file(st, key == KEY_SVG ? walk_svg : walk_html, arg,
				 err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int walk_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = addr_parse(argv[0], &st->addr, err);

	if (!rc && n > 1)
		rc = number_parse_size(argv[1], "length", WALK_RANGE_MAX,
				       &st->len, err);
	if (rc)
		return rc;
	if (n > 1 && !st->len)
		return err_set(err, ERR_USAGE, "length '%s' is zero", argv[1]);
	if (n > 1 && (st->explain || st->write))
		return err_set(err, ERR_USAGE,
			       "--explain, --html and --svg take one address, "
			       "no length");
	if (st->addr.space == ADDR_PHYS)
		return err_set(err, ERR_USAGE,
			       "'%s' is physical: there is nothing to walk",
			       argv[0]);
	if (st->user_root && st->addr.space != ADDR_PID)
		return err_set(err, ERR_USAGE,
			       "--user-root wants a PID before the address");
	return 0;
}

static enum needs walk_needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL : NEEDS_MACHINE;
}

static int walk_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = st->write ? sink_find_beside(s, st->path, &st->file, err) : 0;

	return rc ? err_wrap(err, rc, "walk") : 0;
}

static int enter_user_root(struct session *s, struct state *st, struct err *err)
{
	if (!s->guest.kernel->pti)
		return err_set(err, ERR_REFUSED,
			       "walk: this kernel runs without PTI, a process "
			       "has one root only: leave --user-root out");
	st->place.root.pgd = x86_64_user_half(st->place.root.pgd);
	st->place.root.poison = 0;
	return 0;
}

static int run_range(struct session *s, struct state *st, struct err *err)
{
	if (!place_fits(st->place.at, st->len))
		return err_set(err, ERR_REFUSED,
			       "walk: the range runs over the end of the "
			       "address space");
	return walk_range(s->guest.machine, &st->place.root, st->place.at,
			  st->len, &st->runs, err);
}

static int cmd_walk_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (!rc && st->user_root)
		rc = enter_user_root(s, st, err);
	if (rc)
		return rc;
	if (st->len)
		return run_range(s, st, err);
	rc = lookup_names(&s->guest, &st->place, &st->place.at, 1, &st->symbol,
			  err);
	if (!rc)
		rc = walk_one(s->guest.machine, &st->place.root, st->place.at,
			      &st->walk, err);
	if (!rc && (st->explain || st->write))
		rc = lesson_take(&s->guest, &st->place, &st->walk, &st->lesson,
				 err);
	return rc;
}

static int walk_show_range(struct state *st, struct out *out)
{
	struct walk_shown shown = {.place = &st->place};
	bool any = false;
	char label[64];
	size_t i;

	walk_rows_begin(out, true);
	for (i = 0; i < st->runs.list.n; i++) {
		shown.walk = &st->runs.list.v[i].walk;
		shown.len = st->runs.list.v[i].len;
		any |= walk_has_frame(shown.walk->result);
		walk_rows_add(out, &shown);
	}
	place_label(&st->place, st->place.at, label, sizeof(label));
	if (!any)
		out_fail(out, ERR_NOT_FOUND, "walk: %s: no page there", label);
	return 0;
}

/* https://no-color.org: any value that is not empty. */
static bool wants_colour(const struct out *out)
{
	const char *no = getenv("NO_COLOR");

	return out->terminal && !(no && *no);
}

/* The answer itself; nothing where standard output has the file. */
static void show_answer(const struct state *st, const struct walk_shown *shown,
			struct out *out)
{
	struct walk_shown plain = *shown;

	if (st->write && st->file.is_stdout) {
		out_begin(out, OUT_LINES, NULL, 0);
		return;
	}
	if (st->explain && !out->json) {
		out_begin(out, OUT_LINES, NULL, 0);
		walk_draw(out, shown, wants_colour(out));
		return;
	}
	if (!st->explain)
		plain.lesson = NULL;
	walk_rows_begin(out, false);
	walk_rows_add(out, &plain);
}

static int walk_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	struct walk_shown shown = {
		.place = &st->place, .walk = &st->walk, .symbol = &st->symbol};
	char label[64];
	int rc;

	if (st->len)
		return walk_show_range(st, out);
	if (st->explain || st->write) {
		shown.lesson = &st->lesson;
		rc = lesson_tell(&st->lesson, err);
		if (!rc && st->write)
			rc = sink_save_beside(s, &st->file, st->write, &shown,
					      err);
		if (rc)
			return err_wrap(err, rc, "walk");
	}
	show_answer(st, &shown, out);
	if (walk_has_frame(st->walk.result))
		return 0;
	place_label(&st->place, st->walk.va, label, sizeof(label));
	/* The reason is in the answer. */
	out_fail(out, ERR_NOT_FOUND, "walk: %s: no page there", label);
	return 0;
}

static void cmd_walk_deinit(void *state)
{
	struct state *st = state;

	sink_place_deinit(&st->file);
	lesson_deinit(&st->lesson);
	walk_runs_deinit(&st->runs);
}

const struct cmd cmd_walk = {
	.name = "walk",
	.topic = TOPIC_LOOK,
	.summary = "Walk the page tables for one address, or a range",
	.args = "ADDRESS [LENGTH]",
	.doc = "Prints every level: the table's physical address, index, "
	       "entry and its bits; then the result.  With LENGTH, which takes "
	       "K, M, G, every page of it is walked, and pages that follow "
	       "each other and go the same way share a line.  Exit status 1 "
	       "when there is no page.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = 2,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = walk_option,
	.operands = walk_operands,
	.needs_now = walk_needs_now,
	.prepare = walk_prepare,
	.run = cmd_walk_run,
	.show = walk_show,
	.deinit = cmd_walk_deinit,
};
