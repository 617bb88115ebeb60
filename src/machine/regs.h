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

/* All of them; a NULL name behind the last. */
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
