/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi dmesg: what the guest's kernel has said. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "kernel/clock.h"
#include "kernel/device/printk.h"
#include "proc/kmsg.h"
#include "proc/kmsg_follow.h"
#include "proc/proc.h"

/* Between pauses of one that follows. */
#define FOLLOW_MS 1000

struct state {
	struct kmsg_follow kept; /* first: it lasts */
	bool follows, ctime;
	uint8_t levels;	 /* a bit for each that is wanted; 0: all */
	int64_t boot_ns; /* with ctime, else 0 */
	struct printk_log log;
};

static const struct argp_option options[] = {
	{"ctime", 'T', NULL, 0, "Times of day, in UTC, by the guest's clock",
	 0},
	{"level", 'l', "LEVELS", 0,
	 "Only these: emerg, alert, crit, err, warn, notice, info, debug, "
	 "parted by commas; err+ is all from emerg to err, +info info and "
	 "debug",
	 0},
	{"follow", 'w', NULL, 0,
	 "Go on with what is said next, in a short pause each second, or as "
	 "--watch says; nothing is left out or told twice",
	 0},
	{0}};

static int dmesg_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	switch (key) {
	case 'T':
		st->ctime = true;
		return 0;
	case 'l':
		return kmsg_levels_parse(arg, &st->levels, err);
	case 'w':
		st->follows = true;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static unsigned int dmesg_follows(const void *state)
{
	const struct state *st = state;

	return st->follows ? FOLLOW_MS : 0;
}

static int dmesg_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = printk_read(s->guest.kernel, &st->log, err);

	if (!rc && st->ctime)
		rc = kernel_boot_time(s->guest.kernel, &st->boot_ns, err);
	return rc;
}

/* As asctime(3) has it, without a newline. */
static void time_of_day(const struct state *st, const struct printk_record *r,
			char *text, size_t size)
{
	/* What the guest says may be any number. */
	time_t seconds =
		(int64_t)((uint64_t)st->boot_ns + r->ts_nsec) / 1000000000;
	struct tm tm;

	if (!gmtime_r(&seconds, &tm) ||
	    !strftime(text, size, "[%a %b %e %H:%M:%S %Y] ", &tm))
		*text = '\0';
}

static void dmesg_show_text(const struct state *st,
			    const struct printk_record *r, struct out *out)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	char prefix[64];

	if (st->ctime)
		time_of_day(st, r, prefix, sizeof(prefix));
	else
		proc_kmsg_time(&st->log, r, prefix);
	proc_kmsg_lines(r, prefix, &b);
	out->oom |= b.oom;
	out_procfs(out, b.data, b.len);
}

/* What following it came to, but for the records. */
static void dmesg_show_news(const struct kmsg_news *news, struct out *out)
{
	if (news->anew)
		out_note(out, "another log: the guest has booted anew, or was "
			      "set back");
	if (news->lost)
		out_note(out,
			 "%" PRIu64 " records were overwritten before they "
			 "were read",
			 news->lost);
	if (news->damaged)
		out_note(out, "%zu records make no sense and are left out",
			 news->damaged);
}

static int dmesg_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	struct state *st = state;
	struct kmsg_news news = {.end = st->log.v.n};
	size_t i;

	(void)s, (void)err;
	if (st->follows)
		kmsg_follow(&st->kept, &st->log, &news);
	out_begin(out, OUT_LINES, proc_kmsg.columns, proc_kmsg.n_columns);
	for (i = news.first; i < news.end; i++) {
		const struct printk_record *r = &st->log.v.v[i];

		if (st->levels && !(st->levels >> (r->level & 7) & 1))
			continue;
		if (out->json)
			proc_kmsg_row(r, st->boot_ns, &out->rows.top);
		else
			dmesg_show_text(st, r, out);
		out_flush(out);
	}
	dmesg_show_news(&news, out);
	if (st->log.damaged && !st->follows)
		out_fail(out, ERR_UNREADABLE,
			 "dmesg: %zu records make no sense and are left out",
			 st->log.damaged);
	return 0;
}

static void dmesg_deinit(void *state)
{
	struct state *st = state;

	printk_deinit(&st->log);
}

const struct cmd cmd_dmesg = {
	.name = "dmesg",
	.topic = TOPIC_LOOK,
	.summary = "Print the kernel's log",
	.doc = "All that is in its ring buffer still, also of a kernel that "
	       "has crashed.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.max_args = 0,
	.repeats = true,
	.state_size = sizeof(struct state),
	.kept_size = sizeof(struct kmsg_follow),
	.option = dmesg_option,
	.run = dmesg_run,
	.follows = dmesg_follows,
	.show = dmesg_show,
	.deinit = dmesg_deinit,
};
