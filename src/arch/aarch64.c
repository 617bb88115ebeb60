/* SPDX-License-Identifier: BSD-2-Clause */
/* aarch64: registers and modes (Arm ARM, DDI 0487). */
#include "arch/aarch64.h"

/* D19.1: PSTATE as QEMU has it in cpsr, and as SPSR_ELx does. */
static const struct regbit cpsr[] = {
	{"M", 0, 4},	{"nRW", 4, 1},	{"F", 6, 1},	  {"I", 7, 1},
	{"A", 8, 1},	{"D", 9, 1},	{"BTYPE", 10, 2}, {"SSBS", 12, 1},
	{"IL", 20, 1},	{"SS", 21, 1},	{"PAN", 22, 1},	  {"UAO", 23, 1},
	{"DIT", 24, 1}, {"TCO", 25, 1}, {"V", 28, 1},	  {"C", 29, 1},
	{"Z", 30, 1},	{"N", 31, 1},	{NULL, 0, 0},
};

/* D19.2: SCTLR_EL1. */
static const struct regbit sctlr[] = {
	{"M", 0, 1},	   {"A", 1, 1},	      {"C", 2, 1},
	{"SA", 3, 1},	   {"SA0", 4, 1},     {"CP15BEN", 5, 1},
	{"nAA", 6, 1},	   {"ITD", 7, 1},     {"SED", 8, 1},
	{"UMA", 9, 1},	   {"EnRCTX", 10, 1}, {"EOS", 11, 1},
	{"I", 12, 1},	   {"EnDB", 13, 1},   {"DZE", 14, 1},
	{"UCT", 15, 1},	   {"nTWI", 16, 1},   {"nTWE", 18, 1},
	{"WXN", 19, 1},	   {"TSCXT", 20, 1},  {"IESB", 21, 1},
	{"EIS", 22, 1},	   {"SPAN", 23, 1},   {"E0E", 24, 1},
	{"EE", 25, 1},	   {"UCI", 26, 1},    {"EnDA", 27, 1},
	{"nTLSMD", 28, 1}, {"LSMAOE", 29, 1}, {"EnIB", 30, 1},
	{"EnIA", 31, 1},   {"BT0", 35, 1},    {"BT1", 36, 1},
	{"ITFSB", 37, 1},  {"TCF0", 38, 2},   {"TCF", 40, 2},
	{"ATA0", 42, 1},   {"ATA", 43, 1},    {"DSSBS", 44, 1},
	{"EPAN", 57, 1},   {NULL, 0, 0},
};

/* D19.2: TCR_EL1; TCR_EL2 is the same where HCR_EL2.E2H is set. */
static const struct regbit tcr[] = {
	{"T0SZ", 0, 6},	  {"EPD0", 7, 1},   {"IRGN0", 8, 2},  {"ORGN0", 10, 2},
	{"SH0", 12, 2},	  {"TG0", 14, 2},   {"T1SZ", 16, 6},  {"A1", 22, 1},
	{"EPD1", 23, 1},  {"IRGN1", 24, 2}, {"ORGN1", 26, 2}, {"SH1", 28, 2},
	{"TG1", 30, 2},	  {"IPS", 32, 3},   {"AS", 36, 1},    {"TBI0", 37, 1},
	{"TBI1", 38, 1},  {"HA", 39, 1},    {"HD", 40, 1},    {"HPD0", 41, 1},
	{"HPD1", 42, 1},  {"TBID0", 51, 1}, {"TBID1", 52, 1}, {"NFD0", 53, 1},
	{"NFD1", 54, 1},  {"E0PD0", 55, 1}, {"E0PD1", 56, 1}, {"TCMA0", 57, 1},
	{"TCMA1", 58, 1}, {"DS", 59, 1},    {NULL, 0, 0},
};

#define NOT_YET "registers of aarch64 are not changed here"

/* docs/facts/aarch64.md, "Registers by the stub" */
#define CORE(id, n) [id] = {.name = (n), .bytes = 8, .no_sets = NOT_YET}
#define SYSTEM(n, in_stub, old, words, key)    \
	[A64_##in_stub] = {.name = (n),        \
			   .stub = #in_stub,   \
			   .before = (old),    \
			   .bytes = 8,         \
			   .optional = true,   \
			   .no_sets = NOT_YET, \
			   .bits = (words),    \
			   .bits_key = (key)}

