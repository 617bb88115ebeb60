/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of /proc, shown record by record. */
#ifndef CLI_PROC_SHOW_H
#define CLI_PROC_SHOW_H

#include <stddef.h>

#include "cli/out.h"
#include "proc/lookup.h"

/*
 * The text of part i, or its rows where these are the columns.  What becomes
 * much is written on the way (out_flush()).
 */
void proc_show_text(struct out *out, const struct proc_values *v, size_t i);
void proc_show_rows(struct out *out, const struct proc_values *v, size_t i);

/* The text of a match; of a link, where it leads, as a line. */
void proc_show_match(struct out *out, const struct proc_match *m);

/* Say that more tasks may be there than were found. */
void proc_show_torn(struct out *out, const struct proc_lookup *l);

#endif
