/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections of a module, as /sys/module/NAME/sections has them. */
#ifndef KERNEL_MODULE_SECTIONS_H
#define KERNEL_MODULE_SECTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/modules.h"

struct module_section {
	char name[64];
	uint64_t start;
	uint64_t room; /* up to the next one, or the end of its memory */
};

/*
 * The section that an address of the module's memory lies in, in three
 * batches: docs/facts/kernel.md, "Modules".  1: found; 0: it is in none, or
 * this kernel does not keep them; or a negative code.
 */
int module_section_at(struct kernel *k, const struct module *m, uint64_t va,
		      struct module_section *out, struct err *err);

#endif
