/* SPDX-License-Identifier: BSD-2-Clause */
/* Processes of this host: who has a socket, what a process is called. */
#ifndef QEMU_FIND_PROCESS_H
#define QEMU_FIND_PROCESS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * Whether a line of /proc/PID/status (proc_pid_status(5)) is that of NSpid,
 * which ends in *number, the one that the thread has for itself (Linux 4.1).
 */
bool qemu_read_nspid(const char *line, long *number);

/* Whether a link of /proc/PID/fd leads to that socket. */
bool qemu_is_socket(int dirfd, const char *path, unsigned long inode);

/*
 * The process that a thread belongs to, in whose own PID name space it has
 * that number; 0: it is none of ours, or there it has another one.
 */
pid_t qemu_find_by_thread(long tid);

/* A descriptor of that socket in that process; -1: it has none that we see. */
int qemu_process_holds(pid_t pid, unsigned long inode);

/*
 * A process that has a descriptor of that socket, and *fd, which may be NULL;
 * 0: none is seen from here.
 */
pid_t qemu_find_by_inode(unsigned long inode, int *fd);

/* What it is called (its comm, any bytes); "" where that is not known. */
void qemu_process_command(pid_t pid, char *name, size_t size);

/*
 * That very process in words that no other one shares, not even one of the
 * same number after a restart of the host; "" where nothing is known of it.
 */
void qemu_name_process(pid_t pid, char *name, size_t size);

#endif
