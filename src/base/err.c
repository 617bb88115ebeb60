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
	vsnprintf(err->text, sizeof(err->text), fmt, ap);
}

/* Put ": " and more words behind the text, as far as they fit. */
static void add(struct err *err, const char *more)
{
	size_t n = strlen(err->text);

	snprintf(err->text + n, sizeof(err->text) - n, ": %s", more);
}

int err_set(struct err *err, int code, const char *fmt, ...)
{
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
	return code;
}

int err_sys(struct err *err, int code, const char *fmt, ...)
{
	int saved = errno;
	va_list ap;

	if (!err)
		return code;
	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
	add(err, strerror(saved));
	return code;
}

int err_wrap(struct err *err, int code, const char *fmt, ...)
{
	char old[sizeof(err->text)];
	va_list ap;

	if (!err)
		return code;
	memcpy(old, err->text, sizeof(old));
	va_start(ap, fmt);
	format(err, code, fmt, ap);
	va_end(ap);
	add(err, old);
	return code;
}

int err_nomem(struct err *err)
{
	return err_set(err, ERR_NOMEM, "out of memory");
}
