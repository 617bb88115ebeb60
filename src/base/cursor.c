/* SPDX-License-Identifier: BSD-2-Clause */
/* A bounded cursor over foreign bytes. */
#include "base/cursor.h"

#include <endian.h>
#include <string.h>

uint16_t le16(const void *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return le16toh(v);
}

uint32_t le32(const void *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return le32toh(v);
}

uint64_t le64(const void *p)
{
	uint64_t v;

	memcpy(&v, p, sizeof(v));
	return le64toh(v);
}

uint64_t le_any(const void *p, size_t size)
{
	switch (size) {
	case 1:
		return *(const uint8_t *)p;
	case 2:
		return le16(p);
	case 4:
		return le32(p);
	case 8:
		return le64(p);
	default:
		return 0;
	}
}

void cursor_init(struct cursor *c, const void *bytes, size_t len)
{
	/* No bytes may have no address; a position in them has one. */
	*c = (struct cursor){.base = bytes ? bytes : "", .len = len};
}

const uint8_t *cursor_bytes(struct cursor *c, size_t n)
{
	const uint8_t *p;

	if (c->bad || n > c->len - c->pos) {
		c->bad = true;
		return NULL;
	}
	p = c->base + c->pos;
	c->pos += n;
	return p;
}

uint8_t cursor_u8(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 1);

	return p ? *p : 0;
}

uint16_t cursor_u16(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 2);

	return p ? le16(p) : 0;
}

uint32_t cursor_u32(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 4);

	return p ? le32(p) : 0;
}

uint64_t cursor_u64(struct cursor *c)
{
	const uint8_t *p = cursor_bytes(c, 8);

	return p ? le64(p) : 0;
}

const char *cursor_cstr(struct cursor *c)
{
	const uint8_t *start = c->base + c->pos;
	const uint8_t *nul;

	nul = c->bad ? NULL : memchr(start, 0, c->len - c->pos);
	if (!nul) {
		c->bad = true;
		return NULL;
	}
	c->pos += (size_t)(nul - start) + 1;
	return (const char *)start;
}

void cursor_skip(struct cursor *c, size_t n)
{
	cursor_bytes(c, n);
}

void cursor_seek(struct cursor *c, size_t pos)
{
	if (pos > c->len)
		c->bad = true;
	else
		c->pos = pos;
}

size_t cursor_left(const struct cursor *c)
{
	return c->bad ? 0 : c->len - c->pos;
}

void le_store(void *p, uint64_t value, size_t size)
{
	uint8_t *bytes = p;
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)(value >> (8 * i));
}
