/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc, shown record by record. */
#ifndef CLI_PROC_SHOW_H
#define CLI_PROC_SHOW_H

#include <stddef.h>

#include "cli/out.h"
#include "proc/proc.h"

/*
 * The text of part i, or its rows where these are the columns.  What becomes
 * much is written on the way (out_flush()).
 */
void proc_show_text(struct out *out, const struct proc_values *v, size_t i);
void proc_show_rows(struct out *out, const struct proc_values *v, size_t i);

#endif
