/* SPDX-License-Identifier: BSD-2-Clause */
/* The types that modules brought: a blob of BTF each. */
#ifndef KERNEL_BTF_MODULES_H
#define KERNEL_BTF_MODULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/list.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

/*
 * A blob, as it lies in memory: what is in it is not looked at.  It counts its
 * types and its strings on from the kernel's, which have that many.
 */
struct btf_module {
	size_t module; /* its number in the list of modules */
	uint8_t *blob;
	size_t len;
	uint32_t start_id, start_string;
};

struct btf_modules {
	VEC(struct btf_module) list; /* at most one for each module */
};

/*
 * Where their list is.  False where this kernel has one and keeps it in no way
 * that is known; a kernel without (up to 5.10) has an empty list.
 */
bool btf_modules_list(struct kernel *k, struct list *list);

/*
 * The blobs of a list that was read, in three batches.  What is not as it must
 * be is left out, with a remark.  The caller frees with btf_modules_deinit(),
 * also after an error.
 */
int btf_modules_read(struct kernel *k, const struct list *list,
		     const struct modules *modules, struct btf_modules *out,
		     struct remarks *remarks, struct err *err);
void btf_modules_deinit(struct btf_modules *b);

#endif
