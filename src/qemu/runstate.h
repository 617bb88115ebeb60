/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's run states: how a guest was found, and how it may be left. */
#ifndef QEMU_RUNSTATE_H
#define QEMU_RUNSTATE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "gdbrsp/client.h"
#include "qemu/monitor.h"
#include "qemu/monitor_text.h"
#include "qemu/qemu.h"

/*
 * What a state of QEMU's allows.  The stub's detach is vm_start() without the
 * guards of QEMU's own `cont` (docs/facts/gdbstub.md, "Leaving"; 7.2's spares
 * shutdown and internal-error alone), so these are here.
 * docs/states.md has the same table for people.
 */
struct qemu_state {
	const char *word;     /* as in `info status`; QAPI's RunState */
	const char *no_start; /* why it is not started, and what helps */
	const char *no_hold;  /* why it would not stay paused, likewise */
	bool goes_on;  /* found at the end where the guest ran at first: runs */
	bool standing; /* a guest that stands still can come to it */
};

/* Ends with a NULL word. */
extern const struct qemu_state qemu_states[];

/* One that is not in the table: left as it is. */
const struct qemu_state *qemu_state_find(const char *word);

/* Zero-initialise: nothing is known. */
struct qemu_runstate {
	bool learned;
	bool was_running; /* how to leave it, unless the user says otherwise */
	bool certain;	  /* false: nothing tells, and running is assumed */
	const char *why;  /* what tells, or why nothing does; static */
	const char *note; /* a remark for the user, static, or NULL */
	char found[40];	  /* QEMU's word when we had come; "paused" is plain */
	char now[40];	  /* and when it was asked last, or "" */
	struct monitor_version version;
	struct monitor_migration migration; /* under way when we had come */
};

/* Ask the stub, after the handshake.  0 or a negative code, nothing learned. */
int qemu_runstate_learn(struct qemu_runstate *run, struct gdbrsp_client *client,
			struct qemu_monitor *monitor, struct err *err);

/* The decision alone; client: its saw_stop, found_phys and doubt. */
void qemu_runstate_decide(struct qemu_runstate *run,
			  const struct monitor_status *status,
			  const struct gdbrsp_client *client);

/* Ask once more, before the guest is left: `now` changes. */
int qemu_runstate_ask(struct qemu_runstate *run, struct qemu_monitor *monitor,
		      struct err *err);

/*
 * Whether a guest in state `now` can be left as wished: 0, or ERR_REFUSED with
 * words that say what helps.
 */
int qemu_runstate_allows(const struct qemu_runstate *run, enum qemu_leave wish,
			 struct err *err);

/*
 * Whether it is to run when we leave.  resumed: somebody else let it run since
 * we came.
 */
bool qemu_runstate_runs(const struct qemu_runstate *run, enum qemu_leave wish,
			bool resumed);

#endif
