/* SPDX-License-Identifier: BSD-2-Clause */
/* What kernels let tasks decide of speculation. */
#ifndef KERNEL_X86_64_SPEC_H
#define KERNEL_X86_64_SPEC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

enum speculation {
	SPECULATION_UNKNOWN,
	SPECULATION_UNAFFECTED, /* these CPUs have no such fault */
	SPECULATION_FREE,	/* nothing is done about it */
	SPECULATION_BARRED,	/* it never takes place */
	SPECULATION_CHOSEN	/* as each task chose */
};

/* Of this kernel, on these CPUs. */
struct x86_64_spec {
	enum speculation store_bypass;
	enum speculation indirect_branch;
};

/*
 * As arch_prctl_spec_ctrl_get() finds it (arch/x86/kernel/cpu/bugs.c;
 * docs/facts/kernel.md, "Status of processes"), in a few batches.
 */
int x86_64_spec_read(struct kernel *k, struct x86_64_spec *out,
		     struct err *err);

/* Whether the CPUs have AVX-512, and the kernel knows; *known is false where
 * nothing tells. */
int x86_64_has_avx512(struct kernel *k, bool *has, bool *known,
		      struct err *err);

#endif
