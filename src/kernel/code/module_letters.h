/* SPDX-License-Identifier: BSD-2-Clause */
/* The letters of modules' symbols, as /proc/kallsyms has them. */
#ifndef KERNEL_MODULE_LETTERS_H
#define KERNEL_MODULE_LETTERS_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/code/module_symbols.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

/* By the number of a symbol in its module's own table; n may be 0. */
struct module_letters {
	char *v;
	size_t n;
};

/*
 * Read those of all modules, whose symbols were read into tables[], in two
 * batches: into out[], one for each.  What is damaged is not told, with a
 * remark.  The caller frees each, also after an error.
 */
int module_letters_read(struct kernel *k, const struct modules *modules,
			const struct module_symbols *tables,
			struct module_letters *out, struct remarks *remarks,
			struct err *err);
void module_letters_deinit(struct module_letters *l);

/* That of one symbol; SYMTAB_NO_TYPE: it is not known. */
char module_letter(const struct module_letters *l,
		   const struct module_symbol *symbol);

#endif
