/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time for tests with a peer: it stands still while either side has something
 * to do, and leaps where both wait for the other, so that no timeout depends on
 * how fast the machine is.
 */
#ifndef UNIT_PEER_CLOCK_H
#define UNIT_PEER_CLOCK_H

/*
 * From here on poll() and clock_gettime() of this process go by the peer that
 * is forked next.
 */
void peer_clock_start(void);

/* The peer's process: around each of its waits for the other side. */
void peer_clock_wait_begins(void);
void peer_clock_wait_ends(void);

#endif
