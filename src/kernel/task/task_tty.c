/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads tty_structs: which device each is, and whose it is at the moment. */
#include "kernel/task/task_tty.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/task/pid.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TTY_INDEX = WANTS_OF(READER_TASK_TTY),
	FIELD_TTY_DRIVER,
	FIELD_TTY_PGRP,
	FIELD_DRIVER_MAJOR,
	FIELD_DRIVER_MINOR
};

static const struct want want_table[] = {
	FIELD(TTY_INDEX, "tty_struct", OPTIONAL, "index"),
	FIELD(TTY_DRIVER, "tty_struct", OPTIONAL, "driver"),
	FIELD(TTY_PGRP, "tty_struct", OPTIONAL, "ctrl.pgrp|pgrp"), /* 5.15 */
	FIELD(DRIVER_MAJOR, "tty_driver", OPTIONAL, "major"),
	FIELD(DRIVER_MINOR, "tty_driver", OPTIONAL, "minor_start"),
};

const struct wants task_tty_wants = {
	.reader = "terminals", .v = want_table, .n = WANTS_N(want_table)};

int task_ttys_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct task_tty *out, struct err *err)
{
	static const uint32_t tty[] = {FIELD_TTY_INDEX, FIELD_TTY_DRIVER,
				       FIELD_TTY_PGRP};
	static const uint32_t driver[] = {FIELD_DRIVER_MAJOR,
					  FIELD_DRIVER_MINOR};
	_cleanup_(records_deinit) struct records t = {0};
	_cleanup_(records_deinit) struct records d = {0};
	_cleanup_(pids_deinit) struct pids pids = {0};
	_cleanup_free_ uint64_t *at = calloc(2 * n + 1, sizeof(*at));
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	rc = records_read(k, addrs, n, tty, 3, &t, err);
	for (i = 0; i < n && !rc; i++) {
		at[i] = records_u64(&t, i, FIELD_TTY_DRIVER);
		at[n + i] = records_u64(&t, i, FIELD_TTY_PGRP);
	}
	if (!rc)
		rc = records_read(k, at, n, driver, 2, &d, err);
	if (!rc)
		rc = pids_read(k, at + n, n, &pids, err);
	for (i = 0; i < n && !rc; i++)
		out[i] = (struct task_tty){
			.major = (uint32_t)records_u64(&d, i,
						       FIELD_DRIVER_MAJOR),
			.minor =
				(uint32_t)(records_u64(&d, i,
						       FIELD_DRIVER_MINOR) +
					   records_u64(&t, i, FIELD_TTY_INDEX)),
			.pgrp = pids_first(&pids, i),
			.known = d.ok[i] && (pids.of[i].n || !at[n + i]) &&
				 records_have(&t, FIELD_TTY_INDEX) &&
				 records_have(&t, FIELD_TTY_PGRP)};
	return rc;
}
