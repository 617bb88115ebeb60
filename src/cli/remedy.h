/* SPDX-License-Identifier: BSD-2-Clause */
/* What helps against an error, in words of the command line. */
#ifndef CLI_REMEDY_H
#define CLI_REMEDY_H

#include "base/err.h"

/* Put the options and commands that would help to the words; once. */
void remedy_word(struct err *err);

#endif
