/* SPDX-License-Identifier: BSD-2-Clause */
/* What was changed, in memory and in registers. */
#ifndef CLI_CHANGE_SHOW_H
#define CLI_CHANGE_SHOW_H

#include "cli/out.h"
#include "edit/change.h"
#include "edit/change_regs.h"

/* Bytes that are shown in one row, and rows that are shown at all. */
#define CHANGE_ROW_BYTES 16
#define CHANGE_ROWS	 16384

/*
 * Fill the out: a row for each piece of at most CHANGE_ROW_BYTES, and a note
 * where there are more rows than CHANGE_ROWS.
 */
void change_show(const struct change *c, struct out *out);

/* Fill the out: a row for each register. */
void change_show_regs(const struct change_regs *c, struct out *out);

/* What to say where change.blind is set. */
extern const char change_blind_note[];

#endif
