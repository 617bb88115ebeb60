/* SPDX-License-Identifier: BSD-2-Clause */
/* The symbol tables of modules. */
#ifndef KERNEL_MODULE_SYMBOLS_H
#define KERNEL_MODULE_SYMBOLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

/* What is read of them, in all: a desktop's modules have some 30 MiB. */
#define MODULE_SYMBOLS_ROOM (128ULL << 20)

struct module_symbol {
	uint64_t va;
	uint32_t name;	 /* offset into names */
	uint32_t number; /* in the module's own table */
};

/*
 * The symbols of one module as /proc/kallsyms lists them: those that have a
 * name.  They ascend by address, and where several share one, that which is
 * shown for it comes first.
 */
struct module_symbols {
	VEC(struct module_symbol) list;
	char *names; /* each ends in a NUL */
	bool read;
};

struct module_symbols_want {
	const struct module *module;
	struct module_symbols *out;
};

/*
 * Read the tables of n modules, in two batches: those that are not `read` yet.
 * *room bytes may still be taken for it, and are counted down; what is beyond
 * that or damaged is left out, with a remark.  The caller frees each, also
 * after an error.
 */
int module_symbols_read(struct kernel *k, struct module_symbols_want *wants,
			size_t n, uint64_t *room, struct remarks *remarks,
			struct err *err);
void module_symbols_deinit(struct module_symbols *s);

/* The last symbol at or before va, but not before `start`; or NULL. */
const struct module_symbol *module_symbols_at(const struct module_symbols *s,
					      uint64_t va, uint64_t start);

/* The address of the first symbol behind va; UINT64_MAX: none. */
uint64_t module_symbols_next(const struct module_symbols *s, uint64_t va);

const char *module_symbols_name(const struct module_symbols *s,
				const struct module_symbol *symbol);

#endif
