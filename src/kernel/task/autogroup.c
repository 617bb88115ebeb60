/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads autogroups (kernel/sched/autogroup.h). */
#include "kernel/task/autogroup.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_SIGNAL = WANTS_OF(READER_AUTOGROUP),
	FIELD_SIGNAL_AUTOGROUP,
	FIELD_AUTOGROUP_TG,
	FIELD_AUTOGROUP_ID,
	FIELD_AUTOGROUP_NICE,
	FIELD_TG_AUTOGROUP
};

static const struct want want_table[] = {
	FIELD(TASK_SIGNAL, "task_struct", REQUIRED, "signal"),
	FIELD(SIGNAL_AUTOGROUP, "signal_struct", OPTIONAL, "autogroup"),
	FIELD(AUTOGROUP_TG, "autogroup", OPTIONAL, "tg"),
	FIELD(AUTOGROUP_ID, "autogroup", OPTIONAL, "id"),
	FIELD(AUTOGROUP_NICE, "autogroup", OPTIONAL, "nice"),
	FIELD(TG_AUTOGROUP, "task_group", OPTIONAL, "autogroup"),
};

const struct wants autogroup_wants = {
	.reader = "autogroups", .v = want_table, .n = WANTS_N(want_table)};

struct autogroup_reading {
	uint64_t *addrs;
	struct records signals, groups, tgs;
};

static void autogroup_reading_deinit(struct autogroup_reading *r)
{
	records_deinit(&r->signals);
	records_deinit(&r->groups);
	records_deinit(&r->tgs);
	free(r->addrs);
}

/* From tasks to their signal_structs, autogroups, and groups of the scheduler.
 */
static int autogroup_follow(struct kernel *k, const struct task *tasks,
			    size_t n, struct autogroup_reading *r,
			    struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_SIGNAL};
	static const uint32_t signal[] = {FIELD_SIGNAL_AUTOGROUP};
	static const uint32_t group[] = {FIELD_AUTOGROUP_TG, FIELD_AUTOGROUP_ID,
					 FIELD_AUTOGROUP_NICE};
	static const uint32_t tg[] = {FIELD_TG_AUTOGROUP};
	_cleanup_(records_deinit) struct records t = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		r->addrs[i] = tasks[i].addr;
	rc = records_read(k, r->addrs, n, task, 1, &t, err);
	for (i = 0; i < n && !rc; i++)
		r->addrs[i] = records_u64(&t, i, FIELD_TASK_SIGNAL);
	if (!rc)
		rc = records_read(k, r->addrs, n, signal, 1, &r->signals, err);
	for (i = 0; i < n && !rc; i++)
		r->addrs[i] =
			records_u64(&r->signals, i, FIELD_SIGNAL_AUTOGROUP);
	if (!rc)
		rc = records_read(k, r->addrs, n, group, 3, &r->groups, err);
	for (i = 0; i < n && !rc; i++)
		r->addrs[i] = records_u64(&r->groups, i, FIELD_AUTOGROUP_TG);
	return rc ? rc : records_read(k, r->addrs, n, tg, 1, &r->tgs, err);
}

int autogroups_read(struct kernel *k, const struct task *tasks, size_t n,
		    struct autogroup *out, struct err *err)
{
	_cleanup_(autogroup_reading_deinit) struct autogroup_reading r = {
		.addrs = calloc(n + 1, sizeof(*r.addrs))};
	size_t i;
	int rc;

	if (!r.addrs)
		return err_nomem(err);
	rc = autogroup_follow(k, tasks, n, &r, err);
	for (i = 0; i < n && !rc; i++)
		out[i] = (struct autogroup){
			.id = (int64_t)records_u64(&r.groups, i,
						   FIELD_AUTOGROUP_ID),
			.nice = (int32_t)records_u64(&r.groups, i,
						     FIELD_AUTOGROUP_NICE),
			.is_group =
				records_u64(&r.tgs, i, FIELD_TG_AUTOGROUP) != 0,
			.known = r.tgs.ok[i] &&
				 records_have(&r.tgs, FIELD_TG_AUTOGROUP) &&
				 records_have(&r.groups, FIELD_AUTOGROUP_ID) &&
				 records_have(&r.groups, FIELD_AUTOGROUP_NICE),
			.torn = !r.tgs.ok[i] &&
				records_have(&r.signals,
					     FIELD_SIGNAL_AUTOGROUP)};
	return rc;
}
