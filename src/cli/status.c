/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit statuses. */
#include "cli/status.h"

#include <stddef.h>

#include "base/err.h"

static const struct {
	int code;
	enum status status;
	const char *kind;
} table[] = {
	{0, STATUS_OK, "none"},
	{ERR_NOMEM, STATUS_FAILED, "no_memory"},
	{ERR_SYS, STATUS_FAILED, "system"},
	{ERR_USAGE, STATUS_USAGE, "usage"},
	{ERR_NOT_FOUND, STATUS_FAILED, "not_found"},
	{ERR_REFUSED, STATUS_FAILED, "refused"},
	{ERR_UNREADABLE, STATUS_FAILED, "unreadable"},
	{ERR_PARTIAL, STATUS_FAILED, "partial"},
	{ERR_CORRUPT, STATUS_FAILED, "unsound"},
	{ERR_NO_GUEST, STATUS_NO_GUEST, "no_guest"},
	{ERR_NO_LINUX, STATUS_NO_LINUX, "no_linux"},
	{ERR_CHECK, STATUS_FAILED, "check"},
	{ERR_TIMEOUT, STATUS_TIMEOUT, "timeout"},
	/* main dies by the signal instead */
	{ERR_INTERRUPTED, STATUS_FAILED, "interrupted"},
};

static size_t status_index(int code)
{
	size_t i, n = sizeof(table) / sizeof(*table);

	for (i = 0; i < n && table[i].code != code; i++)
		;
	return i < n ? i : 2; /* ERR_SYS */
}

enum status status_of(int code)
{
	return table[status_index(code)].status;
}

const char *status_kind(int code)
{
	return table[status_index(code)].kind;
}
