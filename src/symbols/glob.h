/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of names: '*' stands for any characters, '?' for one. */
#ifndef SYMBOLS_GLOB_H
#define SYMBOLS_GLOB_H

#include <stdbool.h>

/* Whether a pattern is more than a name. */
bool glob_is_pattern(const char *text);

/*
 * Whether all of a name is as the pattern has it.  Nothing else than the two
 * has a meaning of its own.  It takes no longer than the lengths multiplied.
 */
bool glob_match(const char *pattern, const char *name);

#endif
