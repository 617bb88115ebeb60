/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers have to say beside their values. */
#include "kernel/remarks.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/limits.h"

void remarks_add(struct remarks *r, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	if (r->n == REMARKS_MAX)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (r->n == REMARKS_MAX - 1)
		snprintf(text, sizeof(text),
			 "there is more to be said of this "
			 "kind");
	buf_add(&r->texts, text, strlen(text) + 1);
	r->n++;
}

const char *remarks_next(const struct remarks *r, const char *last)
{
	const char *next = last ? last + strlen(last) + 1 : r->texts.data;

	return next && next < r->texts.data + r->texts.len ? next : NULL;
}

void remarks_deinit(struct remarks *r)
{
	buf_deinit(&r->texts);
	r->n = 0;
}
