/* SPDX-License-Identifier: BSD-2-Clause */
/* The command objects, each defined in the file of its name. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cmd.h"

extern const struct cmd cmd_info;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_maps;
extern const struct cmd cmd_walk;
extern const struct cmd cmd_page;
extern const struct cmd cmd_read;
extern const struct cmd cmd_write;
extern const struct cmd cmd_search;
extern const struct cmd cmd_regs;
extern const struct cmd cmd_journal;
extern const struct cmd cmd_undo;
extern const struct cmd cmd_listvma;
extern const struct cmd cmd_findpage;
extern const struct cmd cmd_writeval;
extern const struct cmd cmd_devmem;
extern const struct cmd cmd_profile;
extern const struct cmd cmd_pause;
extern const struct cmd cmd_resume;
extern const struct cmd cmd_help;

#endif
