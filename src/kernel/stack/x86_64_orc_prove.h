/* SPDX-License-Identifier: BSD-2-Clause */
/* Proves rules for unwinding by tasks that sleep. */
#ifndef KERNEL_X86_64_ORC_PROVE_H
#define KERNEL_X86_64_ORC_PROVE_H

#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/code/x86_64_orc.h"

#define ORC_PROOFS_MAX 20u

/* What came of the tasks that were unwound. */
struct orc_proof {
	size_t led;    /* out to where their stacks begin */
	size_t failed; /* to anywhere else */
	size_t silent; /* a tracer, or code without rules, was in the way */
};

/*
 * Unwind up to ORC_PROOFS_MAX tasks that sleep, user's and the kernel's own,
 * and drop the tables, with a remark, unless that leads out of their stacks.
 * proof may be NULL.
 */
int orc_prove(struct kernel *k, struct orc_tables *t, struct orc_proof *proof,
	      struct remarks *remarks, struct err *err);

#endif
