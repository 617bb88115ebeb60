/* SPDX-License-Identifier: BSD-2-Clause */
/* One process of this host, held so that none can take its place. */
#ifndef TARGET_BOUND_H
#define TARGET_BOUND_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"
#include "gdbrsp/monitor.h"

/*
 * Zero-initialise.  All is of the process that had this number when it was
 * opened: `dir` names no other one, `pidfd` tells when it ends, and `mem` is
 * the memory that it had then, also after an execve(2).
 */
struct target_bound {
	pid_t pid; /* 0: none, and nothing is open */
	int pidfd; /* pidfd_open(2) */
	int dir;   /* /proc/PID */
	int mem;   /* /proc/PID/mem, for reading */
};

/* 0; ERR_SYS with errno: EACCES or EPERM where we may not read its memory. */
int target_bound_open(struct target_bound *b, pid_t pid, struct err *err);
void target_bound_close(struct target_bound *b);

/*
 * Whether it has not ended, and its memory is still what was opened.  Then
 * what was read of this PID before was read of this process.
 */
bool target_bound_lives(const struct target_bound *b);

/* Whether it is that user's in every respect: no set-user-ID program is. */
bool target_bound_is_of(const struct target_bound *b, uid_t uid);

/* Whether it has that socket as that descriptor. */
bool target_bound_holds(const struct target_bound *b, int fd,
			unsigned long inode);

/*
 * Whether all those threads are its own, by the numbers that it has for them
 * itself; so it is, too, where there is none.
 */
bool target_bound_has_threads(const struct target_bound *b,
			      const struct monitor_cpus *cpus);

#endif
