/* SPDX-License-Identifier: BSD-2-Clause */
/* How much memory is free, as procps' free(1) has it. */
#ifndef PROC_FREE_H
#define PROC_FREE_H

#include "base/buf.h"
#include "kernel/alloc/meminfo.h"
#include "rows/rows.h"

/* Append its three lines, in KiB (procps 4: used is total - available). */
void proc_free_text(const struct meminfo *m, struct buf *out);

/* The same as rows, in bytes: one for memory, one for swap areas. */
#define PROC_FREE_COLUMNS 7
extern const struct row_column proc_free_columns[PROC_FREE_COLUMNS];
void proc_free_rows(const struct meminfo *m, struct row_table *out);

#endif
