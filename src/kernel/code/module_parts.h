/* SPDX-License-Identifier: BSD-2-Clause */
/* All that is known of one module. */
#ifndef KERNEL_MODULE_PARTS_H
#define KERNEL_MODULE_PARTS_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/code/module_params.h"
#include "kernel/code/module_sections.h"
#include "kernel/code/module_status.h"
#include "kernel/code/module_symbols.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

struct module_parts {
	struct module_statuses all;
	const struct module *module; /* the one that was asked for */
	const struct module_status *status;
	struct module_sections sections;
	struct module_params params;
	struct module_symbols symbols; /* as /proc/kallsyms has them */
	struct remarks remarks;
};

/*
 * Read those of the module of that name.  ERR_NOT_FOUND: there is none;
 * ERR_NO_LINUX: the kernel keeps them in no way that is known.  Zero-initialise
 * before; the caller deinits, also after an error.
 */
int module_parts_read(struct kernel *k, const char *name,
		      struct module_parts *out, struct err *err);
void module_parts_deinit(struct module_parts *p);

/* Whether module i of all uses that one. */
bool module_parts_uses(const struct module_parts *p, size_t i);

#endif
