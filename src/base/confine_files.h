/* SPDX-License-Identifier: BSD-2-Clause */
/* Which files a process may still open: landlock(7). */
#ifndef BASE_CONFINE_FILES_H
#define BASE_CONFINE_FILES_H

#include "base/confine.h"

/*
 * None but those below needs->dirs, which it may list, make, read, write and
 * remove; and no connection, and no signal to others, where the kernel knows
 * how to forbid that so.  What is open stays so.  NULL, or why it cannot be.
 */
const char *confine_files(const struct confine_needs *needs);

#endif
