/* SPDX-License-Identifier: BSD-2-Clause */
/* Where sections of a module were put, and its rules for unwinding. */
#ifndef KERNEL_MODULE_SECTIONS_H
#define KERNEL_MODULE_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/modules.h"
#include "kernel/remarks.h"

#define MODULE_SECTION_NAME 64

struct module_section {
	char name[MODULE_SECTION_NAME];
	uint64_t va; /* those of its initialisation are freed by now */
};

/* As /sys/module/NAME/sections has them (docs/facts/kernel.md, "Modules"). */
struct module_sections {
	bool known; /* the kernel keeps them, in a way that is known */
	VEC(struct module_section) list;
	bool has_orc;
	uint32_t n_orc;	 /* rules */
	uint64_t orc_ip; /* int32_t[n_orc]: what code each is about */
};

/*
 * Read those of one module.  What is damaged is left out, with a remark.  The
 * caller deinits, also after an error.
 */
int module_sections_read(struct kernel *k, const struct module *m,
			 struct module_sections *out, struct remarks *remarks,
			 struct err *err);
void module_sections_deinit(struct module_sections *s);

#endif
