/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi dmesg: what the guest's kernel has said. */
#include "cli/commands.h"

#include <stdio.h>
#include <time.h>

#include "base/cleanup.h"
#include "kernel/clock.h"
#include "kernel/printk.h"
#include "proc/kmsg.h"
#include "proc/proc.h"

struct state {
	bool ctime;
	int64_t boot_ns; /* with ctime, else 0 */
	struct printk_log log;
};

static const struct argp_option options[] = {
	{"ctime", 'T', NULL, 0, "Times of day, in UTC, by the guest's clock",
	 0},
	{0}};

static int dmesg_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	(void)arg, (void)err;
	if (key != 'T')
		return ARGP_ERR_UNKNOWN;
	st->ctime = true;
	return 0;
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
	time_t seconds =
		(time_t)((st->boot_ns + (int64_t)r->ts_nsec) / 1000000000);
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

static int dmesg_show(struct session *s, void *state, struct out *out,
		      struct err *err)
{
	const struct state *st = state;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_LINES, proc_kmsg.columns, proc_kmsg.n_columns);
	for (i = 0; i < st->log.v.n; i++) {
		if (out->json)
			proc_kmsg_row(&st->log.v.v[i], st->boot_ns,
				      &out->rows.top);
		else
			dmesg_show_text(st, &st->log.v.v[i], out);
		out_flush(out);
	}
	if (st->log.damaged)
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
	.option = dmesg_option,
	.run = dmesg_run,
	.show = dmesg_show,
	.deinit = dmesg_deinit,
};
