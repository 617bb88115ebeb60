/* SPDX-License-Identifier: BSD-2-Clause */
/* A command of this host that has a tree of ours for its /proc. */
#ifndef MOUNT_COMMAND_H
#define MOUNT_COMMAND_H

#include <sys/types.h>

#include "base/err.h"

/* As a shell has it: what a command's exit status is where there was none. */
enum {
	COMMAND_CANNOT = 126, /* it is there, but cannot be executed */
	COMMAND_ABSENT = 127
};

/* Zero-initialise; plain values. */
struct command {
	pid_t pid;   /* 0: there is none */
	int control; /* its end, until it is executed */
	int ended;   /* a pidfd: can be read when it has ended */
};

/*
 * Start a process that will execute argv, which ends in NULL, in a mount
 * namespace of its own, in which our tree is to be on /proc; and of who is not
 * root in a user namespace, too.  *device is a descriptor of /dev/fuse for it.
 * The process waits for command_go(), has a child execute it, and ends both
 * when this one ends; `undo` takes back in it what this program has done to
 * itself (NULL: nothing).  To be done before this process is confined.
 * ERR_REFUSED: that cannot be had, and which setting forbids it; ERR_SYS.
 */
int command_start(struct command *c, char *const *argv, void (*undo)(void),
		  int *device, struct err *err);

/* Have it do so: the tree is answered for from here on. */
void command_go(struct command *c);

/*
 * It has ended: its exit status, as a shell has it (128 and more: a signal).
 * Where it could not be executed, err has the words for that.  One that was
 * never told to go is ended.
 */
int command_end(struct command *c, struct err *err);

#endif
