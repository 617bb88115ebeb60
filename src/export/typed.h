/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of the image whose types are known. */
#ifndef EXPORT_TYPED_H
#define EXPORT_TYPED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "export/portrait.h"
#include "types/btf.h"

/* A symbol, by its number, its type, and what is made of that: known_types.h.
 */
struct typed_symbol {
	uint32_t symbol, type;
	const char *shape;
	bool per_cpu; /* each CPU has its own */
};

/* They ascend by symbol. */
struct typed {
	struct typed_symbol *v;
	size_t n, cap;
};

/*
 * Those whose types are known (types/known_types.h).  Where two symbols have
 * one name, or there is no room up to the next symbol, the type is not known.
 * ERR_NOMEM.  The caller deinits, also after an error.
 */
int typed_init(struct typed *t, const struct portrait *p, const struct btf *b,
	       struct err *err);
void typed_deinit(struct typed *t);

#endif
