/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands. */
#include "cli/cmd.h"

#include <string.h>

#include "cli/commands.h"

#define COMMAND_ENTRY(name) &cmd_##name,
const struct cmd *const cmd_table[] = {COMMANDS(COMMAND_ENTRY) NULL};

const char *const cmd_topics[] = {
	[TOPIC_LOOK] = "Look",
	[TOPIC_CHANGE] = "Change",
	[TOPIC_MODULES] = "As the tools inside a guest, mtest and dev_mem",
	[TOPIC_GUEST] = "The guest and its kernel",
};

const struct cmd *cmd_find(const char *name)
{
	size_t i;

	for (i = 0; cmd_table[i]; i++)
		if (!strcmp(cmd_table[i]->name, name))
			return cmd_table[i];
	return NULL;
}
