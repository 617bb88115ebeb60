/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors as values. */
#include "base/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

__attribute__((format(printf, 3, 0))) static void
format(struct err *err, int code, const char *fmt, va_list ap)
{
	err->code = code;
	err->remedy = REMEDY_NONE;
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
}

/* Put ": " and more words behind the text, as far as they fit. */
static void err_add(struct err *err, const char *more)
{
	size_t n = strlen(err->text);

	snprintf(err->text + n, sizeof(err->text) - n, ": %s", more);
}

void err_put(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
}

void err_put_sys(struct err *err, int code, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!err)
		return;
	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
	err_add(err, strerror(saved));
}

void err_put_wrap(struct err *err, int code, const char *fmt, ...)
{
	struct err old;
	va_list ap;

	if (!err)
		return;
	old = *err;
	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
	err_add(err, old.text);
	err->remedy = old.remedy;
}

int err_helps(struct err *err, int code, enum err_remedy remedy,
	      unsigned int arg)
{
	if (err) {
		err->remedy = remedy;
		err->remedy_arg = arg;
	}
	return code;
}

int err_pass(struct err *err, const struct err *why)
{
	if (err)
		*err = *why;
	return why->code;
}
