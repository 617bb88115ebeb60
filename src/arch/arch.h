/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU decides: its registers, its modes, how it walks page tables. */
#ifndef ARCH_ARCH_H
#define ARCH_ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/paging.h"
#include "arch/regbits.h"
#include "base/err.h"

#define ARCH_REGS_MAX 64

struct arch;

/* One vCPU of a machine that stands still. */
struct vcpu {
	unsigned int index; /* QEMU's cpu_index, from 0 */
	bool halted; /* as the provider says; false where it does not say */
	const struct arch *arch;
	uint64_t reg[ARCH_REGS_MAX]; /* by the numbers of the arch */
	uint64_t has; /* of the optional ones those that are there, as bits */
};

/* A register.  Names and widths are those of QEMU's gdb-xml (4.1 to 11.1). */
struct arch_reg {
	const char *name;
	const char *stub;	   /* as the stub calls it; NULL: by its name */
	const char *before;	   /* as other versions of it do, or NULL */
	unsigned int bytes;	   /* the widest value that it takes */
	bool optional;		   /* not every CPU has it: then it is 0 */
	bool is_address;	   /* it takes canonical ones alone */
	const char *no_sets;	   /* why it is not to be changed, or NULL */
	const struct regbit *bits; /* their names, or NULL... */
	const char *bits_key;	   /* ...and what they are called in JSON */
	uint64_t fixed;		   /* bits that are always 1, unnamed */
};

/* Registers beside each other, for people; the last has per_line 0. */
struct arch_line {
	unsigned int first, last, per_line;
	unsigned int digits; /* of each, at least */
	unsigned int name_width;
};

/* What a register is for that has the root of page tables. */
struct arch_root {
	const char *name;     /* as in "cr3=0x1000:0x400000" */
	const char *tag_name; /* of what it has beside: "PCID", "ASID" */
	const char *table_key, *tag_key; /* in JSON */
};

/* One object for each kind of CPU. */
struct arch {
	const char *name;     /* "x86-64" */
	const char *gdb_name; /* in a target description: "i386:x86-64" */
	const struct arch_reg *regs;
	unsigned int n_regs, pc;
	const struct arch_line *lines; /* the program counter is the first */
	const struct arch_root *roots;
	unsigned int n_roots;
	const char *level_name, *level_key; /* "CPL", "cpl" */

	/* By its own registers; NULL: it walks no tables by that root. */
	const struct paging *(*paging)(const struct vcpu *v, unsigned int root);
	/* The register that the CPU has in use for that root. */
	unsigned int (*root_reg)(const struct vcpu *v, unsigned int root);
	/* The tag beside it; false: there is none now. */
	bool (*tag)(const struct vcpu *v, unsigned int root, uint64_t *tag);
	/* The address without what the CPU ignores in it; NULL: all counts. */
	uint64_t (*strip)(const struct vcpu *v, unsigned int root, uint64_t va);
	bool (*user_mode)(const struct vcpu *v);
	const char *(*mode)(const struct vcpu *v); /* a word of its manual */
	int (*level)(const struct vcpu *v);	   /* of privilege; -1: none */
	/* Whether it would take such a value.  ERR_REFUSED. */
	int (*check)(const struct vcpu *v, const struct arch_reg *reg,
		     uint64_t value, struct err *err);
};

extern const struct arch arch_x86_64;  /* Intel SDM, AMD APM */
extern const struct arch arch_aarch64; /* Arm ARM (DDI 0487) */

/* By the name in a target description, or NULL. */
const struct arch *arch_find(const char *gdb_name);

/* All of them, by number; NULL behind the last. */
const struct arch *arch_at(size_t i);

/* The register of that name, or NULL. */
const struct arch_reg *arch_reg_find(const struct arch *a, const char *name);

/* Whether this CPU has it: else its value is 0. */
bool vcpu_has(const struct vcpu *v, const struct arch_reg *reg);

uint64_t vcpu_get(const struct vcpu *v, const struct arch_reg *reg);

/* Store a value, cut to the register's size: it is there. */
void vcpu_put(struct vcpu *v, const struct arch_reg *reg, uint64_t value);

/* What the vCPU has for that root, as the register has it. */
uint64_t vcpu_root(const struct vcpu *v, unsigned int root);

/* The physical address of the tables of that root, as this vCPU reads it. */
uint64_t vcpu_table(const struct vcpu *v, unsigned int root,
		    const struct paging *p);

#endif
