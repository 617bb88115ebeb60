/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: as the data of a page of HTML. */
#include "cli/out_html.h"

#include "base/cleanup.h"

int out_html(struct out *o, enum html_page page, FILE *out, struct err *err)
{
	_cleanup_(buf_deinit) struct buf json = {0};
	int rc = out_as_json(o, NULL, &json);

	out_deinit(o);
	if (rc || json.oom)
		return err_nomem(err);
	html_write(page, &json, out);
	return 0;
}
