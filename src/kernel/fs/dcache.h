/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's cache of names: what a name in a directory leads to. */
#ifndef KERNEL_DCACHE_H
#define KERNEL_DCACHE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* full_name_hash() of fs/namei.c, as kernels of x86-64 have it since 4.8. */
uint32_t dcache_hash(uint64_t parent, const char *name, size_t len);

/*
 * The dentry of a name below the dentry `parent`; 0: the cache has none, which
 * does not say that there is no such file.  A batch for each dentry of a chain
 * of the table, which mostly is one.  ERR_NO_LINUX where the kernel does not
 * tell where that is.
 */
int dcache_find(struct kernel *k, uint64_t parent, const char *name, size_t len,
		uint64_t *dentry, struct err *err);

#endif
