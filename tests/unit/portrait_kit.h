/* SPDX-License-Identifier: BSD-2-Clause */
/* Portraits for tests of what is written from them. */
#ifndef TESTS_PORTRAIT_KIT_H
#define TESTS_PORTRAIT_KIT_H

#include <stdio.h>

#include "export/portrait.h"
#include "unit/btf_kit.h"

/* Add a symbol, in the order of addresses. */
void kit_symbol(struct portrait *p, uint64_t va, char type, const char *name,
		uint32_t owner);

/* Add types: those of the kernel first. */
void kit_types(struct portrait *p, uint32_t owner, struct btf_kit *k);

typedef int kit_writer(const struct portrait *p, FILE *out, struct err *err);

/* What a writer writes, as text on the heap; it must succeed. */
char *kit_written(const struct portrait *p, kit_writer *write);

#endif
