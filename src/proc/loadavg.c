/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/loadavg (fs/proc/loadavg.c). */
#include <inttypes.h>

#include "kernel/device/cpu_times.h"
#include "kernel/cpus.h"
#include "kernel/task/last_pid.h"
#include "kernel/variables.h"
#include "proc/proc.h"

/* Averages have 11 bits behind the point; 1/200 is added to round them
 * (include/linux/sched/loadavg.h). */
#define LOAD_SHIFT 11
#define LOAD_ROUND ((1u << LOAD_SHIFT) / 200)

static void loadavg_put(uint64_t load, struct buf *out)
{
	uint64_t rest;

	load += LOAD_ROUND;
	rest = (load & ((1u << LOAD_SHIFT) - 1)) * 100;
	buf_printf(out, "%" PRIu64 ".%02" PRIu64 " ", load >> LOAD_SHIFT,
		   rest >> LOAD_SHIFT);
}

static int loadavg_count(struct kernel *k, uint64_t *running, struct err *err)
{
	const struct kernel_clock clock = {0};
	struct cpu_loads loads = {0};
	struct cpus cpus = {0};
	size_t i;
	int rc = cpus_read(k, &cpus, err);

	*running = 0;
	if (!rc)
		rc = cpu_loads_read(k, &cpus, &clock, &loads, err);
	for (i = 0; i < cpus.n && !rc; i++)
		if (cpus_is_online(&cpus, i))
			*running += loads.v[i].running;
	if (!rc && !loads.known)
		rc = profile_unknown(k->profile,
				     "tasks that run are counted in no way "
				     "that is known",
				     err);
	cpu_loads_deinit(&loads);
	cpus_deinit(&cpus);
	return rc;
}

static int loadavg_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct buf *text = &out->parts->text;
	struct variable v[] = {
		{.name = "avenrun", .size = 8},
		{.name = "avenrun", .size = 8, .offset = 8},
		{.name = "avenrun", .size = 8, .offset = 16},
		{.name = "nr_threads", .size = 4},
	};
	uint64_t running;
	uint32_t last;
	size_t i;
	int rc = variables_read(k, v, 4, err);

	if (!rc && (!v[0].known || !v[3].known))
		rc = profile_unknown(k->profile,
				     "this kernel keeps its load in no way "
				     "that is known",
				     err);
	if (!rc)
		rc = loadavg_count(k, &running, err);
	if (!rc)
		rc = last_pid_read(k, &last, err);
	if (rc)
		return rc;
	for (i = 0; i < 3; i++)
		loadavg_put(v[i].value, text);
	buf_printf(text, "%" PRIu64 "/%" PRIu64 " %" PRIu32 "\n", running,
		   v[3].value, last);
	return 0;
}

const struct proc_file proc_loadavg = {
	.name = "loadavg",
	.scope = PROC_SYSTEM,
	.read = loadavg_read,
};
