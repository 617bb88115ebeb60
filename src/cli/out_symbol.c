/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: symbols in cells. */
#include "cli/out_symbol.h"

void out_symbol(struct row_table *t, size_t column, const struct symbol *symbol)
{
	char text[SYMBOL_TEXT];

	symbol_text(symbol, text, sizeof(text));
	if (*text)
		row_string(t, column, text);
}
