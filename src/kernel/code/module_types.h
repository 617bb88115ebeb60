/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers want of types that modules brought. */
#ifndef KERNEL_MODULE_TYPES_H
#define KERNEL_MODULE_TYPES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/code/modules.h"
#include "kernel/kernel.h"
#include "kernel/readers.h"
#include "profile/resolve.h"

/* A reader, and the module whose structs it reads. */
struct module_types {
	size_t module; /* its number in the list of modules */
	enum reader reader;
	/* The reader's values; n 0: that module has no types, or they cannot be
	 * read */
	struct wanted_values values;
};

/*
 * Resolve what n readers want, each in its module's own types
 * (docs/facts/kernel.md, "Types of modules"), and what these do not have in the
 * kernel's.  Their blobs and no others are read: as many batches as the list
 * of them takes, and three.  What is damaged has no types.  The caller frees
 * with module_types_deinit(), also after an error; values are zeroed before.
 */
int module_types_read(struct kernel *k, const struct modules *modules,
		      struct module_types *v, size_t n, struct err *err);
void module_types_deinit(struct module_types *v, size_t n);

#endif
