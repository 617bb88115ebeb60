/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes that tests start, look at, and end. */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

#include <sys/types.h>

/*
 * A child that has our memory as it is now, changed by `prepare` (may be NULL),
 * and waits for its end; it is ready when this returns.
 */
pid_t child_start(void (*prepare)(void));

/* End it, if there is one (0: none), and set it to 0. */
void child_end(pid_t *pid);

#endif
