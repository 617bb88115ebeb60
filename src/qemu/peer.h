/* SPDX-License-Identifier: BSD-2-Clause */
/* Who is at the other end of a connection, by this host's kernel alone. */
#ifndef QEMU_PEER_H
#define QEMU_PEER_H

#include <stdbool.h>
#include <sys/types.h>

#include "qemu/monitor_text.h"

struct qemu_peer {
	bool has_uid;
	uid_t uid;  /* of whoever listened, or for TCP accepted */
	pid_t pid;  /* 0: no process is seen from here */
	bool holds; /* it has the other end; else it has only listened */
	int fd;	    /* as which it has it, where it holds */
	unsigned long inode; /* of the other end's socket; 0: not told */
	char command[64];    /* of pid: its comm, any bytes */
	char why[160];	     /* where it does not hold: what is known of it */
};

/*
 * Look at the other end of a connected socket.  For a Unix socket SO_PEERCRED
 * (socket(7), unix(7)) names who called listen(2), which may be a manager
 * (docs/facts/gdbstub.md, "QEMU's process"), so that it is looked at which
 * process has the other end's very socket; for TCP /proc/net/tcp tells.
 * Threads of which a stub speaks, where cpus is not NULL, tell where to look
 * first, and nothing else.
 */
void qemu_peer_look(struct qemu_peer *peer, int fd,
		    const struct monitor_cpus *cpus);

#endif