static const struct arch_reg regs[A64_REGS] = {
	CORE(A64_X0 + 0, "x0"),
	CORE(A64_X0 + 1, "x1"),
	CORE(A64_X0 + 2, "x2"),
	CORE(A64_X0 + 3, "x3"),
	CORE(A64_X0 + 4, "x4"),
	CORE(A64_X0 + 5, "x5"),
	CORE(A64_X0 + 6, "x6"),
	CORE(A64_X0 + 7, "x7"),
	CORE(A64_X0 + 8, "x8"),
	CORE(A64_X0 + 9, "x9"),
	CORE(A64_X0 + 10, "x10"),
	CORE(A64_X0 + 11, "x11"),
	CORE(A64_X0 + 12, "x12"),
	CORE(A64_X0 + 13, "x13"),
	CORE(A64_X0 + 14, "x14"),
	CORE(A64_X0 + 15, "x15"),
	CORE(A64_X0 + 16, "x16"),
	CORE(A64_X0 + 17, "x17"),
	CORE(A64_X0 + 18, "x18"),
	CORE(A64_X0 + 19, "x19"),
	CORE(A64_X0 + 20, "x20"),
	CORE(A64_X0 + 21, "x21"),
	CORE(A64_X0 + 22, "x22"),
	CORE(A64_X0 + 23, "x23"),
	CORE(A64_X0 + 24, "x24"),
	CORE(A64_X0 + 25, "x25"),
	CORE(A64_X0 + 26, "x26"),
	CORE(A64_X0 + 27, "x27"),
	CORE(A64_X0 + 28, "x28"),
	CORE(A64_X0 + 29, "x29"),
	CORE(A64_X0 + 30, "x30"),
	CORE(A64_SP, "sp"),
	CORE(A64_PC, "pc"),
	[A64_CPSR] = {.name = "cpsr",
		      .bytes = 4,
		      .no_sets = NOT_YET,
		      .bits = cpsr,
		      .bits_key = "cpsr_bits"},
	SYSTEM("sctlr_el1", SCTLR_EL1, "SCTLR", sctlr, "sctlr_el1_bits"),
	SYSTEM("tcr_el1", TCR_EL1, NULL, tcr, "tcr_el1_bits"),
	SYSTEM("ttbr0_el1", TTBR0_EL1, NULL, NULL, NULL),
	SYSTEM("ttbr1_el1", TTBR1_EL1, NULL, NULL, NULL),
	SYSTEM("mair_el1", MAIR_EL1, NULL, NULL, NULL),
	SYSTEM("vbar_el1", VBAR_EL1, "VBAR", NULL, NULL),
	SYSTEM("esr_el1", ESR_EL1, NULL, NULL, NULL),
	SYSTEM("far_el1", FAR_EL1, NULL, NULL, NULL),
	SYSTEM("elr_el1", ELR_EL1, NULL, NULL, NULL),
	SYSTEM("spsr_el1", SPSR_EL1, NULL, NULL, NULL),
	SYSTEM("sp_el0", SP_EL0, NULL, NULL, NULL),
	SYSTEM("sp_el1", SP_EL1, NULL, NULL, NULL),
	SYSTEM("tpidr_el0", TPIDR_EL0, NULL, NULL, NULL),
	SYSTEM("tpidrro_el0", TPIDRRO_EL0, NULL, NULL, NULL),
	SYSTEM("tpidr_el1", TPIDR_EL1, NULL, NULL, NULL),
	SYSTEM("contextidr_el1", CONTEXTIDR_EL1, NULL, NULL, NULL),
	SYSTEM("hcr_el2", HCR_EL2, NULL, NULL, NULL),
	SYSTEM("sctlr_el2", SCTLR_EL2, NULL, sctlr, "sctlr_el2_bits"),
	SYSTEM("tcr_el2", TCR_EL2, NULL, tcr, "tcr_el2_bits"),
	SYSTEM("ttbr0_el2", TTBR0_EL2, NULL, NULL, NULL),
	SYSTEM("ttbr1_el2", TTBR1_EL2, NULL, NULL, NULL),
	SYSTEM("vbar_el2", VBAR_EL2, NULL, NULL, NULL),
	SYSTEM("tpidr_el2", TPIDR_EL2, NULL, NULL, NULL),
	SYSTEM("sp_el2", SP_EL2, NULL, NULL, NULL),
};

