/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of virtual memory as pages of HTML to zoom into. */
#ifndef CLI_LAYOUT_PAGE_H
#define CLI_LAYOUT_PAGE_H

#include <stdio.h>

#include "base/err.h"
#include "cli/out.h"
#include "layout/process.h"

/*
 * A page, complete in itself, of a struct layout_map, and of a struct
 * layout_process.  ERR_NOMEM; whether all was written is the stream's word.
 */
int layout_map_html(const void *map, FILE *out, struct err *err);
int layout_process_html(const void *process, FILE *out, struct err *err);

/* What cannot be told of a process, as failures of the answer. */
void layout_process_faults(const struct layout_process *p, struct out *out);

#endif
