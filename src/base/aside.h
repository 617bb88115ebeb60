/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that stay when what started them is ended. */
#ifndef BASE_ASIDE_H
#define BASE_ASIDE_H

#include <sys/types.h>

/*
 * fork(), of a process that none of the signals ends or stops that are sent to
 * this one's group or to all of a user's programs: from its first instruction
 * on.  It is of a session of its own, and called by that name (15 bytes).
 */
pid_t aside_fork(const char *name);

#endif
