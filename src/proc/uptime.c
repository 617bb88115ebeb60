/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/uptime (fs/proc/uptime.c). */
#include <inttypes.h>

#include "kernel/clock.h"
#include "kernel/device/cpu_times.h"
#include "kernel/cpus.h"
#include "proc/proc.h"

#define NS_PER_S    1000000000u
#define NS_PER_CENT (NS_PER_S / 100)

static void uptime_put(uint64_t ns, const char *end, struct buf *out)
{
	buf_printf(out, "%" PRIu64 ".%02" PRIu64 "%s", ns / NS_PER_S,
		   ns % NS_PER_S / NS_PER_CENT, end);
}

/* How long all CPUs have been idle, those that are offline, too. */
static int uptime_read_idle(struct kernel *k, const struct kernel_clock *clock,
			    uint64_t *idle, struct err *err)
{
	struct cpu_loads loads = {0};
	struct cpus cpus = {0};
	size_t i;
	int rc = cpus_read(k, &cpus, err);

	*idle = 0;
	if (!rc)
		rc = cpu_loads_read(k, &cpus, clock, &loads, err);
	for (i = 0; i < cpus.n && !rc; i++)
		*idle += loads.v[i].ns[CPU_IDLE];
	if (!rc && !loads.known)
		rc = profile_unknown(k->profile,
				     "times of CPUs are kept in no way that "
				     "is known",
				     err);
	cpu_loads_deinit(&loads);
	cpus_deinit(&cpus);
	return rc;
}

static int uptime_read(struct kernel *k, struct proc_values *out,
		       struct err *err)
{
	struct kernel_clock clock;
	uint64_t idle;
	int rc = kernel_clock_read(k, &clock, err);

	if (!rc)
		rc = uptime_read_idle(k, &clock, &idle, err);
	if (rc)
		return rc;
	uptime_put((uint64_t)clock.mono + (uint64_t)clock.offs_boot, " ",
		   &out->parts->text);
	uptime_put(idle, "\n", &out->parts->text);
	return 0;
}

const struct proc_file proc_uptime = {
	.name = "uptime",
	.scope = PROC_SYSTEM,
	.read = uptime_read,
};
