/* SPDX-License-Identifier: BSD-2-Clause */
/* Bitmaps as the kernel prints them (lib/vsprintf.c, %*pb and %*pbl). */
#ifndef BASE_MASKS_H
#define BASE_MASKS_H

#include <stdint.h>

#include "base/buf.h"

/* Words of 64 bits, the lowest first: "ff,ffffffff", or "0-3,8". */
void mask_put_hex(const uint64_t *words, unsigned int bits, struct buf *out);
void mask_put_list(const uint64_t *words, unsigned int bits, struct buf *out);

#endif
