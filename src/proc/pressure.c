/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/pressure/cpu and its like (kernel/sched/psi.c, psi_show()). */
#include "kernel/task/pressure.h"

#include <inttypes.h>

#include "proc/proc.h"

/* Averages have 11 bits behind the point (include/linux/sched/loadavg.h). */
#define AVERAGE_SHIFT 11
#define AVERAGE_MASK  ((1u << AVERAGE_SHIFT) - 1)

static void pressure_put(const char *who, const struct pressure *p,
			 struct buf *out)
{
	static const int seconds[] = {10, 60, 300};
	size_t i;

	buf_puts(out, who);
	for (i = 0; i < 3; i++)
		buf_printf(out, " avg%d=%" PRIu64 ".%02" PRIu64, seconds[i],
			   p->average[i] >> AVERAGE_SHIFT,
			   (p->average[i] & AVERAGE_MASK) * 100 >>
				   AVERAGE_SHIFT);
	buf_printf(out, " total=%" PRIu64 "\n", p->total_us);
}

static int pressure_read_file(struct kernel *k, enum pressure_kind kind,
			      struct proc_values *out, struct err *err)
{
	struct pressure_lines lines;
	int rc = pressure_read(k, kind, &lines, err);

	if (rc)
		return rc;
	pressure_put("some", &lines.some, &out->parts->text);
	if (lines.has_full)
		pressure_put("full", &lines.full, &out->parts->text);
	return 0;
}

/* The file of that name, of such pressure. */
#define PRESSURE(name_, kind)                                             \
	static int pressure_##name_##_read(                               \
		struct kernel *k, struct proc_values *v, struct err *err) \
	{                                                                 \
		return pressure_read_file(k, kind, v, err);               \
	}                                                                 \
                                                                          \
	const struct proc_file proc_pressure_##name_ = {                  \
		.name = "pressure/" #name_,                               \
		.scope = PROC_SYSTEM,                                     \
		.read = pressure_##name_##_read,                          \
	}

PRESSURE(cpu, PRESSURE_CPU);
PRESSURE(io, PRESSURE_IO);
PRESSURE(memory, PRESSURE_MEMORY);
