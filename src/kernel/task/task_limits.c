/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the limits of processes. */
#include "kernel/task/task_limits.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_TASK_LIMITS),
	FIELD_SIGNAL_RLIM,
	FIELD_RLIMIT_CUR,
	FIELD_RLIMIT_MAX,
	STRUCT_RLIMIT
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(SIGNAL_RLIM, "signal_struct", OPTIONAL, "rlim"),
	FIELD(RLIMIT_CUR, "rlimit", OPTIONAL, "rlim_cur"),
	FIELD(RLIMIT_MAX, "rlimit", OPTIONAL, "rlim_max"),
	STRUCT(RLIMIT, "rlimit", OPTIONAL),
};

const struct wants task_limits_wants = {.reader = "limits of processes",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* Whether rlim[] has a whole struct rlimit for each limit. */
static bool limits_fit(const struct kernel *k, const struct records *r)
{
	const struct profile_field *cur =
		profile_field(k->profile, FIELD_RLIMIT_CUR);
	const struct profile_field *max =
		profile_field(k->profile, FIELD_RLIMIT_MAX);
	uint64_t size = profile_sizeof(k->profile, STRUCT_RLIMIT);

	return cur->present && max->present && size >= 16 &&
	       cur->offset <= size - 8 && max->offset <= size - 8 &&
	       size * TASK_LIMITS <= records_size(r, FIELD_SIGNAL_RLIM);
}

static void limits_take(const struct kernel *k, const struct records *r,
			size_t i, struct task_limits *out)
{
	const uint8_t *at = records_bytes(r, i, FIELD_SIGNAL_RLIM);
	size_t limit;

	for (limit = 0; limit < TASK_LIMITS; limit++) {
		out->soft[limit] = le64(
			at +
			profile_field(k->profile, FIELD_RLIMIT_CUR)->offset);
		out->hard[limit] = le64(
			at +
			profile_field(k->profile, FIELD_RLIMIT_MAX)->offset);
		at += profile_sizeof(k->profile, STRUCT_RLIMIT);
	}
}

int task_limits_read(struct kernel *k, const struct task *tasks, size_t n,
		     struct task_limits *out, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_SIGNAL};
	static const uint32_t signal[] = {FIELD_SIGNAL_RLIM};
	_cleanup_(records_deinit) struct records t = {0};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	bool fit;
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, task, 1, &t, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&t, i, FIELD_TASK_SIGNAL);
	if (!rc)
		rc = records_read(k, addrs, n, signal, 1, &r, err);
	fit = !rc && limits_fit(k, &r);
	for (i = 0; i < n && !rc; i++) {
		out[i] = (struct task_limits){.known = fit && r.ok[i],
					      .torn = !r.ok[i]};
		if (out[i].known)
			limits_take(k, &r, i, &out[i]);
	}
	return rc;
}
