/* SPDX-License-Identifier: BSD-2-Clause */
/* The VALUE operands of write, as bytes. */
#ifndef GUEST_VALUE_H
#define GUEST_VALUE_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

/* All that one command may write. */
#define VALUE_MAX_BYTES (64u << 20)

/*
 * Append what one operand stands for: a number of `width` bytes (1, 2, 4, 8;
 * little-endian), str:TEXT without a NUL, hex:DIGITS, two for each byte,
 * file:PATH, all that is in it, or fill:BYTExCOUNT.  ERR_USAGE names the
 * operand, also where the buffer would grow beyond VALUE_MAX_BYTES; ERR_SYS
 * for a file that cannot be read.
 */
int value_add(struct buf *b, const char *text, unsigned int width,
	      struct err *err);

/* "1", "2", "4" or "8". */
int value_width(const char *text, unsigned int *width, struct err *err);

/* The largest number of that many bytes. */
uint64_t value_max(unsigned int width);

#endif
