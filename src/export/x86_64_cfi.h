/* SPDX-License-Identifier: BSD-2-Clause */
/* Rules for unwinding as call frame instructions (DWARF 5, section 6.4.2). */
#ifndef EXPORT_X86_64_CFI_H
#define EXPORT_X86_64_CFI_H

#include <stdbool.h>

#include "base/buf.h"
#include "kernel/code/x86_64_orc.h"

/* As a CIE has them: addresses are in bytes, and slots of a stack of 8. */
#define X86_64_CFI_CODE_ALIGN 1
#define X86_64_CFI_DATA_ALIGN (-8)
#define X86_64_CFI_RETURN     16 /* the return address's column */

/* What holds at an address, while a function is gone through. */
struct x86_64_cfi {
	struct orc_rule rule; /* the last that was not of an end */
	bool ended;
};

/*
 * Append what stands in a CIE, of functions that are called or of those that
 * take over from what was interrupted, and tell what then holds.
 */
struct x86_64_cfi x86_64_cfi_begin(bool signal, struct buf *out);

/* Whether all that a rule says is what holds. */
bool x86_64_cfi_holds(const struct x86_64_cfi *at, const struct orc_rule *rule);

/*
 * Append what makes `rule` hold.  Registers that it does not speak of are
 * undefined; where it knows of no caller, so is the return address, and there
 * debuggers stop.
 */
void x86_64_cfi_change(struct x86_64_cfi *at, const struct orc_rule *rule,
		       bool sp_indirect_before, struct buf *out);

/* The same as if the CIE's had just been gone through. */
struct x86_64_cfi x86_64_cfi_first(bool signal);

#endif
