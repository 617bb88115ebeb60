/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes on their way into a file, or only counted. */
#include "export/sink.h"

#include "base/cursor.h"
#include "base/leb.h"

void sink_bytes(struct sink *s, const void *bytes, size_t n)
{
	if (s->f && n)
		fwrite_unlocked(bytes, 1, n, s->f);
	s->pos += n;
}

void sink_zeros(struct sink *s, uint64_t n)
{
	static const uint8_t zeros[4096];

	for (; n > sizeof(zeros); n -= sizeof(zeros))
		sink_bytes(s, zeros, sizeof(zeros));
	sink_bytes(s, zeros, (size_t)n);
}

void sink_number(struct sink *s, uint64_t value, size_t size)
{
	uint8_t bytes[8];

	le_store(bytes, value, size);
	sink_bytes(s, bytes, size);
}

void sink_uleb(struct sink *s, uint64_t value)
{
	uint8_t bytes[LEB_MAX];

	sink_bytes(s, bytes, leb_unsigned(bytes, value));
}

void sink_sleb(struct sink *s, int64_t value)
{
	uint8_t bytes[LEB_MAX];

	sink_bytes(s, bytes, leb_signed(bytes, value));
}
