/* SPDX-License-Identifier: BSD-2-Clause */
/* Where threads had their stacks in user mode. */
#ifndef KERNEL_X86_64_USER_SP_H
#define KERNEL_X86_64_USER_SP_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * The stack pointers that n threads had in user mode when they last came into
 * the kernel, which is at the top of their stacks, in two batches; 0: not
 * known.
 */
int x86_64_user_sps(struct kernel *k, const struct task *tasks, size_t n,
		    uint64_t *sps, struct err *err);

#endif
