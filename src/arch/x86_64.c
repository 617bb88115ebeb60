/* SPDX-License-Identifier: BSD-2-Clause */
/* x86-64: registers and modes. */
#include "arch/x86_64.h"

#include <inttypes.h>

/* SDM vol. 1, 3.4.3 */
static const struct regbit rflags[] = {
	{"CF", 0, 1},  {"PF", 2, 1},	{"AF", 4, 1},	{"ZF", 6, 1},
	{"SF", 7, 1},  {"TF", 8, 1},	{"IF", 9, 1},	{"DF", 10, 1},
	{"OF", 11, 1}, {"IOPL", 12, 2}, {"NT", 14, 1},	{"RF", 16, 1},
	{"VM", 17, 1}, {"AC", 18, 1},	{"VIF", 19, 1}, {"VIP", 20, 1},
	{"ID", 21, 1}, {NULL, 0, 0},
};

static const struct regbit cr0[] = {
	{"PE", 0, 1},  {"MP", 1, 1},  {"EM", 2, 1},  {"TS", 3, 1},
	{"ET", 4, 1},  {"NE", 5, 1},  {"WP", 16, 1}, {"AM", 18, 1},
	{"NW", 29, 1}, {"CD", 30, 1}, {"PG", 31, 1}, {NULL, 0, 0},
};

static const struct regbit cr4[] = {
	{"VME", 0, 1},	     {"PVI", 1, 1},	    {"TSD", 2, 1},
	{"DE", 3, 1},	     {"PSE", 4, 1},	    {"PAE", 5, 1},
	{"MCE", 6, 1},	     {"PGE", 7, 1},	    {"PCE", 8, 1},
	{"OSFXSR", 9, 1},    {"OSXMMEXCPT", 10, 1}, {"UMIP", 11, 1},
	{"LA57", 12, 1},     {"VMXE", 13, 1},	    {"SMXE", 14, 1},
	{"FSGSBASE", 16, 1}, {"PCIDE", 17, 1},	    {"OSXSAVE", 18, 1},
	{"KL", 19, 1},	     {"SMEP", 20, 1},	    {"SMAP", 21, 1},
	{"PKE", 22, 1},	     {"CET", 23, 1},	    {"PKS", 24, 1},
	{"UINTR", 25, 1},    {"LASS", 27, 1},	    {"LAM_SUP", 28, 1},
	{"FRED", 32, 1},     {NULL, 0, 0},
};

/* The first four are Intel's too, the others AMD's (APM vol. 2, 3.1.7). */
static const struct regbit efer[] = {
	{"SCE", 0, 1},	  {"LME", 8, 1},   {"LMA", 10, 1},
	{"NXE", 11, 1},	  {"SVME", 12, 1}, {"LMSLE", 13, 1},
	{"FFXSR", 14, 1}, {"TCE", 15, 1},  {"MCOMMIT", 17, 1},
	{"INTWB", 18, 1}, {"UAIE", 20, 1}, {"AIBRSE", 21, 1},
	{NULL, 0, 0},
};

#define SELECTOR "its hidden part would have to follow"
#define MODE	 "it decides on the mode of the CPU"

/*
 * As in gdb-xml/i386-64bit.xml, but for selectors: 16 of their 32 bits mean
 * anything (SDM vol. 3A, 3.4.2).
 */
static const struct arch_reg regs[X86_REGS] = {
	[X86_RAX] = {.name = "rax", .bytes = 8},
	[X86_RBX] = {.name = "rbx", .bytes = 8},
	[X86_RCX] = {.name = "rcx", .bytes = 8},
	[X86_RDX] = {.name = "rdx", .bytes = 8},
	[X86_RSI] = {.name = "rsi", .bytes = 8},
	[X86_RDI] = {.name = "rdi", .bytes = 8},
	[X86_RBP] = {.name = "rbp", .bytes = 8},
	[X86_RSP] = {.name = "rsp", .bytes = 8},
	[X86_R8] = {.name = "r8", .bytes = 8},
	[X86_R9] = {.name = "r9", .bytes = 8},
	[X86_R10] = {.name = "r10", .bytes = 8},
	[X86_R11] = {.name = "r11", .bytes = 8},
	[X86_R12] = {.name = "r12", .bytes = 8},
	[X86_R13] = {.name = "r13", .bytes = 8},
	[X86_R14] = {.name = "r14", .bytes = 8},
	[X86_R15] = {.name = "r15", .bytes = 8},
	[X86_RIP] = {.name = "rip", .bytes = 8, .is_address = true},
	[X86_EFLAGS] = {.name = "eflags",
			.bytes = 4,
			.bits = rflags,
			.bits_key = "eflags_bits",
			.fixed = RFLAGS_FIXED},
	[X86_CS] = {.name = "cs", .bytes = 2, .no_sets = SELECTOR},
	[X86_SS] = {.name = "ss", .bytes = 2, .no_sets = SELECTOR},
	[X86_DS] = {.name = "ds", .bytes = 2, .no_sets = SELECTOR},
	[X86_ES] = {.name = "es", .bytes = 2, .no_sets = SELECTOR},
	[X86_FS] = {.name = "fs", .bytes = 2, .no_sets = SELECTOR},
	[X86_GS] = {.name = "gs", .bytes = 2, .no_sets = SELECTOR},
	[X86_FS_BASE] = {.name = "fs_base", .bytes = 8, .is_address = true},
	[X86_GS_BASE] = {.name = "gs_base", .bytes = 8, .is_address = true},
	[X86_K_GS_BASE] = {.name = "k_gs_base", .bytes = 8, .is_address = true},
	[X86_CR0] = {.name = "cr0",
		     .bytes = 8,
		     .no_sets = MODE,
		     .bits = cr0,
		     .bits_key = "cr0_bits"},
	[X86_CR2] = {.name = "cr2", .bytes = 8},
	[X86_CR3] = {.name = "cr3", .bytes = 8},
	[X86_CR4] = {.name = "cr4",
		     .bytes = 8,
		     .bits = cr4,
		     .bits_key = "cr4_bits"},
	[X86_CR8] = {.name = "cr8", .bytes = 8},
	[X86_EFER] = {.name = "efer",
		      .bytes = 8,
		      .no_sets = MODE,
		      .bits = efer,
		      .bits_key = "efer_bits"},
};

