/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: tables and trees, drawn by libsmartcols. */
#ifndef CLI_TABLES_H
#define CLI_TABLES_H

#include "base/err.h"
#include "cli/out.h"

/*
 * Load the library, unless it is: once this process is confined, it can load
 * no more.  ERR_SYS: it is not there; ERR_NOMEM.
 */
int tables_load(struct out *o, struct err *err);

/* Draw a table behind b.  0, or what tables_load() says. */
int tables_add(struct out *o, const struct row_table *t, struct buf *b,
	       struct err *err);

#endif
