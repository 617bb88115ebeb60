/* SPDX-License-Identifier: BSD-2-Clause */
/* A page walk as text for people, drawn bit by bit. */
#ifndef CLI_WALK_DRAW_H
#define CLI_WALK_DRAW_H

#include "cli/out.h"
#include "cli/walk_rows.h"

/* Put the lesson of s into the lines of out; colour: it is a terminal's. */
void walk_draw(struct out *out, const struct walk_shown *s, bool colour);

#endif
