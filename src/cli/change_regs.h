/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing vCPU registers: the one way there, with old values kept. */
#ifndef CLI_CHANGE_REGS_H
#define CLI_CHANGE_REGS_H

#include "base/err.h"
#include "base/vec.h"
#include "cli/out.h"
#include "cli/record.h"
#include "cli/session.h"
#include "journal/journal.h"
#include "machine/regs.h"

/* Registers of one vCPU that change together.  Zero-initialise. */
struct change_regs {
	unsigned int vcpu;
	VEC(struct reg_change) list; /* each named once */
	struct record record;
};

/*
 * Take "NAME=VALUE" apart.  ERR_USAGE: no such register, none that may be
 * changed, no number, or one wider than the register.
 */
int change_regs_parse(const char *text, struct reg_change *c, struct err *err);

/*
 * Change all or none of them, recorded first; old values are filled in.
 * ERR_REFUSED before anything is written where a value makes no sense on that
 * vCPU; else as machine_write_regs().
 */
int change_regs_run(struct session *s, struct change_regs *c, struct err *err);

/*
 * The registers of an entry, with old and new exchanged.  ERR_REFUSED: one of
 * them has another value than was written; ERR_NOT_FOUND: no such vCPU;
 * ERR_CORRUPT: no registers.
 */
int change_regs_undo(struct session *s, const struct journal_entry *e,
		     struct change_regs *c, struct err *err);

/* Fill the out: a row for each register. */
void change_regs_show(const struct change_regs *c, struct out *out);

void change_regs_deinit(struct change_regs *c);

#endif
