/* SPDX-License-Identifier: BSD-2-Clause */
/* Exit statuses. */
#include "cli/status.h"

#include <stddef.h>

#include "base/err.h"

static const struct {
	int code;
	enum status status;
} table[] = {
	{0, STATUS_OK},
	{ERR_NOMEM, STATUS_FAILED},
	{ERR_SYS, STATUS_FAILED},
	{ERR_USAGE, STATUS_USAGE},
	{ERR_NOT_FOUND, STATUS_FAILED},
	{ERR_REFUSED, STATUS_FAILED},
	{ERR_UNREADABLE, STATUS_FAILED},
	{ERR_PARTIAL, STATUS_FAILED},
	{ERR_CORRUPT, STATUS_FAILED},
	{ERR_NO_GUEST, STATUS_NO_GUEST},
	{ERR_NO_LINUX, STATUS_NO_LINUX},
	{ERR_INTERRUPTED, STATUS_FAILED}, /* main dies by the signal first */
};

enum status status_of(int code)
{
	size_t i;

	for (i = 0; i < sizeof(table) / sizeof(*table); i++)
		if (table[i].code == code)
			return table[i].status;
	return STATUS_FAILED;
}
