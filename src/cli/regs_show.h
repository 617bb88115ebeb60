/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a vCPU as rows and as text. */
#ifndef CLI_REGS_SHOW_H
#define CLI_REGS_SHOW_H

#include <stddef.h>

#include "cli/out.h"
#include "kernel/kernel.h"
#include "kernel/symbols.h"
#include "machine/regs.h"

/* Choose the columns; once. */
void regs_show_begin(struct out *out);

/*
 * One vCPU: a row of all registers with the n changes in it or, as text, the
 * changes alone where there are some.  k may be NULL; `symbol` is that of rip,
 * which counts in the kernel only.
 */
void regs_show(struct out *out, const struct kernel *k, const struct vcpu *v,
	       const struct symbol *symbol, const struct reg_change *changes,
	       size_t n);

#endif
