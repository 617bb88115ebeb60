/* SPDX-License-Identifier: BSD-2-Clause */
/* A growable string of bytes that remembers running out of memory. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Zero-initialise.  `data` always ends in a NUL that len does not count (NULL
 * while empty).  After a failed allocation `oom` is set and appends do
 * nothing: look once, at the end.
 */
struct buf {
	char *data;
	size_t len, cap;
	bool oom;
};

void buf_add(struct buf *b, const void *bytes, size_t n);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* What printf() does with "%-*s" and "%*lu", of at most 32 columns, for text
 * that is written ten thousands of times. */
void buf_padded(struct buf *b, const char *s, size_t width);
void buf_decimal(struct buf *b, uint64_t v, size_t width);

/* 4096 as "4 KiB": the largest unit that leaves a whole number. */
void buf_size(struct buf *b, uint64_t bytes);

/*
 * Append heap memory of n + 1 bytes or more, which belongs to the buffer from
 * then on: copied only where the buffer holds something already.
 */
void buf_take(struct buf *b, char *heap, size_t n);

/* Make the buffer empty, keep its memory. */
void buf_reset(struct buf *b);
void buf_deinit(struct buf *b);

#endif
