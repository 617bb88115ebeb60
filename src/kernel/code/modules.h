/* SPDX-License-Identifier: BSD-2-Clause */
/* The modules that a kernel has loaded: their names, memory, symbol tables. */
#ifndef KERNEL_MODULES_H
#define KERNEL_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/list.h"
#include "kernel/remarks.h"

#define MODULE_RANGES_MAX 8

/* A stretch of kernel memory; `size` is not 0, and nothing wraps. */
struct module_range {
	uint64_t start, size;
};

struct module {
	uint64_t addr; /* of its struct module */
	char name[64]; /* MODULE_NAME_LEN is 56 */
	struct module_range range[MODULE_RANGES_MAX];
	size_t n_ranges;
	uint64_t text, text_size; /* its code, in one range; 0: not known */
	/* As /proc/modules has them, whether or not that can be */
	uint64_t base, total;
	/* Elf64_Sym symtab[n_symbols]; each in one range; 0: not known */
	uint64_t symtab, strtab;
	uint32_t n_symbols;
	uint64_t strtab_room; /* bytes from strtab to the end of its range */
	/* As it says, for module_letters.h: char[n_symbols]; what it exports */
	uint64_t typetab, exports;
	uint32_t n_exports;
};

struct modules {
	VEC(struct module) list; /* in the order of the list `modules` */
};

/*
 * Where the list of modules is.  False where this kernel has one and keeps it
 * in no way that is known; a kernel without modules has an empty list.
 */
bool modules_list(struct kernel *k, struct list *list);

/* Read that list alone; ERR_NO_LINUX where it is kept in no way that is known.
 * The caller frees with list_deinit(), also after an error. */
int modules_list_read(struct kernel *k, struct list *list, struct err *err);

/*
 * The modules of a list that was read, but those that are not formed yet, as
 * /proc/kallsyms has it.  What is not as it must be is left out, with a
 * remark.  The caller frees with modules_deinit(), also after an error.
 */
int modules_read(struct kernel *k, const struct list *list, struct modules *out,
		 struct remarks *remarks, struct err *err);
void modules_deinit(struct modules *m);

/* The range of a module that [va, va + len) lies in, or NULL. */
const struct module_range *module_range_of(const struct module *m, uint64_t va,
					   uint64_t len);

#endif
