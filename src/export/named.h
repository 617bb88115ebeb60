/* SPDX-License-Identifier: BSD-2-Clause */
/* Symbols of code by their names, and who has them. */
#ifndef EXPORT_NAMED_H
#define EXPORT_NAMED_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "export/portrait.h"

/* Whether a symbol's letter says that it is code. */
bool named_is_code(char letter);

/* Numbers of symbols, by owner and name.  Borrows the portrait. */
struct named {
	const struct portrait *p;
	VEC(uint32_t) order;
};

/* All symbols of code; ERR_NOMEM.  The caller deinits. */
int named_init(struct named *n, const struct portrait *p, struct err *err);
void named_deinit(struct named *n);

/* The symbol of that owner and name where it is the only one; else -1. */
int64_t named_only(const struct named *n, uint32_t owner, const char *name);

#endif
