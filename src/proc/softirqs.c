/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/softirqs (fs/proc/softirqs.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/cpus.h"
#include "kernel/device/softirqs.h"
#include "proc/proc.h"

struct values {
	struct cpus cpus;
	struct softirqs soft;
};

static int softirqs_file_read(struct kernel *k, struct proc_values *out,
			      struct err *err)
{
	struct values *v = calloc(1, sizeof(*v));
	int rc;

	out->own = v;
	if (!v)
		return err_nomem(err);
	rc = cpus_read(k, &v->cpus, err);
	if (!rc)
		rc = softirqs_read(k, &v->cpus, &v->soft, err);
	out->parts->records = 1 + v->soft.n;
	return rc;
}

/* A heading, then a line for each kind: all CPUs that are possible. */
static void softirqs_file_text(const struct proc_values *values, size_t part,
			       size_t record, struct buf *out)
{
	const struct values *v = values->own;
	size_t i;

	(void)part;
	if (record)
		buf_printf(out, "%12s:", v->soft.name[record - 1]);
	else
		buf_puts(out, "                    ");
	for (i = 0; i < v->cpus.n; i++) {
		if (!cpus_is_possible(&v->cpus, i))
			continue;
		if (record)
			buf_printf(out, " %10" PRIu32,
				   softirq_count(&v->soft, record - 1, i));
		else
			buf_printf(out, "CPU%-8zu", i);
	}
	buf_puts(out, "\n");
}

static void softirqs_file_deinit(struct proc_values *values)
{
	struct values *v = values->own;

	softirqs_deinit(&v->soft);
	cpus_deinit(&v->cpus);
	free(v);
}

const struct proc_file proc_softirqs = {
	.name = "softirqs",
	.scope = PROC_SYSTEM,
	.read = softirqs_file_read,
	.text = softirqs_file_text,
	.deinit = softirqs_file_deinit,
};
