/* SPDX-License-Identifier: BSD-2-Clause */
/* What a process may still ask the kernel for, once it has what it needs. */
#ifndef BASE_CONFINE_H
#define BASE_CONFINE_H

#include <stdbool.h>
#include <sys/types.h>

#define CONFINE_DIRS 3

/* What is left to it beside its open descriptors and memory of its own. */
struct confine_needs {
	pid_t process;		/* whose memory is read; 0: none */
	int dirs[CONFINE_DIRS]; /* in which files are made and read; -1: none */
	uid_t user; /* who root becomes where that can be; -1: nobody */
};

/* What could not be had: a few words each, or NULL where it could. */
struct confine_lacks {
	const char *calls; /* seccomp(2) */
	const char *files; /* landlock(7) */
	const char *user;  /* setresuid(2), of root's */
	bool root;	   /* it was root's */
};

/*
 * From here on no call but those of a table, and never more rights: nothing is
 * executed, no socket made, no process traced, written to or started, no file
 * opened but below the directories.  Calls that are not in the table fail as
 * if the kernel lacked them (ENOSYS).  There is no way back.
 *
 * The kernel lets nobody read a process's memory who is kept to some files,
 * so that with `process` he is not, and is root where he was.
 */
struct confine_lacks confine(const struct confine_needs *needs);

/*
 * For one that only works with its open descriptors: no file is opened, and
 * nothing is waited for.  Best effort.
 */
void confine_worker(void);

#endif
