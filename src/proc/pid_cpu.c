/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/arch_status and cpu_resctrl_groups: what x86 has beside, of which
 * most machines use nothing. */
#include "kernel/task/x86_64_spec.h"
#include "proc/proc.h"

/* The same text for all of them, or why there is none. */
static void cpu_put_all(struct proc_values *out, const char *text,
			const char *why)
{
	size_t i;

	for (i = 0; i < out->n; i++) {
		if (text)
			buf_puts(&out->parts[i].text, text);
		else
			buf_puts(&out->parts[i].why, why);
	}
}

/* proc_pid_arch_status(): when AVX-512 was used last, by CPUs that have it. */
static int arch_status_read(struct kernel *k, struct proc_values *out,
			    struct err *err)
{
	bool known = false, has = false;
	int rc = x86_64_has_avx512(k, &has, &known, err);

	if (!rc)
		cpu_put_all(out, known && !has ? "" : NULL,
			    "when it used AVX-512 last is not read");
	return rc;
}

const struct proc_file proc_pid_arch_status = {
	.name = "arch_status",
	.scope = PROC_TASK,
	.needs = "proc_pid_arch_status",
	.read = arch_status_read,
};

/* Where resctrl is not mounted, which a bool says, or up to 6.8 a static key,
 * whose count is its first member. */
static int resctrl_read(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	uint64_t mounted = 1;
	int rc = kernel_read_symbol(k, "resctrl_mounted", 1, &mounted, err);

	if (rc == ERR_NOT_FOUND)
		rc = kernel_read_symbol(k, "rdt_enable_key", 4, &mounted, err);
	if (rc == ERR_NOT_FOUND)
		rc = 0;
	if (!rc)
		cpu_put_all(out, mounted ? NULL : "res:\nmon:\n",
			    "groups of resctrl are not read");
	return rc;
}

const struct proc_file proc_pid_cpu_groups = {
	.name = "cpu_resctrl_groups",
	.scope = PROC_TASK,
	.needs = "proc_resctrl_show",
	.read = resctrl_read,
};
