/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPU registers by name: one table; and changes that are read back. */
#ifndef MACHINE_REGS_H
#define MACHINE_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"

/*
 * A register of struct vcpu.  Names and widths are those of QEMU's
 * gdb-xml/i386-64bit.xml (4.1 to 11.1), but for selectors: 16 of their 32 bits
 * mean anything (SDM vol. 3A, 3.4.2).
 */
struct vcpu_reg {
	const char *name;
	size_t offset;	     /* in struct vcpu */
	size_t size;	     /* of that member */
	unsigned int bytes;  /* the widest value that it takes */
	const char *no_sets; /* why it is not to be changed, or NULL */
};

/*
 * R(id, name, member, bytes, no_sets): the one table of registers, in the
 * order in which they are shown.
 */
#define VCPU_REGS(R)                                  \
	R(RAX, "rax", gpr[0], 8, NULL)                \
	R(RBX, "rbx", gpr[1], 8, NULL)                \
	R(RCX, "rcx", gpr[2], 8, NULL)                \
	R(RDX, "rdx", gpr[3], 8, NULL)                \
	R(RSI, "rsi", gpr[4], 8, NULL)                \
	R(RDI, "rdi", gpr[5], 8, NULL)                \
	R(RBP, "rbp", gpr[6], 8, NULL)                \
	R(RSP, "rsp", gpr[7], 8, NULL)                \
	R(R8, "r8", gpr[8], 8, NULL)                  \
	R(R9, "r9", gpr[9], 8, NULL)                  \
	R(R10, "r10", gpr[10], 8, NULL)               \
	R(R11, "r11", gpr[11], 8, NULL)               \
	R(R12, "r12", gpr[12], 8, NULL)               \
	R(R13, "r13", gpr[13], 8, NULL)               \
	R(R14, "r14", gpr[14], 8, NULL)               \
	R(R15, "r15", gpr[15], 8, NULL)               \
	R(RIP, "rip", rip, 8, NULL)                   \
	R(EFLAGS, "eflags", rflags, 4, NULL)          \
	R(CS, "cs", cs, 2, VCPU_REG_SELECTOR)         \
	R(SS, "ss", ss, 2, VCPU_REG_SELECTOR)         \
	R(DS, "ds", ds, 2, VCPU_REG_SELECTOR)         \
	R(ES, "es", es, 2, VCPU_REG_SELECTOR)         \
	R(FS, "fs", fs, 2, VCPU_REG_SELECTOR)         \
	R(GS, "gs", gs, 2, VCPU_REG_SELECTOR)         \
	R(FS_BASE, "fs_base", fs_base, 8, NULL)       \
	R(GS_BASE, "gs_base", gs_base, 8, NULL)       \
	R(K_GS_BASE, "k_gs_base", k_gs_base, 8, NULL) \
	R(CR0, "cr0", cr0, 8, VCPU_REG_MODE)          \
	R(CR2, "cr2", cr2, 8, NULL)                   \
	R(CR3, "cr3", cr3, 8, NULL)                   \
	R(CR4, "cr4", cr4, 8, NULL)                   \
	R(CR8, "cr8", cr8, 8, NULL)                   \
	R(EFER, "efer", efer, 8, VCPU_REG_MODE)

#define VCPU_REG_ID(id, name, member, bytes, no_sets) VCPU_##id,
enum vcpu_reg_id {
	VCPU_REGS(VCPU_REG_ID) VCPU_REGS_N
};
#undef VCPU_REG_ID

/* All of them, by enum vcpu_reg_id; a NULL name behind the last. */
extern const struct vcpu_reg vcpu_regs[];

/* The register of that name, or NULL. */
const struct vcpu_reg *vcpu_reg_find(const char *name);

uint64_t vcpu_reg_get(const struct vcpu *v, const struct vcpu_reg *reg);

/* Store a value, cut to the member's size. */
void vcpu_reg_put(struct vcpu *v, const struct vcpu_reg *reg, uint64_t value);

/* The vCPU with that index, or NULL. */
struct vcpu *machine_vcpu(const struct machine *m, unsigned int index);

/* A register that is to be changed; old and sent are filled in. */
struct reg_change {
	const struct vcpu_reg *reg;
	uint64_t old, new;
	bool sent; /* the provider was asked: it may have been changed */
};

/*
 * Change n registers of the vCPU with that index and read all of its registers
 * back: those must be as asked for and all others as they were, or what was
 * written is put back.  On success machine->vcpus has the new values.
 *
 * ERR_NOT_FOUND: no such vCPU; ERR_REFUSED: the provider cannot do it, or the
 * vCPU did not take a value (then all are as before); ERR_PARTIAL: nor are
 * they as before, or that is not known; or what the provider said, and all are
 * as before.
 */
int machine_write_regs(struct machine *m, unsigned int vcpu,
		       struct reg_change *changes, size_t n, struct err *err);

#endif
