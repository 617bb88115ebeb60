/* SPDX-License-Identifier: BSD-2-Clause */
/* Help as text: of the program, of a command, of what all commands share. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "base/err.h"
#include "cli/cmd.h"

/* Each appends to b, in lines of less than 80 columns.  ERR_NOMEM. */
int help_of_program(struct buf *b, struct err *err);
int help_of_command(const struct cmd *c, struct buf *b, struct err *err);
int help_of_options(struct buf *b, struct err *err);

#endif
