/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: as the data of a page of HTML. */
#ifndef CLI_OUT_HTML_H
#define CLI_OUT_HTML_H

#include <stdio.h>

#include "base/err.h"
#include "cli/out.h"
#include "lesson/html.h"

/*
 * Write the page, with what --json prints of o, and out_deinit() it.
 * ERR_NOMEM; whether all was written is the stream's word.
 */
int out_html(struct out *o, enum html_page page, FILE *out, struct err *err);

#endif
