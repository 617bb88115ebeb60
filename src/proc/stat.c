/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/stat (fs/proc/stat.c, show_stat()). */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cursor.h"
#include "kernel/clock.h"
#include "kernel/device/cpu_times.h"
#include "kernel/cpus.h"
#include "kernel/device/irqs.h"
#include "kernel/device/softirqs.h"
#include "kernel/summary_words.h"
#include "kernel/variables.h"
#include "kernel/device/x86_64_irqs.h"
#include "proc/proc.h"

struct values {
	struct cpus cpus;
	struct kernel_clock clock;
	struct cpu_loads loads;
	struct irqs irqs;
	struct cpu_irqs cpu_irqs;
	struct softirqs soft;
	uint64_t forks;
};

#define NS_PER_S 1000000000
/* USER_HZ is 100. */
#define NS_PER_TICK 10000000u

static int stat_read_values(struct kernel *k, struct values *v,
			    struct remarks *remarks, struct err *err)
{
	struct variable forks = {.name = "total_forks", .size = 8};
	int rc = summary_words_fetch(k, err);

	if (!rc)
		rc = cpus_read(k, &v->cpus, err);
	if (!rc)
		rc = kernel_clock_read(k, &v->clock, err);
	if (!rc)
		rc = variables_read(k, &forks, 1, err);
	v->forks = forks.value;
	if (!rc)
		rc = cpu_loads_read(k, &v->cpus, &v->clock, &v->loads, err);
	if (!rc && !v->loads.known)
		rc = profile_unknown(k->profile,
				     "times of CPUs are kept in no way that "
				     "is known, or cannot be read",
				     err);
	if (!rc)
		rc = softirqs_read(k, &v->cpus, &v->soft, err);
	if (!rc)
		rc = cpu_irqs_read(k, &v->cpus, &v->cpu_irqs, err);
	return rc ? rc : irqs_read(k, &v->cpus, &v->irqs, remarks, err);
}

static int stat_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct remarks remarks = {0};
	struct values *v = calloc(1, sizeof(*v));
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	out->parts->records = 1;
	rc = stat_read_values(k, v, &remarks, err);
	proc_part_remarks(out->parts, &remarks);
	remarks_deinit(&remarks);
	return rc;
}

static void stat_put_times(const uint64_t ns[CPU_TIMES], struct buf *out)
{
	size_t i;

	for (i = 0; i < CPU_TIMES; i++)
		buf_printf(out, " %" PRIu64, ns[i] / NS_PER_TICK);
	buf_puts(out, "\n");
}

static void stat_put_cpus(const struct values *v, struct buf *out)
{
	uint64_t sum[CPU_TIMES] = {0};
	size_t i, j;

	for (i = 0; i < v->cpus.n; i++)
		for (j = 0; j < CPU_TIMES; j++)
			sum[j] += v->loads.v[i].ns[j];
	buf_puts(out, "cpu ");
	stat_put_times(sum, out);
	for (i = 0; i < v->cpus.n; i++)
		if (cpus_is_online(&v->cpus, i)) {
			buf_printf(out, "cpu%zu", i);
			stat_put_times(v->loads.v[i].ns, out);
		}
}

/* All that ever interrupted a CPU. */
static uint64_t stat_sum_irqs(const struct values *v)
{
	uint64_t sum = 0;
	size_t i, j;

	for (i = 0; i < v->cpu_irqs.list.n; i++) {
		const struct cpu_irq *irq = &v->cpu_irqs.list.v[i];

		for (j = 0; j < v->cpus.n && irq->summed && !irq->of_all; j++)
			sum += le32(cpu_variable_of(&irq->counts, j));
		if (irq->summed)
			sum += irq->total;
	}
	for (j = 0; j < v->cpus.n; j++)
		sum += le64(cpu_variable_of(&v->soft.irqs, j));
	return sum;
}

/* One for each number that there may be, up to the last of them. */
static void stat_put_irqs(const struct values *v, struct buf *out)
{
	uint64_t next = 0;
	size_t i;

	buf_printf(out, "intr %" PRIu64, stat_sum_irqs(v));
	for (i = 0; i < v->irqs.list.n; i++) {
		const struct irq *irq = &v->irqs.list.v[i];

		for (; next < irq->number && next < v->irqs.numbers; next++)
			buf_puts(out, " 0");
		buf_printf(out, " %" PRIu64, irq->total);
		next++;
	}
	for (; next < v->irqs.numbers; next++)
		buf_puts(out, " 0");
	buf_puts(out, "\n");
}

static void stat_put_softirqs(const struct values *v, struct buf *out)
{
	uint64_t all = 0;
	uint32_t of[SOFTIRQS_MAX] = {0};
	size_t i, j;

	for (i = 0; i < v->soft.n; i++)
		for (j = 0; j < v->cpus.n; j++) {
			uint32_t count = softirq_count(&v->soft, i, j);

			of[i] += count;
			all += count;
		}
	buf_printf(out, "softirq %" PRIu64, all);
	for (i = 0; i < v->soft.n; i++)
		buf_printf(out, " %" PRIu32, of[i]);
	buf_puts(out, "\n");
}

static void stat_text(const struct proc_values *values, size_t part,
		      size_t record, struct buf *out)
{
	const struct values *v = values->own;
	int64_t boot = (int64_t)((uint64_t)v->clock.offs_real -
				 (uint64_t)v->clock.offs_boot);
	uint64_t switches = 0, blocked = 0, running = 0;
	size_t i;

	(void)part, (void)record;
	for (i = 0; i < v->cpus.n; i++) {
		switches += v->loads.v[i].switches;
		blocked += v->loads.v[i].blocked;
		if (cpus_is_online(&v->cpus, i))
			running += v->loads.v[i].running;
	}
	stat_put_cpus(v, out);
	stat_put_irqs(v, out);
	buf_printf(out,
		   "ctxt %" PRIu64 "\n"
		   "btime %" PRId64 "\n"
		   "processes %" PRIu64 "\n"
		   "procs_running %" PRIu64 "\n"
		   "procs_blocked %" PRIu64 "\n",
		   switches, boot / NS_PER_S, v->forks, running, blocked);
	stat_put_softirqs(v, out);
}

static void stat_deinit(struct proc_values *values)
{
	struct values *v = values->own;

	irqs_deinit(&v->irqs);
	cpu_irqs_deinit(&v->cpu_irqs);
	softirqs_deinit(&v->soft);
	cpu_loads_deinit(&v->loads);
	cpus_deinit(&v->cpus);
	free(v);
}

const struct proc_file proc_stat = {
	.name = "stat",
	.scope = PROC_SYSTEM,
	.read = stat_read,
	.text = stat_text,
	.deinit = stat_deinit,
};
