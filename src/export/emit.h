/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes on their way into a file, or only counted. */
#ifndef EXPORT_EMIT_H
#define EXPORT_EMIT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What is written twice, the first time without a file, knows its own length
 * and where each of its parts lies before the first byte of it is out: so a
 * file that begins with offsets can go into a pipe, and never is in memory.
 * Errors are the FILE's: ferror() tells at the end.
 */
struct emit {
	FILE *f; /* NULL: bytes are only counted */
	uint64_t pos;
};

void emit_bytes(struct emit *s, const void *bytes, size_t n);
void emit_zeros(struct emit *s, uint64_t n);

/* The low `size` bytes, at most 8, of a value, little-endian. */
void emit_number(struct emit *s, uint64_t value, size_t size);

/* As LEB128. */
void emit_uleb(struct emit *s, uint64_t value);
void emit_sleb(struct emit *s, int64_t value);

#endif
