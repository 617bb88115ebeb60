/* SPDX-License-Identifier: BSD-2-Clause */
/* Real tables of a kernel, cut down to what a small valid one needs. */
#ifndef TESTS_FUZZ_CUT_H
#define TESTS_FUZZ_CUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "profile/parts.h"

/* What cannot be is the end of the program: these make test data. */

/*
 * The types that readers want, and what they hold by value, out of a kernel's
 * BTF: records and names are the kernel's, pointers point to void, and other
 * structs lose their members.
 */
void cut_btf(const void *bytes, size_t len, struct buf *out);

/*
 * kallsyms of a few hundred symbols, in the layout that it has in the bytes,
 * which start at va; records and tokens are the kernel's.  `banner`, which is
 * what linux_banner points to, and the new tables go to *out, whose first byte
 * is to lie at `to` from _text.  False: there is none.
 */
bool cut_kallsyms(const void *bytes, size_t len, uint64_t va, uint64_t text,
		  uint64_t to, struct buf *out);

/* Write a profile with the symbols that qvmi asks for, and cut types. */
void cut_profile(const struct parts *whole, const char *path);

/* The files of a directory, as wholes. */
void cut_write(const char *path, const void *bytes, size_t len);

#endif
