/* SPDX-License-Identifier: BSD-2-Clause */
/* What lookups of symbols stand on; for these only. */
#ifndef KERNEL_SYMBOLS_LOAD_H
#define KERNEL_SYMBOLS_LOAD_H

#include "kernel/code/symbols.h"

/* Number of the list of modules, behind those of generated code. */
#define SYMBOLS_MODULES GENERATORS

/* Memory that belongs to one module, or to generated code. */
struct symbol_area {
	uint64_t start, size;
	bool is_module;
	size_t number; /* in modules.list, or generated.list */
};

/* Read all but the tables of modules, unless that was done. */
int symbols_load(struct symbols *s, struct err *err);

/* Read the tables of the modules whose number is marked. */
int symbols_load_tables(struct symbols *s, const bool *marked, struct err *err);

/* Generated code as a symbol. */
struct symbol symbols_generated(const struct symbols *s, size_t number);

#endif
