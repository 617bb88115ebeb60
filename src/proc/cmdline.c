/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/cmdline: docs/facts/kernel.md, "Files of /proc" */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/records.h"
#include "proc/proc.h"

/* COMMAND_LINE_SIZE of x86-64, and what bootconfig may put in front. */
#define CMDLINE_MAX (64u << 10)

static int read_cmdline(struct kernel *k, struct proc_values *out,
			struct err *err)
{
	struct proc_part *part = out->parts;
	_cleanup_free_ char *text = malloc(CMDLINE_MAX);
	bool ok = false;
	uint64_t at;
	int rc;

	if (!text)
		return err_nomem(err);
	rc = kernel_read_symbol(k, "saved_command_line", 8, &at, err);
	if (!rc)
		rc = records_strings(k, &at, 1, CMDLINE_MAX, &text, &ok, err);
	if (!rc && !ok)
		buf_puts(&part->why, "saved_command_line cannot be read");
	else if (!rc)
		buf_printf(&part->text, "%s\n", text);
	return rc;
}

const struct proc_file proc_cmdline = {
	.name = "cmdline",
	.scope = PROC_SYSTEM,
	.read = read_cmdline,
};