static const struct arch_line lines[] = {
	{A64_PC, A64_PC, 1, 1, 6},
	{A64_CPSR, A64_CPSR, 1, 1, 6},
	{A64_X0, A64_SP, 3, 16, 3},
	{A64_SCTLR_EL1, A64_SP_EL2, 1, 1, 14},
	{0, 0, 0, 0, 0},
};

static const struct arch_root roots[] = {
	{"ttbr0", "ASID", "ttbr0_table", "ttbr0_asid"},
	{"ttbr1", "ASID", "ttbr1_table", "ttbr1_asid"},
};

/*
 * With VHE the host's kernel runs at EL2, by registers of that level:
 * docs/facts/aarch64.md, "Levels and modes".
 */
static bool is_vhe(const struct vcpu *v)
{
	return v->reg[A64_HCR_EL2] & HCR_E2H;
}

static uint64_t tcr_of(const struct vcpu *v)
{
	return v->reg[is_vhe(v) ? A64_TCR_EL2 : A64_TCR_EL1];
}

static const struct paging *aarch64_paging(const struct vcpu *v,
					   unsigned int root)
{
	uint64_t off = root == A64_TTBR0 ? TCR_EPD0 : TCR_EPD1;

	if (!(v->reg[is_vhe(v) ? A64_SCTLR_EL2 : A64_SCTLR_EL1] & SCTLR_M) ||
	    tcr_of(v) & off)
		return NULL;
	return aarch64_paging_of_tcr(tcr_of(v), root);
}

static unsigned int aarch64_root_reg(const struct vcpu *v, unsigned int root)
{
	return (is_vhe(v) ? A64_TTBR0_EL2 : A64_TTBR0_EL1) + root;
}

/* D19.2, TTBRn_EL1: one of them has it, by TCR.A1; of 8 bits without AS. */
static bool aarch64_tag(const struct vcpu *v, unsigned int root, uint64_t *asid)
{
	*asid = vcpu_root(v, root) >> 48;
	if (!(tcr_of(v) & TCR_AS))
		*asid &= 0xff;
	return (tcr_of(v) & TCR_A1 ? A64_TTBR1 : A64_TTBR0) == root;
}

/* D8.8: the top byte does not count where TBIn is set. */
static uint64_t strip(const struct vcpu *v, unsigned int root, uint64_t va)
{
	if (root == A64_TTBR0)
		return tcr_of(v) & TCR_TBI0 ? va << 8 >> 8 : va;
	return tcr_of(v) & TCR_TBI1 ? va | 0xffULL << 56 : va;
}

static const char *aarch64_mode(const struct vcpu *v)
{
	return v->reg[A64_CPSR] & PSTATE_NRW ? "AArch32" : "AArch64";
}

/* D19.1, SPSR_EL1.M; in AArch32 user mode is 0, and EL0 too. */
static int aarch64_level(const struct vcpu *v)
{
	if (v->reg[A64_CPSR] & PSTATE_NRW)
		return v->reg[A64_CPSR] & 0xf ? -1 : 0;
	return (int)(v->reg[A64_CPSR] >> 2 & 3);
}

static bool aarch64_user_mode(const struct vcpu *v)
{
	return aarch64_level(v) == 0;
}

static int aarch64_check(const struct vcpu *v, const struct arch_reg *reg,
			 uint64_t value, struct err *err)
{
	(void)v, (void)value;
	return err_set(err, ERR_REFUSED, "%s: %s", reg->name, NOT_YET);
}

const struct arch arch_aarch64 = {.name = "aarch64",
				  .gdb_name = "aarch64",
				  .regs = regs,
				  .n_regs = A64_REGS,
				  .pc = A64_PC,
				  .lines = lines,
				  .roots = roots,
				  .n_roots = 2,
				  .level_name = "EL",
				  .level_key = "el",
				  .paging = aarch64_paging,
				  .root_reg = aarch64_root_reg,
				  .tag = aarch64_tag,
				  .strip = strip,
				  .user_mode = aarch64_user_mode,
				  .mode = aarch64_mode,
				  .level = aarch64_level,
				  .check = aarch64_check};
