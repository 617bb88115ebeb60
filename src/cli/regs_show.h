/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a vCPU as rows and as text. */
#ifndef CLI_REGS_SHOW_H
#define CLI_REGS_SHOW_H

#include <stdbool.h>
#include <stddef.h>

#include "cli/out.h"
#include "guest/names.h"
#include "kernel/kernel.h"
#include "machine/regs.h"

/* The columns of one kind of CPU; stays as long as the rows. */
struct regs_columns {
	struct row_column v[2 * ARCH_REGS_MAX];
	size_t n;
	size_t plain, bits, roots, pti, names, changes; /* where those begin */
};

/* Choose the columns; once. */
void regs_show_begin(struct out *out, const struct arch *a,
		     struct regs_columns *c);

/* Whether what a vCPU's registers lead to has names: it is in this kernel. */
bool regs_have_names(const struct kernel *k, const struct vcpu *v);

/* One vCPU to be shown.  k may be NULL; `names` are what its registers lead to,
 * by number, which counts in the kernel only; NULL: not known. */
struct regs_view {
	const struct kernel *k;
	const struct vcpu *v;
	const struct guest_name *names;
	const struct reg_change *changes;
	size_t n_changes;
};

/*
 * A row of all registers with the changes in it or, as text, the changes alone
 * where there are some.
 */
void regs_show(struct out *out, const struct regs_columns *c,
	       const struct regs_view *view);

#endif
