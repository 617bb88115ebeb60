/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands. */
#include "cli/cmd.h"

#include <string.h>

#include "cli/commands.h"

const struct cmd *const cmd_table[] = {
	&cmd_info,    &cmd_ps,	    &cmd_maps,	   &cmd_walk,	  &cmd_page,
	&cmd_read,    &cmd_write,   &cmd_search,   &cmd_regs,	  &cmd_journal,
	&cmd_undo,    &cmd_listvma, &cmd_findpage, &cmd_writeval, &cmd_devmem,
	&cmd_profile, &cmd_pause,   &cmd_resume,   &cmd_help,	  NULL,
};

const struct cmd *cmd_find(const char *name)
{
	size_t i;

	for (i = 0; cmd_table[i]; i++)
		if (!strcmp(cmd_table[i]->name, name))
			return cmd_table[i];
	return NULL;
}
