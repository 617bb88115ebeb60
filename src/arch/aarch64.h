/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: numbers of registers, and forms of page tables. */
#ifndef ARCH_AARCH64_H
#define ARCH_AARCH64_H

#include "arch/arch.h"

/* The registers that anything here needs, in the order they are shown. */
enum {
	A64_X0,
	A64_X30 = 30,
	A64_SP,
	A64_PC,
	A64_CPSR,
	A64_SCTLR_EL1,
	A64_TCR_EL1,
	A64_TTBR0_EL1,
	A64_TTBR1_EL1,
	A64_MAIR_EL1,
	A64_VBAR_EL1,
	A64_ESR_EL1,
	A64_FAR_EL1,
	A64_ELR_EL1,
	A64_SPSR_EL1,
	A64_SP_EL0,
	A64_SP_EL1,
	A64_TPIDR_EL0,
	A64_TPIDRRO_EL0,
	A64_TPIDR_EL1,
	A64_CONTEXTIDR_EL1,
	A64_HCR_EL2,
	A64_SCTLR_EL2,
	A64_TCR_EL2,
	A64_TTBR0_EL2,
	A64_TTBR1_EL2,
	A64_VBAR_EL2,
	A64_TPIDR_EL2,
	A64_SP_EL2,
	A64_REGS
};

#define A64_TTBR0 0 /* roots by number: low addresses... */
#define A64_TTBR1 1 /* ...and high ones */

/* Arm ARM, D19.2: SCTLR_ELx, TCR_ELx, HCR_EL2. */
#define SCTLR_M	   (1ULL << 0)
#define TCR_EPD0   (1ULL << 7)
#define TCR_A1	   (1ULL << 22)
#define TCR_EPD1   (1ULL << 23)
#define TCR_AS	   (1ULL << 36)
#define TCR_TBI0   (1ULL << 37)
#define TCR_TBI1   (1ULL << 38)
#define TCR_HPD0   (1ULL << 41)
#define TCR_HPD1   (1ULL << 42)
#define TCR_DS	   (1ULL << 59)
#define TCR_IPS_52 6
#define HCR_E2H	   (1ULL << 34)
#define PSTATE_NRW (1ULL << 4)

/* By TCR_ELx, half by half; NULL: there is no such form. */
const struct paging *aarch64_paging_of_tcr(uint64_t tcr, unsigned int root);

#endif
