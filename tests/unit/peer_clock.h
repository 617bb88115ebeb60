/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time for tests with a peer: it stands still while either side has something
 * to do, and leaps where both wait for the other, so that no timeout depends on
 * how fast the machine is.
 */
#ifndef UNIT_PEER_CLOCK_H
#define UNIT_PEER_CLOCK_H

#include <stdbool.h>

/*
 * From here on poll() and clock_gettime() of this process go by the peer that
 * is forked next.  Who waits for no input sees that time, and waits in real
 * time.
 */
void peer_clock_start(void);

/* The peer's process: wait until there is something to be read, or the end. */
void peer_clock_await(int fd);

/* So long passes for all, whatever they do. */
void peer_clock_leap(unsigned int ms);

/*
 * The peer's process: let time pass, and read away what comes by fd meanwhile.
 * False: the other side has closed.
 */
bool peer_clock_sleep(int fd, unsigned int ms);

#endif
