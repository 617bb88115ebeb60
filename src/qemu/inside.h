/* SPDX-License-Identifier: BSD-2-Clause */
/* What a target has inside: for those who make it, leave it and guard it. */
#ifndef QEMU_INSIDE_H
#define QEMU_INSIDE_H

#include <stdatomic.h>

#include "gdbrsp/client.h"
#include "qemu/path.h"
#include "qemu/runstate.h"
#include "qemu/qemu.h"
#include "qemu/watch.h"

/*
 * How the guest was found, what is outstanding, and how it is to be left: all
 * that is needed to leave it.  It lies in memory that the watchdog shares, and
 * points to nothing that changes.
 */
struct qemu_held {
	struct gdbrsp_client client;
	struct qemu_runstate run;
	enum qemu_leave leave;
	bool came_back;	   /* was left on a second connection */
	uint64_t leave_us; /* when leaving it is to be over */
	char address[272];
	_Atomic uint64_t end_us; /* when the watchdog ends the pause */
	_Atomic bool over;	 /* left: there is nothing more to do */
	_Atomic bool abandoned;	 /* interrupted before it had the connection */
	/* Of what the watchdog is asked for: an argument, and what came of it.
	 */
	unsigned int patience_ms;
	_Atomic bool came;
	int ret;
	struct err why;
};

struct qemu {
	struct gdbrsp_conn *conn; /* NULL: released */
	struct qemu_held *held;
	struct qemu_watch watch;
	struct qemu_path path;
	struct machine machine;
	struct err moved;     /* read by the process while the guest ran */
	struct err left;      /* not as it was to be left, and why */
	struct err unwatched; /* the watchdog was not there to the end */
	struct gdbrsp_conn_stats stats; /* as they were at the release */
	uint64_t until_us, ran_us;	/* ran: in between, qemu_again() */
	struct qemu_opts opts;
	bool known;    /* what does not change from one pause to the next */
	uint64_t seen; /* bytes that came and went by the connection */
};

/* How late this process may be before the watchdog ends it. */
#define QEMU_GRACE_US 2000000ULL

/* Put back, on this connection or another; 0 also where nothing is to be. */
int qemu_leave_guest(struct qemu *t, struct err *err);

/*
 * The same on another connection, where this one is lost, or it is not known
 * whether the stub has let the guest run, after which nothing may be said on
 * it.  patience_ms is for each answer.
 */
int qemu_come_back(struct qemu *t, unsigned int patience_ms, struct err *err);

/* Whether the guest is left such that it runs. */
bool qemu_leaves_running(const struct qemu *t);

#endif
