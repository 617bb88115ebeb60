/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what pidfds lead to. */
#include "kernel/fs/pidfd.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PID_TASKS = WANTS_OF(READER_PIDFD)
};

static const struct want want_table[] = {
	FIELD(PID_TASKS, "pid", OPTIONAL, "tasks"),
};

const struct wants pidfd_wants = {
	.reader = "pidfds", .v = want_table, .n = WANTS_N(want_table)};

int pidfds_read(struct kernel *k, const uint64_t *addrs, size_t n,
		struct pidfds *out, struct err *err)
{
	static const uint32_t tasks = FIELD_PID_TASKS; /* PIDTYPE_PID is 0 */
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t at;
	size_t i;
	int rc;

	*out = (struct pidfds){0};
	out->namespaces = profile_symbol(k->profile, "copy_pid_ns", &at);
	out->alive = calloc(n + 1, sizeof(*out->alive));
	if (!out->alive)
		return err_nomem(err);
	rc = records_read(k, addrs, n, &tasks, 1, &r, err);
	if (!rc)
		rc = pids_read(k, addrs, n, &out->pids, err);
	for (i = 0; i < n && !rc; i++) {
		const uint8_t *first = records_bytes(&r, i, tasks);

		if (!first || !r.ok[i] || records_size(&r, tasks) < 8)
			out->pids.of[i].n = 0;
		else
			out->alive[i] = le64(first) != 0;
	}
	return rc;
}

void pidfds_deinit(struct pidfds *p)
{
	pids_deinit(&p->pids);
	free(p->alive);
}
