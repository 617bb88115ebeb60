/* SPDX-License-Identifier: BSD-2-Clause */
/* Parameters of a module, and their values. */
#ifndef KERNEL_MODULE_PARAMS_H
#define KERNEL_MODULE_PARAMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

#define MODULE_PARAM_NAME  64
#define MODULE_PARAM_VALUE 1024 /* of a string: include/linux/moduleparam.h */

struct module_param {
	char name[MODULE_PARAM_NAME];
	uint16_t mode; /* of its file in /sys; 0: there is none */
	uint64_t at;   /* where its value is, or what tells where */
	bool has_value;
	char value[MODULE_PARAM_VALUE]; /* as in that file */
};

struct module_params {
	bool known;
	VEC(struct module_param) list;
};

/*
 * Read those of one module; values of the types that the kernel itself has
 * functions for, but for arrays (docs/facts/kernel.md, "Modules").  What is
 * damaged is left out, with a remark.  The caller deinits, also after an error.
 */
int module_params_read(struct kernel *k, const struct module *m,
		       struct module_params *out, struct remarks *remarks,
		       struct err *err);
void module_params_deinit(struct module_params *p);

#endif
