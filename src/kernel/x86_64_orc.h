/* SPDX-License-Identifier: BSD-2-Clause */
/* The rules by which a kernel unwinds its own stacks (ORC), x86-64. */
#ifndef KERNEL_X86_64_ORC_H
#define KERNEL_X86_64_ORC_H

#include <stddef.h>
#include <stdint.h>

#include "base/vec.h"

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
	ORC_SP_INDIRECT	 /* what is stored at rsp, plus offset */
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

#endif
