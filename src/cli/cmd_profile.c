/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi profile: keep a guest's symbols and types in a file. */
#include "cli/commands.h"

#include <string.h>

#include "cli/sink.h"

struct state {
	const char *path;
	struct sink_place place;
};

static int profile_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	(void)n;
	if (strcmp(argv[0], "save") != 0)
		return err_set(err, ERR_USAGE, "'%s' is not save", argv[0]);
	if (!*argv[1])
		return err_set(err, ERR_USAGE, "the file name is empty");
	st->path = argv[1];
	return 0;
}

enum {
	FILE_NAME,
	RELEASE,
	SOURCE,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[FILE_NAME] = ROW_COLUMN("file", "Saved", ROW_GUEST),
	[RELEASE] = ROW_COLUMN("release", "Kernel", ROW_GUEST),
	[SOURCE] = ROW_COLUMN("profile", "Profile from", ROW_WORDS),
};

static int profile_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = sink_find(s, st->path, false, &st->place, err);

	return rc ? err_wrap(err, rc, "profile save") : 0;
}

/* The disk is written to while the guest runs again. */
static int profile_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	struct state *st = state;
	struct row_table *t = &out->rows.top;
	int rc = profile_save(s->guest.kernel->profile, s->save_dir,
			      st->place.name, err);

	if (rc)
		return err_wrap(err, rc, "profile save");
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(t);
	row_string(t, FILE_NAME, st->path);
	row_string(t, RELEASE, s->guest.kernel->release);
	row_string(t, SOURCE, session_profile(s));
	return 0;
}

const struct cmd cmd_profile = {
	.name = "profile",
	.topic = TOPIC_GUEST,
	.summary = "Save the symbols and types of the guest's kernel",
	.args = "save FILE",
	.doc = "Other runs take FILE with --profile.",
	.needs = NEEDS_KERNEL,
	.min_args = 2,
	.max_args = 2,
	.state_size = sizeof(struct state),
	.operands = profile_operands,
	.prepare = profile_prepare,
	.show = profile_show,
};
