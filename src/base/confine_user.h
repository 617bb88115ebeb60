/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose rights a process of root's keeps. */
#ifndef BASE_CONFINE_USER_H
#define BASE_CONFINE_USER_H

#include <stdbool.h>

#include "base/confine.h"

/*
 * Root becomes needs->user, or nobody, without groups and without capabilities.
 * Files are opened as root's still, which is why that is only of use where
 * `files` are confined.  NULL, or why it cannot be; of another user NULL.
 */
const char *confine_user(const struct confine_needs *needs, bool files);

#endif
