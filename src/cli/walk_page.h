/* SPDX-License-Identifier: BSD-2-Clause */
/* Page walks as files for people: a page to step through, a picture. */
#ifndef CLI_WALK_PAGE_H
#define CLI_WALK_PAGE_H

#include <stdio.h>

#include "base/err.h"
#include "cli/walk_rows.h"

/*
 * A page of HTML, complete in itself, of one walk and its lesson; shown is a
 * struct walk_shown with a lesson that was told.  ERR_NOMEM; whether all was
 * written is the stream's word.
 */
int walk_html(const void *shown, FILE *out, struct err *err);

/* The same as one picture: SVG. */
int walk_svg(const void *shown, FILE *out, struct err *err);

#endif
