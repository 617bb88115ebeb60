/* SPDX-License-Identifier: BSD-2-Clause */
/* The watchdog: a process that puts the guest back where we no longer can. */
#ifndef QEMU_WATCH_H
#define QEMU_WATCH_H

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct qemu;

/* What its ward knows of it. */
struct qemu_watch {
	pid_t pid;   /* 0: there is none */
	int control; /* our end; that it closes is how our end is seen */
	int bell;    /* an eventfd: it is to connect; -1: it never is */
};

/*
 * Start it, before anybody is connected to.  It sleeps until this process has
 * ended, in whatever way, or stands in the guest's way for longer than
 * t->held->end_us (then it ends this process).  Unless t->held->over is set by
 * then it leaves the guest on the connection, of which it has a copy, or on
 * another one, as this process would have, and calls t->opts.rescued.  It is
 * of a session of its own, and has nothing else open.  ERR_SYS.
 */
int qemu_watch_start(struct qemu *t, struct err *err);

/* Give it a socket that is about to be connected; ctx is the target. */
void qemu_watch_pass(void *ctx, int fd);

/*
 * Have it connect to t->held->address, with so much patience for each answer:
 * *fd is the caller's, and the watchdog has a copy.  What t->held says has to
 * be that of the pause to come.  As gdbrsp_conn_open(); ERR_SYS: there is no
 * watchdog.
 */
int qemu_watch_connect(struct qemu *t, unsigned int patience_ms, int *fd,
		       struct err *err);

/*
 * Have it call qemu_come_back(), and tell what came of that: this process may
 * make no socket any more.  Where there is none, this process does so.
 */
int qemu_watch_come_back(struct qemu *t, unsigned int patience_ms,
			 struct err *err);

/*
 * The guest is left, so that there is nothing to do: it ends, or with
 * t->opts.again it waits.  ERR_SYS, with words, where it had ended before.
 */
int qemu_watch_rest(struct qemu *t, struct err *err);

/* It ends, whatever it was to do. */
void qemu_watch_end(struct qemu *t);

#endif
