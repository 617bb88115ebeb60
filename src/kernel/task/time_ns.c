/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the offsets of time namespaces. */
#include "kernel/task/time_ns.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_NSPROXY = WANTS_OF(READER_TIME_NS),
	FIELD_NSPROXY_TIME,
	FIELD_MONOTONIC_S,
	FIELD_MONOTONIC_NS,
	FIELD_BOOTTIME_S,
	FIELD_BOOTTIME_NS
};

static const struct want want_table[] = {
	FIELD(TASK_NSPROXY, "task_struct", REQUIRED, "nsproxy"),
	FIELD(NSPROXY_TIME, "nsproxy", OPTIONAL,
	      "time_ns_for_children"), /* 5.6 */
	FIELD(MONOTONIC_S, "time_namespace", OPTIONAL,
	      "offsets.monotonic.tv_sec"),
	FIELD(MONOTONIC_NS, "time_namespace", OPTIONAL,
	      "offsets.monotonic.tv_nsec"),
	FIELD(BOOTTIME_S, "time_namespace", OPTIONAL,
	      "offsets.boottime.tv_sec"),
	FIELD(BOOTTIME_NS, "time_namespace", OPTIONAL,
	      "offsets.boottime.tv_nsec"),
};

const struct wants time_ns_wants = {
	.reader = "time namespaces", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t ns_fields[] = {FIELD_MONOTONIC_S, FIELD_MONOTONIC_NS,
				     FIELD_BOOTTIME_S, FIELD_BOOTTIME_NS};

static struct time_ns_offset offset_of(const struct records *r, size_t i,
				       uint32_t s, uint32_t ns)
{
	return (struct time_ns_offset){(int64_t)records_u64(r, i, s),
				       (int64_t)records_u64(r, i, ns)};
}

static void time_ns_take(const struct records *r, size_t i, struct time_ns *out)
{
	size_t f;

	out->torn = !r->ok[i];
	out->known = r->ok[i];
	for (f = 0; f < WANTS_N(ns_fields); f++)
		out->known &= records_have(r, ns_fields[f]);
	out->monotonic = offset_of(r, i, FIELD_MONOTONIC_S, FIELD_MONOTONIC_NS);
	out->boottime = offset_of(r, i, FIELD_BOOTTIME_S, FIELD_BOOTTIME_NS);
}

int time_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 struct time_ns *out, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_NSPROXY};
	static const uint32_t nsproxy[] = {FIELD_NSPROXY_TIME};
	_cleanup_(records_deinit) struct records t = {0};
	_cleanup_(records_deinit) struct records p = {0};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, task, 1, &t, err);
	for (i = 0; i < n && !rc; i++) {
		addrs[i] = records_u64(&t, i, FIELD_TASK_NSPROXY);
		out[i] = (struct time_ns){.none = t.ok[i] && !addrs[i]};
	}
	if (!rc)
		rc = records_read(k, addrs, n, nsproxy, 1, &p, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&p, i, FIELD_NSPROXY_TIME);
	if (!rc)
		rc = records_read(k, addrs, n, ns_fields, WANTS_N(ns_fields),
				  &r, err);
	for (i = 0; i < n && !rc; i++)
		if (!out[i].none)
			time_ns_take(&r, i, &out[i]);
	return rc;
}
