/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with an option, in words. */
#ifndef CLI_BLAME_H
#define CLI_BLAME_H

#include "base/err.h"
#include "cli/cmd.h"

/*
 * Judge a word of a command line that options of `c` (NULL: those of no
 * command) are taken from: ERR_USAGE, or 0 where nothing is wrong with it.
 */
int blame_word(const struct cmd *c, const char *word, struct err *err);

#endif
