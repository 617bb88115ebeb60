/* SPDX-License-Identifier: BSD-2-Clause */
/* What one pause of a machine may be asked for, whatever the reader. */
#ifndef MACHINE_LIMITS_H
#define MACHINE_LIMITS_H

/*
 * Pieces of memory, those that the cache has as well: every reader goes round
 * by them, so that no list or tree of a guest has one go round for ever.  The
 * largest thing that readers allow of themselves is 2^21 areas of memory, each
 * of some 20 pieces.  (Their own limits are in kernel/limits.h.)
 */
#define MACHINE_PIECES_MAX (1ULL << 30)

#endif
