/* SPDX-License-Identifier: BSD-2-Clause */
/* Patterns of names: '*' stands for any characters, '?' for one. */
#include "symbols/glob.h"

#include <stddef.h>
#include <string.h>

bool glob_is_pattern(const char *text)
{
	return text[strcspn(text, "*?")] != '\0';
}

bool glob_match(const char *pattern, const char *name)
{
	const char *star = NULL, *from = name;

	while (*name) {
		if (*pattern == '*') {
			star = ++pattern;
			from = name;
		} else if (*pattern == '?' || *pattern == *name) {
			pattern++;
			name++;
		} else if (star) {
			/* The last '*' takes one more: no earlier one need. */
			pattern = star;
			name = ++from;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}
