/* SPDX-License-Identifier: BSD-2-Clause */
/* Where kernels up to 5.15 say that tasks wait. */
#ifndef KERNEL_X86_64_FRAME_WCHAN_H
#define KERNEL_X86_64_FRAME_WCHAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/*
 * get_wchan() of arch/x86/kernel/process.c, up to 5.15, of n tasks in two
 * batches: it follows frame pointers, which code that is unwound by rules does
 * not keep, and so what it says then is what lay there, mostly nothing.  0 is
 * none, as of a task that runs.
 */
int x86_64_frame_wchans(struct kernel *k, const struct task *tasks, size_t n,
			uint64_t *out, struct err *err);

#endif
