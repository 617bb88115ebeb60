/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes bytes that would part fields as octal numbers. */
#include "proc/mangle.h"

#include <string.h>

void proc_mangle(struct buf *out, const char *name, const char *which)
{
	for (; *name; name++)
		if (strchr(which, *name))
			buf_printf(out, "\\%03o", (unsigned char)*name);
		else
			buf_add(out, name, 1);
}
