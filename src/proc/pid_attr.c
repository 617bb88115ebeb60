/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/PID/attr/current, where AppArmor answers (security/apparmor). */
#include <stdlib.h>

#include "kernel/task/apparmor.h"
#include "proc/proc.h"

static void attr_text(const struct apparmor_label *label,
		      struct proc_part *part)
{
	switch (label->state) {
	case APPARMOR_UNKNOWN:
		buf_puts(&part->why,
			 "what a security module would say is not known");
		break;
	case APPARMOR_FREE:
		buf_puts(&part->text, "unconfined\n");
		break;
	case APPARMOR_PROFILE:
		buf_printf(&part->text, "%s (%s)\n", label->name, label->mode);
		break;
	}
}

static int attr_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct apparmor_label *labels = calloc(out->n + 1, sizeof(*labels));
	size_t i;
	int rc = labels ? apparmor_read(k, out->tasks, out->n, labels, err)
			: err_nomem(err);

	for (i = 0; i < out->n && !rc; i++)
		attr_text(&labels[i], &out->parts[i]);
	free(labels);
	return rc;
}

const struct proc_file proc_pid_attr_current = {
	.name = "attr/current",
	.scope = PROC_TASK,
	.needs = "security_getprocattr",
	.read = attr_read,
};
