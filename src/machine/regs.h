/* SPDX-License-Identifier: BSD-2-Clause */
/* Changes of vCPU registers, which are read back. */
#ifndef MACHINE_REGS_H
#define MACHINE_REGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"

/* The vCPU with that index, or NULL. */
struct vcpu *machine_vcpu(const struct machine *m, unsigned int index);

/* The program counters of all vCPUs, to be freed; NULL: out of memory. */
uint64_t *vcpus_code(const struct machine *m);

/* A register that is to be changed; old and sent are filled in. */
struct reg_change {
	const struct arch_reg *reg;
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
