/* SPDX-License-Identifier: BSD-2-Clause */
/* Searching bytes of a kernel image, from guest memory or from a file. */
#ifndef PROFILE_SCAN_H
#define PROFILE_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "profile/parts.h"

/* Bytes of an image whose _text is at `text`; they start at va. */
struct scan {
	const uint8_t *at;
	size_t len;
	uint64_t va, text;
	struct image_bytes image; /* all of it: candidates point anywhere */
	uint64_t steps;		  /* spent on the search, see kallsyms.h */
};

/*
 * Take kallsyms whose token table is at that position (kallsyms_tokens()): 1
 * found, symbols and places are in p; 0 not a table, or not all of it is in
 * the bytes; ERR_NO_LINUX when it lists no variables; another negative code.
 */
int scan_kallsyms(struct scan *s, size_t token_table, struct parts *p,
		  struct err *err);

/*
 * The first BTF header, at or after *at, that could be a kernel's; the blob
 * need not be all there.  *size is what its header says.
 */
bool scan_btf(const void *bytes, size_t len, size_t *at, size_t *size);

/* The first "Linux version N" at or after *at. */
bool scan_banner(const void *bytes, size_t len, size_t *at);

#endif
