/* SPDX-License-Identifier: BSD-2-Clause */
/* A growable string of bytes. */
#include "base/buf.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/vec.h"

static bool reserve(struct buf *b, size_t more)
{
	if (!b->oom && more >= b->cap - b->len &&
	    vec_grow(&b->data, &b->cap, b->len, more + 1, 1))
		b->oom = true;
	return !b->oom;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
	if (!reserve(b, n))
		return;
	if (n)
		memcpy(b->data + b->len, bytes, n);
	b->len += n;
	b->data[b->len] = '\0';
}

/* As many as are missing. */
static void buf_blanks(struct buf *b, size_t len, size_t width)
{
	static const char blanks[] = "                                ";

	if (len < width)
		buf_add(b, blanks, width - len);
}

void buf_padded(struct buf *b, const char *s, size_t width)
{
	size_t len = strlen(s);

	buf_add(b, s, len);
	buf_blanks(b, len, width);
}

void buf_decimal(struct buf *b, uint64_t v, size_t width)
{
	char digits[DIGITS_MAX];
	size_t len = (size_t)(digits_decimal(digits, v) - digits);

	buf_blanks(b, len, width);
	buf_add(b, digits, len);
}

void buf_size(struct buf *b, uint64_t bytes)
{
	static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB"};
	size_t u = 0;

	while (u < 4 && bytes && bytes % 1024 == 0) {
		bytes /= 1024;
		u++;
	}
	buf_printf(b, "%" PRIu64 " %s", bytes, units[u]);
}

void buf_take(struct buf *b, char *heap, size_t n)
{
	if (b->len || b->oom) {
		buf_add(b, heap, n);
		free(heap);
		return;
	}
	free(b->data);
	heap[n] = '\0';
	*b = (struct buf){.data = heap, .len = n, .cap = n + 1};
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

/* Most texts fit into this; longer ones are formatted twice. */
#define PRINTF_ROOM 120

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	size_t room;
	int n;

	if (!reserve(b, PRINTF_ROOM))
		return;
	room = b->cap - b->len;
	va_start(ap, fmt);
	n = vsnprintf(b->data + b->len, room, fmt, ap);
	va_end(ap);
	if (n >= 0 && (size_t)n >= room) {
		b->data[b->len] = '\0';
		if (!reserve(b, (size_t)n))
			return;
		va_start(ap, fmt);
		vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
		va_end(ap);
	}
	if (n > 0)
		b->len += (size_t)n;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data)
		b->data[0] = '\0';
}

void buf_deinit(struct buf *b)
{
	free(b->data);
	*b = (struct buf){0};
}
