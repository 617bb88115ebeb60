/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of files that have no path, as their d_dname functions make them. */
#ifndef KERNEL_DENTRY_NAME_H
#define KERNEL_DENTRY_NAME_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* A name to make, and what became of it. */
struct dentry_name {
	uint64_t function;	/* dentry_operations.d_dname */
	uint64_t dentry, inode; /* addresses */
	const char *name;	/* of the dentry, len bytes */
	uint32_t len;
	char *text;	  /* raw bytes; NULL: it cannot be told */
	uint64_t torn_at; /* then: what could not be read; 0: the function is
			     not known */
};

/*
 * Make n names in a fixed number of batches.  The caller frees each text, also
 * after an error.
 */
int dentry_names_make(struct kernel *k, struct dentry_name *v, size_t n,
		      struct err *err);

#endif
