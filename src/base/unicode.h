/* SPDX-License-Identifier: BSD-2-Clause */
/* What Unicode says of characters, as far as it takes to show foreign text. */
#ifndef BASE_UNICODE_H
#define BASE_UNICODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The character at s, of n > 0 bytes of UTF-8 (Unicode, table 3-7): its length
 * and its number in *c, or 0 where there is none: overlong forms, surrogates
 * and what is cut off are none.
 */
size_t unicode_next(const uint8_t *s, size_t n, uint32_t *c);

/*
 * Whether it cannot be seen, or changes how others are: control and format
 * characters, separators and blanks but for U+0020, and all that programs may
 * leave out (Default_Ignorable_Code_Point: the likes of U+3164 and U+E0041).
 */
bool unicode_hidden(uint32_t c);

/* Whether it is put upon the character before it (Mn and Me). */
bool unicode_combines(uint32_t c);

#endif
