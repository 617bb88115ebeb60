/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/kmsg, from the first record that is there on. */
#include "proc/kmsg.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "proc/proc.h"

void proc_kmsg_lines(const struct printk_record *r, const char *prefix,
		     struct buf *out)
{
	const char *line = r->text, *end = r->text + r->len, *stop;

	do {
		stop = memchr(line, '\n', (size_t)(end - line));
		if (!stop)
			stop = end;
		buf_puts(out, prefix);
		buf_add(out, line, (size_t)(stop - line));
		buf_puts(out, "\n");
		line = stop + 1;
	} while (stop < end);
}

void proc_kmsg_time(const struct printk_log *l, const struct printk_record *r,
		    char text[KMSG_TIME])
{
	*text = '\0';
	if (l->times)
		snprintf(text, KMSG_TIME, "[%5" PRIu64 ".%06" PRIu64 "] ",
			 r->ts_nsec / 1000000000,
			 r->ts_nsec % 1000000000 / 1000);
}

static int read_kmsg(struct kernel *k, const struct task *tasks, size_t n,
		     struct proc_text *out, struct err *err)
{
	_cleanup_(printk_deinit) struct printk_log log = {0};
	int rc = printk_read(k, &log, err);
	char time[KMSG_TIME], prefix[KMSG_TIME + 8];
	size_t i;

	(void)tasks, (void)n;
	for (i = 0; !rc && i < log.v.n; i++) {
		const struct printk_record *r = &log.v.v[i];

		proc_kmsg_time(&log, r, time);
		snprintf(prefix, sizeof(prefix), "<%u>%s",
			 (unsigned int)r->facility << 3 | r->level, time);
		proc_kmsg_lines(r, prefix, &out->text);
	}
	if (!rc && log.damaged)
		err_set(&out->why, ERR_UNREADABLE,
			"%zu records of the log make no sense", log.damaged);
	return rc;
}

const struct proc_file proc_kmsg = {
	.name = "kmsg",
	.scope = PROC_SYSTEM,
	.read = read_kmsg,
};
