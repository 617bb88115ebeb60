/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory as text: hexdump -C, gdb's x, and strings. */
#ifndef CLI_DUMP_H
#define CLI_DUMP_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * As `hexdump -C` prints it, at address va: 16 bytes a line, equal lines
 * squeezed to "*", the end address in the last line.  Nothing for no bytes.
 */
void dump_hex(struct buf *b, uint64_t va, const uint8_t *bytes, size_t n);

/*
 * As gdb's x/Nxb, x/Nxh, x/Nxw and x/Nxg print it (width 1, 2, 4, 8), without
 * symbols: "0x1000:\t0x01\t0x02".  A rest smaller than width is left out.
 */
void dump_units(struct buf *b, uint64_t va, const uint8_t *bytes, size_t n,
		unsigned int width);

#endif
