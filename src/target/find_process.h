/* SPDX-License-Identifier: BSD-2-Clause */
/* Which process of this host is behind a stub: guesses, to be checked. */
#ifndef TARGET_FIND_PROCESS_H
#define TARGET_FIND_PROCESS_H

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

/*
 * That very process in words that no other one shares, not even one of the
 * same number after a restart of the host; "" where nothing is known of it.
 */
void target_name_process(pid_t pid, char *name, size_t size);

#endif
