/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/schedstat (kernel/sched/stats.c, show_schedstat()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/masks.h"
#include "kernel/sched/sched_stats.h"
#include "proc/proc.h"

/* From this version on a domain has its name in its line. */
#define VERSION_NAMES 17

static void schedstat_put_queue(const struct sched_queue *q, struct buf *out)
{
	size_t i;

	buf_printf(out, "cpu%" PRIu32 " %" PRIu64 " 0", q->cpu, q->v[0]);
	for (i = 1; i < QUEUE_NUMBERS; i++)
		buf_printf(out, " %" PRIu64, q->v[i]);
	buf_puts(out, "\n");
}

static void schedstat_put_domain(const struct sched_stats *s, size_t i,
				 size_t level, struct buf *out)
{
	const struct sched_domain *d = &s->domains.v[i];
	size_t j;

	buf_printf(out, "domain%zu ", level);
	if (s->version >= VERSION_NAMES)
		buf_printf(out, "%s ", d->name);
	mask_put_hex(cpu_mask(&s->spans, i), s->spans.bits, out);
	for (j = 0; j < s->n_numbers; j++)
		buf_printf(out, " %" PRIu32, d->v[j]);
	buf_puts(out, "\n");
}

static void schedstat_put(const struct sched_stats *s, struct buf *out)
{
	size_t i, next = 0, level;

	buf_printf(out, "version %u\ntimestamp %" PRIu64 "\n", s->version,
		   s->jiffies);
	for (i = 0; i < s->queues.n; i++) {
		if (s->queues.v[i].known)
			schedstat_put_queue(&s->queues.v[i], out);
		for (level = 0;
		     next < s->domains.n && s->domains.v[next].queue == i;
		     level++, next++)
			if (s->domains.v[next].known)
				schedstat_put_domain(s, next, level, out);
	}
}

static int schedstat_read(struct kernel *k, struct proc_values *out,
			  struct err *err)
{
	struct remarks remarks = {0};
	struct sched_stats stats = {0};
	int rc = sched_stats_read(k, &stats, &remarks, err);

	if (!rc)
		schedstat_put(&stats, &out->parts->text);
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	sched_stats_deinit(&stats);
	return rc;
}

const struct proc_file proc_schedstat = {
	.name = "schedstat",
	.scope = PROC_SYSTEM,
	.needs = "show_schedstat",
	.read = schedstat_read,
};
