/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows tasks to their cpusets' control groups. */
#include "kernel/task/task_cpuset.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/task/kernfs_path.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types: docs/facts/kernel.md, "Control groups of pages".
 */
enum {
	FIELD_TASK_CGROUPS = WANTS_OF(READER_TASK_CPUSET),
	FIELD_SET_SUBSYS,
	FIELD_CSS_CGROUP,
	FIELD_CGROUP_KN,
	CONSTANT_CPUSET
};

static const struct want want_table[] = {
	FIELD(TASK_CGROUPS, "task_struct", OPTIONAL, "cgroups"),
	FIELD(SET_SUBSYS, "css_set", OPTIONAL, "subsys"),
	FIELD(CSS_CGROUP, "cgroup_subsys_state", OPTIONAL, "cgroup"),
	FIELD(CGROUP_KN, "cgroup", OPTIONAL, "kn"),
	CONSTANT(CPUSET, "cgroup_subsys_id", "cpuset_cgrp_id"),
};

const struct wants task_cpuset_wants = {
	.reader = "cpusets", .v = want_table, .n = WANTS_N(want_table)};

/* What each address leads to by a member, in place. */
static int cpuset_follow(struct kernel *k, uint32_t field, uint64_t *addrs,
			 size_t n, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, addrs, n, &field, 1, &r, err);

	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&r, i, field);
	return rc;
}

/* css_set.subsys[] has one for each subsystem. */
static int cpuset_find(struct kernel *k, size_t which, uint64_t *addrs,
		       size_t n, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SET_SUBSYS};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, addrs, n, fields, 1, &r, err);

	for (i = 0; i < n && !rc; i++)
		addrs[i] =
			r.ok[i] ? le64(records_bytes(&r, i, FIELD_SET_SUBSYS) +
				       8 * which)
				: 0;
	return rc;
}

static bool cpuset_types_known(const struct kernel *k, int64_t *which)
{
	const struct profile *p = k->profile;

	return records_known(k, FIELD_TASK_CGROUPS, FIELD_CGROUP_KN) &&
	       profile_constant(p, CONSTANT_CPUSET, which) && *which >= 0 &&
	       *which < profile_field(p, FIELD_SET_SUBSYS)->size / 8;
}

int task_cpusets_read(struct kernel *k, const struct task *tasks, size_t n,
		      char **paths, bool *known, struct err *err)
{
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	int64_t which;
	size_t i;
	int rc;

	if (!addrs)
		return err_nomem(err);
	*known = cpuset_types_known(k, &which);
	if (!*known)
		return 0;
	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = cpuset_follow(k, FIELD_TASK_CGROUPS, addrs, n, err);
	if (!rc)
		rc = cpuset_find(k, (size_t)which, addrs, n, err);
	if (!rc)
		rc = cpuset_follow(k, FIELD_CSS_CGROUP, addrs, n, err);
	if (!rc)
		rc = cpuset_follow(k, FIELD_CGROUP_KN, addrs, n, err);
	return rc ? rc : kernfs_paths_read(k, addrs, n, paths, err);
}
