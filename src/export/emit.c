/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes on their way into a file, or only counted. */
#include "export/emit.h"

#include "base/cursor.h"
#include "base/leb.h"

void emit_bytes(struct emit *s, const void *bytes, size_t n)
{
	if (s->f && n)
		fwrite_unlocked(bytes, 1, n, s->f);
	s->pos += n;
}

void emit_zeros(struct emit *s, uint64_t n)
{
	static const uint8_t zeros[4096];

	for (; n > sizeof(zeros); n -= sizeof(zeros))
		emit_bytes(s, zeros, sizeof(zeros));
	emit_bytes(s, zeros, (size_t)n);
}

void emit_number(struct emit *s, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	le_store(bytes, value, size);
	emit_bytes(s, bytes, size);
}

void emit_uleb(struct emit *s, uint64_t value)
{
	uint8_t bytes[LEB_MAX];

	emit_bytes(s, bytes, leb_unsigned(bytes, value));
}

void emit_sleb(struct emit *s, int64_t value)
{
	uint8_t bytes[LEB_MAX];

	emit_bytes(s, bytes, leb_signed(bytes, value));
}
