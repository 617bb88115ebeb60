/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's log as text, and as rows. */
#ifndef PROC_KMSG_H
#define PROC_KMSG_H

#include "base/buf.h"
#include "base/err.h"
#include "kernel/device/printk.h"
#include "proc/proc.h"
#include "rows/rows.h"

/* Members of struct proc_file for files that have a record for each of the
 * log's; `own` is the struct printk_log. */
int proc_kmsg_read(struct kernel *k, struct proc_values *out, struct err *err);
void proc_kmsg_deinit(struct proc_values *v);

/*
 * Append a record as record_print_text() prints it (docs/facts/kernel.md, "The
 * kernel's log"): each of its lines behind a prefix, which is given.
 */
void proc_kmsg_lines(const struct printk_record *r, const char *prefix,
		     struct buf *out);

/* "[    1.234567] ", or "" where the kernel prints no times. */
#define KMSG_TIME 32
void proc_kmsg_time(const struct printk_log *l, const struct printk_record *r,
		    char text[KMSG_TIME]);

/* Add a record's row, of the columns of proc_kmsg; its time counts from
 * `boot_ns` on (0: that of the boot). */
void proc_kmsg_row(const struct printk_record *r, int64_t boot_ns,
		   struct row_table *out);

#endif
