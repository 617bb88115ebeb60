/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi write: change memory, with what the process may do as the limit. */
#include "cli/commands.h"

#include "cli/change_show.h"
#include "cli/plan.h"
#include "edit/change.h"
#include "edit/record.h"
#include "guest/value.h"

struct state {
	unsigned int width; /* 0: not given, 1 */
	const char *file;   /* NULL: operands */
	VEC(char *) expect;
	struct plan_texts texts;
	struct change change;
};

enum {
	KEY_EXPECT = 0x200,
	KEY_SHARED,
	KEY_READONLY,
	KEY_PHYSICAL
};

static const struct argp_option options[] = {
	{"width", 'w', "BYTES", 0, "Bytes of each number: 1 (default), 2, 4, 8",
	 0},
	{"expect", KEY_EXPECT, "VALUE", 0,
	 "Write only if this is there before; once for each VALUE", 0},
	{"shared", KEY_SHARED, NULL, 0,
	 "Also pages that others use: shared mappings, files, copy on write",
	 0},
	{"readonly", KEY_READONLY, NULL, 0, "Also what its owner may not write",
	 0},
	{"physical", KEY_PHYSICAL, NULL, 0,
	 "Also frames that nothing good is known of", 0},
	{"file", 'f', "FILE", 0,
	 "Take the writes from FILE (-: standard input), one a line", 0},
	{0}};

static int write_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case 'w':
		return value_width(arg, &st->width, err);
	case 'f':
		st->file = arg;
		return 0;
	case KEY_EXPECT:
		return vec_push(&st->expect, (char *)(uintptr_t)arg)
			       ? err_nomem(err)
			       : 0;
	case KEY_SHARED:
		st->change.allow |= GUARD_SHARED;
		return 0;
	case KEY_READONLY:
		st->change.allow |= GUARD_READONLY;
		return 0;
	case KEY_PHYSICAL:
		st->change.allow |= GUARD_PHYSICAL;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int write_take_file(struct state *st, int n, struct err *err)
{
	if (n || st->expect.n)
		return err_set(err, ERR_USAGE, "with -f all is in the file: %s",
			       n ? "no operands, please" : "--expect, too");
	st->change.command = "write -f";
	return plan_read(&st->change, st->file, st->width, &st->texts, err);
}

static int write_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	const struct plan_write w = {.words = argv,
				     .n = (size_t)n,
				     .expect = st->expect.v,
				     .n_expect = st->expect.n,
				     .width = st->width};

	st->change.command = "write";
	if (st->file)
		return write_take_file(st, n, err);
	if (n < 2)
		return cmd_missing(&cmd_write, err);
	return plan_add(&st->change, &w, err);
}

static enum needs write_needs_now(const void *state)
{
	const struct state *st = state;

	return change_needs(&st->change);
}

static int write_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = change_run(&s->editor, &st->change, err);

	return rc ? err_wrap(err, rc, "write") : 0;
}

static int write_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	struct state *st = state;

	(void)s;
	(void)err;
	change_show(&st->change, out);
	return 0;
}

static void write_deinit(void *state)
{
	struct state *st = state;

	vec_deinit(&st->expect);
	change_deinit(&st->change);
	plan_texts_deinit(&st->texts);
}

const struct cmd cmd_write = {
	.name = "write",
	.topic = TOPIC_CHANGE,
	.summary = "Change memory, and show old and new bytes",
	.args = "ADDRESS VALUE...\n-f FILE",
	.doc = "VALUE is a number (decimal or 0x; little-endian, one byte "
	       "unless -w says more), str:TEXT, hex:DIGITS, file:PATH or "
	       "fill:BYTExCOUNT.  All is checked before the first byte is "
	       "written: every page must be there, be RAM, and be memory that "
	       "one process alone uses and may write, or data of the kernel; "
	       "options allow more.  What is written is recorded first: see "
	       "'qvmi journal' and 'qvmi undo'.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 0,
	.max_args = -1,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = write_option,
	.operands = write_operands,
	.needs_now = write_needs_now,
	.prepare = session_open_journal,
	.run = write_run,
	.show = write_show,
	.deinit = write_deinit,
};
