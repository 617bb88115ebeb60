/* SPDX-License-Identifier: BSD-2-Clause */
/* One process of this host, held so that none can take its place. */
#ifndef QEMU_BOUND_H
#define QEMU_BOUND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "qemu/monitor_text.h"

/*
 * Zero-initialise.  All is of the process that had this number when it was
 * opened: `dir` names no other one, `pidfd` tells when it ends, and `mem` is
 * the memory that it had then, also after an execve(2).
 */
struct qemu_bound {
	pid_t pid; /* 0: none, and nothing is open */
	int pidfd; /* pidfd_open(2) */
	int dir;   /* /proc/PID */
	int mem;   /* /proc/PID/mem, for reading */
};

/* 0; ERR_SYS with errno: EACCES or EPERM where we may not read its memory. */
int qemu_bound_open(struct qemu_bound *b, pid_t pid, struct err *err);
void qemu_bound_close(struct qemu_bound *b);

/*
 * Whether it has not ended, and its memory is still what was opened.  Then
 * what was read of this PID before was read of this process.
 */
bool qemu_bound_lives(const struct qemu_bound *b);

/* Whether it is that user's in every respect: no set-user-ID program is. */
bool qemu_bound_is_of(const struct qemu_bound *b, uid_t uid);

/* Whether it has that socket as that descriptor. */
bool qemu_bound_holds(const struct qemu_bound *b, int fd, unsigned long inode);

/*
 * Whether all those threads are its own, by the numbers that it has for them
 * itself; so it is, too, where there is none.
 */
bool qemu_bound_has_threads(const struct qemu_bound *b,
			    const struct monitor_cpus *cpus);

#endif
