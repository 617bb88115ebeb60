/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules for code that calls only to change its own return address. */
#ifndef KERNEL_X86_64_ORC_MEND_H
#define KERNEL_X86_64_ORC_MEND_H

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/code/x86_64_orc.h"

/*
 * Put rules into the image's table where it has none, or wrong ones, and the
 * code itself tells them: retpolines, and the filling of the return stack
 * buffer at a switch of tasks (docs/facts/trace.md, "Code without true rules").
 * What the code is not known to do stays as it is.  One batch.
 */
int orc_mend(struct kernel *k, struct orc_table *image, struct err *err);

#endif
