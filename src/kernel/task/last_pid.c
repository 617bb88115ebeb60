/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads which PID was given last. */
#include "kernel/task/last_pid.h"

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NS_NEXT = WANTS_OF(READER_LAST_PID)
};

static const struct want want_table[] = {
	FIELD(NS_NEXT, "pid_namespace", OPTIONAL, "idr.idr_next"),
};

const struct wants last_pid_wants = {
	.reader = "the last PID", .v = want_table, .n = WANTS_N(want_table)};

int last_pid_read(struct kernel *k, uint32_t *pid, struct err *err)
{
	static const uint32_t fields[] = {FIELD_NS_NEXT};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t va;
	int rc;

	if (!profile_symbol(k->profile, "init_pid_ns", &va) ||
	    !profile_field(k->profile, FIELD_NS_NEXT)->present)
		return profile_unknown(k->profile,
				       "which PID was given last is kept in "
				       "no way that is known",
				       err);
	rc = records_read(k, &va, 1, fields, 1, &r, err);
	if (!rc && !r.ok[0])
		rc = err_set(err, ERR_UNREADABLE,
			     "which PID was given last cannot be read");
	if (!rc)
		*pid = (uint32_t)records_u64(&r, 0, FIELD_NS_NEXT) - 1;
	return rc;
}