static const struct arch_line lines[] = {
	{X86_RIP, X86_RIP, 1, 1, 6},
	{X86_EFLAGS, X86_EFLAGS, 1, 1, 6},
	{X86_RAX, X86_R15, 3, 16, 3},
	{X86_CS, X86_GS, 6, 1, 0},
	{X86_FS_BASE, X86_K_GS_BASE, 3, 1, 0},
	{X86_CR0, X86_EFER, 1, 1, 6},
	{0, 0, 0, 0, 0},
};

static const struct arch_root roots[] = {{"cr3", "PCID", "cr3_table", "pcid"}};

static const struct paging *arch_x86_64_paging(const struct vcpu *v,
					       unsigned int root)
{
	(void)root;
	return x86_64_paging(v);
}

static unsigned int x86_64_root_reg(const struct vcpu *v, unsigned int root)
{
	(void)v, (void)root;
	return X86_CR3;
}

static bool x86_64_tag(const struct vcpu *v, unsigned int which, uint64_t *pcid)
{
	(void)which;
	*pcid = v->reg[X86_CR3] & CR3_PCID;
	return v->reg[X86_CR4] & CR4_PCIDE;
}

static bool x86_64_user_mode(const struct vcpu *v)
{
	return (v->reg[X86_CS] & 3) == 3;
}

/* SDM vol. 3A, 2.2 */
static const char *x86_64_mode(const struct vcpu *v)
{
	if (!(v->reg[X86_CR0] & CR0_PE))
		return "real";
	if (v->reg[X86_EFER] & EFER_LMA)
		return "long";
	return v->reg[X86_EFLAGS] & RFLAGS_VM ? "virtual-8086" : "protected";
}

static int x86_64_level(const struct vcpu *v)
{
	if (!(v->reg[X86_CR0] & CR0_PE))
		return -1;
	if (v->reg[X86_EFLAGS] & RFLAGS_VM && !(v->reg[X86_EFER] & EFER_LMA))
		return 3;
	return (int)(v->reg[X86_CS] & 3);
}

/* SDM vol. 1, 3.4.3: such flags the CPU would not have, or not run with. */
static int check_flags(const struct vcpu *v, uint64_t flags, struct err *err)
{
	uint64_t known = regbits_known(rflags) | RFLAGS_FIXED;

	if (flags & ~known)
		return err_set(err, ERR_REFUSED,
			       "eflags: reserved bits 0x%" PRIx64 " are 0 in a "
			       "CPU",
			       flags & ~known);
	if (!(flags & RFLAGS_FIXED))
		return err_set(err, ERR_REFUSED,
			       "eflags: bit 1 (0x2) is always 1 in a CPU");
	if (v->reg[X86_EFER] & EFER_LMA && flags & RFLAGS_VM)
		return err_set(err, ERR_REFUSED,
			       "eflags: VM (0x20000) does not exist in long "
			       "mode");
	return 0;
}

/* Addresses are loaded canonical only (SDM vol. 1, 3.3.7.1). */
static int x86_64_check(const struct vcpu *v, const struct arch_reg *reg,
			uint64_t value, struct err *err)
{
	if (reg == &regs[X86_EFLAGS])
		return check_flags(v, value, err);
	if (!reg->is_address || !(v->reg[X86_EFER] & EFER_LMA) ||
	    paging_canonical(x86_64_paging_of_cr4(v->reg[X86_CR4]), value))
		return 0;
	return err_set(err, ERR_REFUSED, "%s: 0x%" PRIx64 " is not canonical",
		       reg->name, value);
}

const struct arch arch_x86_64 = {.name = "x86-64",
				 .gdb_name = "i386:x86-64",
				 .regs = regs,
				 .n_regs = X86_REGS,
				 .pc = X86_RIP,
				 .lines = lines,
				 .roots = roots,
				 .n_roots = 1,
				 .paging = arch_x86_64_paging,
				 .root_reg = x86_64_root_reg,
				 .tag = x86_64_tag,
				 .user_mode = x86_64_user_mode,
				 .mode = x86_64_mode,
				 .level_name = "CPL",
				 .level_key = "cpl",
				 .level = x86_64_level,
				 .check = x86_64_check};
