/* SPDX-License-Identifier: BSD-2-Clause */
/* A page walk as a page of HTML. */
#include "cli/out_html.h"
#include "cli/walk_page.h"

int walk_html(const void *shown, FILE *out, struct err *err)
{
	struct out o;

	out_init(&o, "walk", true, false);
	walk_rows_begin(&o, false);
	walk_rows_add(&o, shown);
	return out_html(&o, HTML_WALK, out, err);
}
