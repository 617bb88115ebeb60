/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: symbols in cells. */
#ifndef CLI_OUT_SYMBOL_H
#define CLI_OUT_SYMBOL_H

#include "cli/out.h"
#include "kernel/code/symbols.h"

/* Set a cell to "name+0x10 [module]"; it stays unset without a name. */
void out_symbol(struct row_table *t, size_t column,
		const struct symbol *symbol);

#endif
