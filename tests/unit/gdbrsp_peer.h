/* SPDX-License-Identifier: BSD-2-Clause */
/* The other side of a connection, for tests: plays a script as a stub would. */
#ifndef UNIT_GDBRSP_PEER_H
#define UNIT_GDBRSP_PEER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * A script is text; each line is one of
 *
 *	# words		a comment; empty lines, too
 *	> BODY		wait for that packet, and ack it (acks are skipped)
 *	>? 		wait for any packet, and ack it
 *	< BODY		send that packet
 *	! BYTES		send bytes as they are
 *	stop		wait for the byte 0x03
 *	serve		be a stub with memory from here on (see below)
 *	hush		ack nothing from here on
 *	close		close the connection, all is well
 *	again		close it, and accept another one (listening peers)
 *	mute		read and say nothing until the other side closes
 *	signal N	send that signal to the other side
 *	sleep MS	hear nothing for so long
 *	drip MS BYTES	those bytes each MS, hearing nothing, until it closes
 *	flood BYTES	the same as fast as it can
 *
 * Time passes only where both sides wait for each other, see peer_clock.h.
 *
 * After the last line the other side is expected to close without another
 * packet.  The peer is a process: what goes wrong there is its exit status.
 */
struct peer_opts {
	bool bytewise;		 /* a write per byte */
	bool zeros;		 /* `serve`: no byte is anything else */
	uint64_t hole, hole_end; /* `serve`: E14 for any byte of [hole, end) */
	size_t packet_size;	 /* `serve`: of requests and replies */
};

/* Play on one end of a socket pair; *fd is the other end. */
pid_t peer_start(const char *script, const struct peer_opts *opts, int *fd);

/* Listen on a Unix socket; `address` gets "unix:..." (128 bytes). */
pid_t peer_listen(const char *script, const struct peer_opts *opts,
		  char *address);

/* 0: the script was played to its end. */
int peer_wait(pid_t pid);

/* A file below tests/data as a string; free() it. */
char *peer_load(const char *name);

/* The same up to a request, the n-th of that kind from 1, and then `tail`. */
char *peer_load_up_to(const char *name, const char *request, int n,
		      const char *tail);

/* The byte that a serving peer has at an address until it is written. */
uint8_t peer_byte(uint64_t addr);

#endif
