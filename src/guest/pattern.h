/* SPDX-License-Identifier: BSD-2-Clause */
/* What search looks for: bytes, some of which may be anything. */
#ifndef GUEST_PATTERN_H
#define GUEST_PATTERN_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define PATTERN_MAX 4096

/* Zero-initialise; value and mask are of one length. */
struct pattern {
	struct buf value, mask; /* a byte b fits where (b & mask) == value */
	size_t anchor, fixed;	/* the longest run of bytes with no freedom */
};

void pattern_deinit(struct pattern *p);

/*
 * Append an operand: as value_add(), and hex: also takes blanks between bytes
 * and `?` for a digit that may be any.  ERR_USAGE names the operand.
 */
int pattern_add(struct pattern *p, const char *text, unsigned int width,
		struct err *err);

/* After the last: ERR_USAGE where it is empty, too long, or fits anything. */
int pattern_end(struct pattern *p, struct err *err);

/* The first match in bytes[from .. n), or n. */
size_t pattern_find(const struct pattern *p, const uint8_t *bytes, size_t n,
		    size_t from);

#endif
