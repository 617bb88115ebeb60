/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory policies that files of shared memory have for themselves. */
#ifndef KERNEL_SHARED_POLICY_H
#define KERNEL_SHARED_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/* A page of a file, and what its policy turns out to be. */
struct shared_ask {
	size_t vma; /* the caller's: whose it is */
	uint64_t file;
	uint64_t index; /* of the page */

	uint64_t policy; /* struct mempolicy, 0: there is none */
	bool lost;	 /* it cannot be found out */

	uint64_t at; /* how far that is: an object on the way */
};

struct shared_asks {
	struct shared_ask *v;
	size_t n, cap;
};

/*
 * Look them up as mpol_shared_policy_lookup() of mm/mempolicy.c does, all in
 * step: two batches, and one for each level of the deepest tree.
 */
int shared_policies_read(struct kernel *k, struct shared_asks *asks,
			 struct err *err);

#endif
