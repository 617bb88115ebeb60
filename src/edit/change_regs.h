/* SPDX-License-Identifier: BSD-2-Clause */
/* Changing vCPU registers: the one way there, with old values kept. */
#ifndef EDIT_CHANGE_REGS_H
#define EDIT_CHANGE_REGS_H

#include "base/err.h"
#include "base/vec.h"
#include "edit/record.h"
#include "guest/guest.h"
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
int change_regs_run(struct editor *ed, struct change_regs *c, struct err *err);

/*
 * The registers of an entry, with old and new exchanged.  ERR_REFUSED: one of
 * them has another value than was written; ERR_NOT_FOUND: no such vCPU;
 * ERR_CORRUPT: no registers.
 */
int change_regs_undo(struct editor *ed, const struct journal_entry *e,
		     struct change_regs *c, struct err *err);

/* A register as users write it: "cpu0:rax". */
#define CHANGE_REGS_NAME 32
void change_regs_name(const struct change_regs *c, const struct reg_change *r,
		      char text[CHANGE_REGS_NAME]);

void change_regs_deinit(struct change_regs *c);

#endif
