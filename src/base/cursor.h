/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded cursor: the only way this program reads foreign bytes. */
#ifndef BASE_CURSOR_H
#define BASE_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A window on bytes that somebody else wrote.  The first access outside makes
 * the cursor bad: from then on it yields zeros, so a parser may read a whole
 * record and look at `bad` once.  Owns nothing.
 */
struct cursor {
	const uint8_t *base;
	size_t len;
	size_t pos;
	bool bad;
};

/* With len 0, bytes may be NULL. */
void cursor_init(struct cursor *c, const void *bytes, size_t len);

/* Little-endian integers at the position, which moves behind them. */
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16(struct cursor *c);
uint32_t cursor_u32(struct cursor *c);
uint64_t cursor_u64(struct cursor *c);

/* n bytes in place, or NULL; the position moves behind them. */
const uint8_t *cursor_bytes(struct cursor *c, size_t n);

/* A NUL-terminated string in place, or NULL; moves behind the NUL. */
const char *cursor_cstr(struct cursor *c);

void cursor_skip(struct cursor *c, size_t n);
void cursor_seek(struct cursor *c, size_t pos);
size_t cursor_left(const struct cursor *c);

/* Little-endian integers out of bytes that are known to be there. */
uint16_t le16(const void *p);
uint32_t le32(const void *p);
uint64_t le64(const void *p);

/* The same for a size of 1, 2, 4 or 8 bytes; 0 for any other. */
uint64_t le_any(const void *p, size_t size);

/* Store the low `size` bytes of a value, at most 8. */
void le_store(void *p, uint64_t value, size_t size);

#endif
