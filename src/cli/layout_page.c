/* SPDX-License-Identifier: BSD-2-Clause */
/* Maps of virtual memory as pages of HTML to zoom into. */
#include "cli/layout_page.h"

#include "cli/out_html.h"
#include "cli/ptdump.h"
#include "layout/map.h"

void layout_process_faults(const struct layout_process *p, struct out *out)
{
	if (p->maps.parts->why.len)
		out_fail(out, ERR_UNREADABLE, "layout: areas are missing: %s",
			 p->maps.parts->why.data);
	if (p->threads.torn)
		out_fail(out, ERR_UNREADABLE, "layout: threads are missing: %s",
			 p->threads.why);
}

int layout_map_html(const void *map, FILE *out, struct err *err)
{
	const struct layout_map *m = map;
	struct out o;

	out_init(&o, "layout", true, false);
	layout_map_page_rows(m, out_record(&o));
	ptdump_show_faults(&m->dump, "layout", &o);
	return out_html(&o, HTML_LAYOUT, out, err);
}

int layout_process_html(const void *process, FILE *out, struct err *err)
{
	const struct layout_process *p = process;
	struct out o;

	out_init(&o, "layout", true, false);
	layout_process_rows(p, out_record(&o));
	layout_process_faults(p, &o);
	return out_html(&o, HTML_LAYOUT, out, err);
}
