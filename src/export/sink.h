/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes on their way into a file, or only counted. */
#ifndef EXPORT_SINK_H
#define EXPORT_SINK_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * What is written twice, the first time without a file, knows its own length
 * and where each of its parts lies before the first byte of it is out: so a
 * file that begins with offsets can go into a pipe, and never is in memory.
 * Errors are the FILE's: look at ferror() at the end.
 */
struct sink {
	FILE *f; /* NULL: bytes are only counted */
	uint64_t pos;
};

void sink_bytes(struct sink *s, const void *bytes, size_t n);
void sink_zeros(struct sink *s, uint64_t n);

/* The low `size` bytes, at most 8, of a value, little-endian. */
void sink_number(struct sink *s, uint64_t value, size_t size);

/* As LEB128. */
void sink_uleb(struct sink *s, uint64_t value);
void sink_sleb(struct sink *s, int64_t value);

#endif
