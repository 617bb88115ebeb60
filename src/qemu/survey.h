/* SPDX-License-Identifier: BSD-2-Clause */
/* Filling a machine with what the stub knows: RAM map and vCPU registers. */
#ifndef QEMU_SURVEY_H
#define QEMU_SURVEY_H

#include "base/err.h"
#include "gdbrsp/target_xml.h"
#include "machine/machine.h"
#include "qemu/stub.h"

/*
 * Add all RAM ranges and all vCPUs, in the order of their index; the stub
 * keeps how it describes and numbers them.
 * ERR_NO_LINUX: the CPUs are not x86-64; ERR_NO_GUEST: the stub's answers make
 * no sense or lack a register; or what the client says.
 */
int qemu_survey(struct qemu_stub *stub, struct machine *machine,
		struct err *err);

/*
 * In a later pause: the vCPUs, and the RAM, which firmware turns on and off in
 * parts (the chipset's PAM registers), and which can be plugged in.  Before
 * it, _ahead has what it asks the monitor asked with the first other question.
 */
int qemu_survey_ahead(struct qemu_stub *stub, struct err *err);
int qemu_survey_again(struct qemu_stub *stub, struct machine *machine,
		      struct err *err);

/* The vCPUs alone, in place of those that the machine has: the guest ran. */
int qemu_survey_vcpus(struct qemu_stub *stub, struct machine *machine,
		      struct err *err);

/*
 * One vCPU's registers out of a reply to `g` of `len` bytes.  ERR_NO_GUEST:
 * the description lacks a register, or the reply is too short for one; those
 * that not every CPU has are left out then.
 */
int qemu_survey_regs(const struct gdbrsp_target_desc *desc, const uint8_t *g,
		     size_t len, struct vcpu *vcpu, struct err *err);

#endif
