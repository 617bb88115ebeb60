/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/kmsg, from the first record that is there on. */
#include "proc/kmsg.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

enum {
	SEQ,
	TIME,
	LEVEL,
	FACILITY,
	TEXT,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[SEQ] = ROW_COLUMN("seq", NULL, ROW_COUNT),
	[TIME] = ROW_COLUMN("time_ns", NULL, ROW_COUNT),
	[LEVEL] = ROW_COLUMN("level", NULL, ROW_COUNT),
	[FACILITY] = ROW_COLUMN("facility", NULL, ROW_COUNT),
	[TEXT] = ROW_COLUMN("text", NULL, ROW_GUEST),
};

void proc_kmsg_row(const struct printk_record *r, int64_t boot_ns,
		   struct row_table *out)
{
	row_add(out);
	row_number(out, SEQ, r->seq);
	row_number(out, TIME, (uint64_t)boot_ns + r->ts_nsec);
	row_number(out, LEVEL, r->level);
	row_number(out, FACILITY, r->facility);
	row_bytes(out, TEXT, r->text, r->len);
}

int proc_kmsg_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct proc_part *part = out->parts;
	struct printk_log *log = calloc(1, sizeof(*log));
	int rc;

	out->own = log;
	if (!log)
		return err_nomem(err);
	rc = printk_read(k, log, err);
	part->records = log->v.n;
	if (log->damaged)
		buf_printf(&part->why, "%zu records of the log make no sense",
			   log->damaged);
	return rc;
}

static void kmsg_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct printk_log *log = v->own;
	const struct printk_record *r = &log->v.v[record];
	char time[KMSG_TIME], prefix[KMSG_TIME + 8];

	(void)i;
	proc_kmsg_time(log, r, time);
	snprintf(prefix, sizeof(prefix), "<%u>%s",
		 (unsigned int)r->facility << 3 | r->level, time);
	proc_kmsg_lines(r, prefix, out);
}

static void kmsg_rows(const struct proc_values *v, size_t i, size_t record,
		      struct row_table *out)
{
	const struct printk_log *log = v->own;

	(void)i;
	proc_kmsg_row(&log->v.v[record], 0, out);
}

void proc_kmsg_deinit(struct proc_values *v)
{
	printk_deinit(v->own);
	free(v->own);
}

const struct proc_file proc_kmsg = {
	.name = "kmsg",
	.scope = PROC_SYSTEM,
	.read = proc_kmsg_read,
	.text = kmsg_text,
	.columns = columns,
	.n_columns = N_COLUMNS,
	.rows = kmsg_rows,
	.deinit = proc_kmsg_deinit,
};
