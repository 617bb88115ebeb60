/* SPDX-License-Identifier: BSD-2-Clause */
/* Where sections of a module were put, and its rules for unwinding. */
#ifndef KERNEL_MODULE_SECTIONS_H
#define KERNEL_MODULE_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

#define MODULE_SECTION_NAME 64

struct module_section {
	char name[MODULE_SECTION_NAME];
	uint64_t start; /* those of its initialisation are freed by now */
	uint64_t room;	/* module_section_at(): up to the next one, or the end
			   of its memory */
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

/*
 * The section that an address of the module's memory lies in.  1: found; 0: it
 * is in none, or this kernel does not keep them; or a negative code.
 */
int module_section_at(struct kernel *k, const struct module *m, uint64_t va,
		      struct module_section *out, struct err *err);

#endif
