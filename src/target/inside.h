/* SPDX-License-Identifier: BSD-2-Clause */
/* What a target has inside: for target.c, which makes it, and leave.c. */
#ifndef TARGET_INSIDE_H
#define TARGET_INSIDE_H

#include "gdbrsp/client.h"
#include "target/path.h"
#include "target/runstate.h"
#include "target/target.h"

struct target {
	struct gdbrsp_conn *conn; /* NULL: released */
	struct gdbrsp_client client;
	struct target_path path;
	struct machine machine;
	struct target_runstate run;
	enum target_leave leave;
	struct err moved;  /* read by the process while the guest ran */
	struct err left;   /* not as it was to be left, and why */
	bool came_back;	   /* was left on a second connection */
	uint64_t leave_us; /* when leaving it is to be over */
	struct gdbrsp_conn_stats stats; /* as they were at the release */
	uint64_t until_us, ran_us;	/* ran: in between, target_again() */
	char address[272];
};

#endif
