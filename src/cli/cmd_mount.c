/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi mount: the guest's /proc as files of this host. */
#include "cli/commands.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/background.h"
#include "cli/complain.h"
#include "cli/serving.h"
#include "mount/point.h"

struct state {
	const char *directory;
	bool allow_other, daemon;
	struct serving serving;
	struct point point;
	struct background background;
};

enum {
	KEY_ALLOW_OTHER = SERVING_OWN,
	KEY_DAEMON,
	KEY_WRITE
};

static const struct argp_option options[] = {
	{"allow-other", KEY_ALLOW_OTHER, NULL, 0,
	 "Let other users of this host look at it, too", 0},
	{"daemon", KEY_DAEMON, NULL, 0,
	 "Go into the background once it is mounted", 0},
	SERVING_OPTIONS,
	{"write", KEY_WRITE, NULL, 0,
	 "Let files of memory be written: each write is one of 'qvmi write', "
	 "guarded and in the journal",
	 0},
	{0}};

static int mount_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case KEY_ALLOW_OTHER:
		st->allow_other = true;
		return 0;
	case KEY_DAEMON:
		st->daemon = true;
		return 0;
	case KEY_WRITE:
		st->serving.write = true;
		return 0;
	default:
		return serving_option(&st->serving, key, arg, err);
	}
}

static int mount_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	(void)n, (void)err;
	st->directory = argv[0];
	return 0;
}

/* A line for who waits for it, and for who reads it. */
static void mount_ready(void *state)
{
	struct state *st = state;
	char words[PATH_MAX + 64];

	snprintf(words, sizeof(words), "the guest's /proc is mounted on %s",
		 st->point.directory);
	complain("", words);
	background_ready(&st->background);
}

/* Before there is a guest, for who is confined can mount nothing. */
static int mount_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = st->serving.write ? session_open_journal(s, NULL, err) : 0;
	int fd = -1;

	if (!rc)
		rc = point_init(&st->point, st->directory, err);
	st->serving.ready = mount_ready;
	st->serving.state = st;
	if (!rc && st->daemon)
		rc = background_start(&st->background, err);
	if (!rc)
		rc = point_keep(&st->point, err);
	if (!rc && !geteuid()) {
		fd = point_mount(st->point.directory, st->allow_other, err);
		rc = fd < 0 ? fd : 0;
	}
	if (!rc)
		rc = serve_open(&st->serving.serve, fd, st->point.directory,
				st->allow_other, err);
	return rc;
}

static int mount_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return serving_hold(&st->serving, s, -1, err);
}

enum {
	DIRECTORY,
	PAUSES,
	OPENS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[DIRECTORY] = ROW_COLUMN("directory", "Directory", ROW_WORDS),
	[PAUSES] = ROW_COLUMN("pauses", "Pauses", ROW_COUNT),
	[OPENS] = ROW_COLUMN("opens", "Opens", ROW_COUNT),
};

static int mount_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	struct state *st = state;
	struct row_table *t = &out->rows.top;
	int rc = serving_run(&st->serving, s, -1, err);

	if (!rc)
		rc = point_leave(&st->point, err);
	if (rc)
		return rc;
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(t);
	row_string(t, DIRECTORY, st->point.directory);
	row_number(t, PAUSES, st->serving.counts.pauses);
	row_number(t, OPENS, st->serving.counts.opens);
	return 0;
}

static void mount_deinit(void *state)
{
	struct state *st = state;

	serve_close(&st->serving.serve);
	point_leave(&st->point, NULL);
}

const struct cmd cmd_mount = {
	.name = "mount",
	.topic = TOPIC_LOOK,
	.summary = "Mount the guest's /proc on a directory",
	.args = "DIRECTORY",
	.doc = "The files that 'qvmi ls' lists, live: what is opened has its "
	       "text of one moment.  Runs until it is unmounted (umount, "
	       "fusermount3 -u), or ended by a signal.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.parts = true,
	.state_size = sizeof(struct state),
	.option = mount_option,
	.operands = mount_operands,
	.prepare = mount_prepare,
	.run = mount_run,
	.show = mount_show,
	.deinit = mount_deinit,
};
