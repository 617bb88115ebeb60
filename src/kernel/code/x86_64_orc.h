/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules by which a kernel unwinds its own stacks (ORC), x86-64. */
#ifndef KERNEL_X86_64_ORC_H
#define KERNEL_X86_64_ORC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/code/modules.h"
#include "kernel/remarks.h"

/* Where a frame's CFA, or the caller's rbp, is found from. */
enum orc_base {
	ORC_UNDEFINED,
	ORC_PREV_SP, /* the CFA itself */
	ORC_AX,
	ORC_DX,
	ORC_DI,
	ORC_BP,
	ORC_SP,
	ORC_R10,
	ORC_R13,
	ORC_BP_INDIRECT, /* what is stored at rbp + offset */
	ORC_SP_INDIRECT, /* what is stored at rsp, plus offset */
	ORC_BASES
};

enum orc_kind {
	ORC_NONE, /* nothing is known from here on */
	ORC_END,  /* the last frame */
	ORC_CALL,
	ORC_REGS,	 /* a whole struct pt_regs at the CFA */
	ORC_REGS_PARTIAL /* what an interrupt pushes, at the CFA */
};

/*
 * One rule, whatever the kernel's encoding of it: it holds from its address up
 * to that of the next.  docs/facts/trace.md, "Unwinding rules".
 */
struct orc_rule {
	uint64_t va;
	int16_t sp_offset, bp_offset;
	uint8_t sp_base, bp_base; /* enum orc_base */
	uint8_t kind;		  /* enum orc_kind */
	uint8_t signal; /* the frame was interrupted, it made no call */
};

/* Ascending by address, one rule for each; of the image or of one module. */
struct orc_table {
	uint32_t owner; /* 0: the image; else number of the module + 1 */
	/* SP_INDIRECT reads at rsp + offset, up to 5.11, not at rsp. */
	uint8_t sp_indirect_before;
	VEC(struct orc_rule) rules;
};

/* A vector for vec_push() and the like. */
struct orc_tables {
	struct orc_table *v;
	size_t n, cap;
};

/*
 * Read the rules of the image, if it has any, and then those of the modules m,
 * as many as ORC_RULES_MAX says: for code alone, with an ORC_NONE behind it.
 * What is not there, not in order or makes no sense is said in a remark; only
 * the last is left out.  *out is empty before; the caller deinits it, also
 * after an error.
 */
int orc_read(struct kernel *k, const struct modules *m, struct orc_tables *out,
	     struct remarks *remarks, struct err *err);
void orc_tables_deinit(struct orc_tables *t);

/* The rule that holds at va, or NULL: no table is about that. */
const struct orc_rule *orc_find(const struct orc_tables *t, uint64_t va,
				const struct orc_table **table);

#endif
