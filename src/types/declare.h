/* SPDX-License-Identifier: BSD-2-Clause */
/* Declarations in C, of types that BTF has. */
#ifndef TYPES_DECLARE_H
#define TYPES_DECLARE_H

#include <stdint.h>

#include "types/btf.h"

/* Types in one another: kernels have 20; what is deeper is left out. */
#define DECLARE_MAX_DEPTH 128u

/*
 * Where a declaration goes, and who writes what has no declarator: a base
 * type, a struct, an enum, a typedef's name.  `last` is the last character that
 * was written, by whomever.  Each put has to count *steps down: a blob of n
 * bytes can describe declarations of 2^n, and nothing is put without any left.
 */
struct declare {
	const struct btf *btf;
	void (*put)(void *ctx, const char *text);
	void (*put_name)(void *ctx, const char *name);
	void (*put_base)(void *ctx, uint32_t id, const struct btf_type *t);
	void *ctx;
	const char *last;
	const uint64_t *steps;
};

/* A declaration without what ends it; name "" for none. */
void declare(const struct declare *d, uint32_t id, const char *name);

/* What of it stands to the left of the name, and to the right. */
void declare_left(const struct declare *d, uint32_t id);
void declare_right(const struct declare *d, uint32_t id);

#endif
