/* SPDX-License-Identifier: BSD-2-Clause */
/* Foreign text, line by line. */
#ifndef QEMU_LINES_H
#define QEMU_LINES_H

#include <stdbool.h>

/* What of a line is looked at, with its NUL. */
#define LINE_SIZE 513

/*
 * Cut the next line off *text, which ends in LF, CR LF or with the text, into
 * `line`, without its end; false where none is left.
 */
bool lines_next(const char **text, char line[LINE_SIZE]);

#endif
