/* SPDX-License-Identifier: BSD-2-Clause */
/* Which process of this host is behind a stub: guesses, to be checked. */
#ifndef TARGET_FIND_PROCESS_H
#define TARGET_FIND_PROCESS_H

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#include "gdbrsp/monitor.h"

/*
 * The process that all vCPU threads belong to; 0: they are of none or several,
 * or of a PID name space where their numbers mean others.
 */
pid_t target_find_by_threads(const struct monitor_cpus *cpus);

/*
 * The process that listens at the other end of a connected socket, or for TCP
 * the one that holds its other end; 0: not seen from here.  It may be a
 * manager that handed the socket to QEMU, or the end of a tunnel.
 */
pid_t target_find_by_socket(int fd);

/* A process that has a descriptor of that socket; 0: none is seen from here. */
pid_t target_find_by_inode(unsigned long inode);

/* An end of a connection as the kernel writes it in /proc/net/tcp and tcp6. */
struct target_end {
	char v4[16], v6[48]; /* v4 empty where there is no such form */
};

/* False: not of TCP. */
bool target_end_write(struct target_end *end,
		      const struct sockaddr_storage *ss);

/*
 * That very process in words that no other one shares, not even one of the
 * same number after a restart of the host; "" where nothing is known of it.
 */
void target_name_process(pid_t pid, char *name, size_t size);

#endif
