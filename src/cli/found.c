/* SPDX-License-Identifier: BSD-2-Clause */
/* How the guest was found: columns that commands share. */
#include "cli/found.h"

#include <string.h>

static const char *found_word(const struct source_info *info)
{
	if (!info->found_paused_known)
		return "unknown";
	return info->was_running ? "running" : "paused";
}

void found_show(struct row_table *t, size_t at, const struct session *s)
{
	struct source_info info = {0};
	const char *word;

	source_info(&s->guest.source, &info);
	word = found_word(&info);
	row_string(t, at + FOUND_WORD, word);
	row_string(t, at + FOUND_STATE, info.found);
	row_string(t, at + FOUND_WHY, info.found_why);
	if (info.was_running || !strcmp(info.found, "paused"))
		row_string(t, at + FOUND_TEXT, word);
	else
		row_printf(t, at + FOUND_TEXT, "%s (%s)", word, info.found);
}
