/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing vCPU registers: the one way there, with old values kept. */
#ifndef CLI_CHANGE_REGS_H
#define CLI_CHANGE_REGS_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "cli/session.h"
#include "machine/regs.h"

/*
 * Take "NAME=VALUE" apart.  ERR_USAGE: no such register, none that may be
 * changed, no number, or one wider than the register.
 */
int change_regs_parse(const char *text, struct reg_change *c, struct err *err);

/*
 * Change n registers of a vCPU, each named once: all or none of them, old
 * values are filled in.  ERR_REFUSED before anything is written where a value
 * makes no sense on that vCPU; else as machine_write_regs().
 */
int change_regs(struct session *s, unsigned int vcpu,
		struct reg_change *changes, size_t n, struct err *err);

#endif
