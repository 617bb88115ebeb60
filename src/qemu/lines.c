/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign text, line by line. */
#include "qemu/lines.h"

#include <string.h>

bool lines_next(const char **text, char line[LINE_SIZE])
{
	const char *s = *text;
	size_t len = strcspn(s, "\n");

	if (!*s)
		return false;
	*text = s + len + (s[len] == '\n');
	while (len && s[len - 1] == '\r')
		len--;
	if (len >= LINE_SIZE)
		len = LINE_SIZE - 1;
	memcpy(line, s, len);
	line[len] = '\0';
	return true;
}
