/* SPDX-License-Identifier: BSD-2-Clause */
/* Did the guest run before we connected?  What QEMU tells about it. */
#ifndef TARGET_RUNSTATE_H
#define TARGET_RUNSTATE_H

#include <stdbool.h>

#include "base/err.h"
#include "gdbrsp/client.h"
#include "gdbrsp/monitor.h"

/* Zero-initialise: nothing is known. */
struct target_runstate {
	bool learned;
	bool was_running; /* how to leave it, unless the user says otherwise */
	bool certain;	  /* false: nothing tells, and running is assumed */
	const char *note; /* a remark for the user, static, or NULL */
	char stuck[40];	  /* the state that only a reset ends, or "" */
	struct monitor_version version;
};

/* Ask the stub, after the handshake.  0 or a negative code, nothing learned. */
int target_runstate_learn(struct target_runstate *run,
			  struct gdbrsp_client *client, struct err *err);

/* The decision alone; client: its saw_stop, found_phys and doubt. */
void target_runstate_decide(struct target_runstate *run,
			    const struct monitor_status *status,
			    const struct gdbrsp_client *client);

#endif
