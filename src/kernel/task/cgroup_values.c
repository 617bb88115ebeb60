/* SPDX-License-Identifier: BSD-2-Clause */
/* From control groups to what their controllers count. */
#include "kernel/task/cgroup_values.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CGROUP_LEVEL = WANTS_OF(READER_CGROUP_VALUES),
	FIELD_CGROUP_SUBSYS,
	FIELD_CSS_FLAGS,
	FIELD_MEM_CSS,
	FIELD_MEM_USAGE,
	FIELD_MEM_MAX,
	FIELD_PIDS_CSS,
	FIELD_PIDS_COUNTER,
	FIELD_PIDS_LIMIT,
	CONSTANT_MEMORY,
	CONSTANT_PIDS,
	CONSTANT_VISIBLE
};

static const struct want want_table[] = {
	FIELD(CGROUP_LEVEL, "cgroup", OPTIONAL, "level"),
	FIELD(CGROUP_SUBSYS, "cgroup", OPTIONAL, "subsys"),
	FIELD(CSS_FLAGS, "cgroup_subsys_state", OPTIONAL, "flags"),
	FIELD(MEM_CSS, "mem_cgroup", OPTIONAL, "css"),
	FIELD(MEM_USAGE, "mem_cgroup", OPTIONAL, "memory.usage"),
	FIELD(MEM_MAX, "mem_cgroup", OPTIONAL, "memory.max"),
	FIELD(PIDS_CSS, "pids_cgroup", OPTIONAL, "css"),
	FIELD(PIDS_COUNTER, "pids_cgroup", OPTIONAL, "counter"),
	FIELD(PIDS_LIMIT, "pids_cgroup", OPTIONAL, "limit"),
	CONSTANT(MEMORY, "cgroup_subsys_id", "memory_cgrp_id"),
	CONSTANT(PIDS, "cgroup_subsys_id", "pids_cgrp_id"),
	CONSTANT(VISIBLE, "", "CSS_VISIBLE"),
};

const struct wants cgroup_values_wants = {.reader = "use of control groups",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

#define PAGE_SHIFT 12
/* PAGE_COUNTER_MAX, include/linux/page_counter.h; PIDS_MAX, beyond the most
 * PIDs that there are, kernel/cgroup/pids.c. */
#define PAGE_COUNTER_MAX (INT64_MAX >> PAGE_SHIFT)
#define PIDS_MAX	 4194305u

/* A controller of all groups: its cgroup_subsys_states, and what has them as
 * its member; 0 of those without. */
static void values_find(struct kernel *k, const struct records *groups,
			uint32_t constant, uint32_t member, uint64_t *css,
			uint64_t *whole)
{
	uint32_t offset = profile_field(k->profile, member)->offset;
	uint32_t size = records_size(groups, FIELD_CGROUP_SUBSYS);
	int64_t number;
	size_t i;

	if (!profile_constant(k->profile, constant, &number) || number < 0 ||
	    (uint64_t)number >= size / 8)
		return;
	for (i = 0; i < groups->n; i++) {
		/* the topmost one has no such files */
		if (!groups->ok[i] ||
		    !records_u64(groups, i, FIELD_CGROUP_LEVEL))
			continue;
		css[i] = le64(records_bytes(groups, i, FIELD_CGROUP_SUBSYS) +
			      8 * number);
		whole[i] = css[i] ? css[i] - offset : 0;
	}
}

static uint64_t values_limit(uint64_t value, uint64_t none, uint64_t unit)
{
	return value >= none ? CGROUP_NO_LIMIT : value * unit;
}

static void values_take(struct kernel *k, const struct records r[4], size_t i,
			struct cgroup_values *out)
{
	int64_t visible = 0;
	bool known = profile_constant(k->profile, CONSTANT_VISIBLE, &visible);
	uint64_t bits = (uint64_t)visible;

	*out = (struct cgroup_values){
		.has_memory = known && r[2].ok[i] &&
			      records_u64(&r[0], i, FIELD_CSS_FLAGS) & bits,
		.has_pids = known && r[3].ok[i] &&
			    records_u64(&r[1], i, FIELD_CSS_FLAGS) & bits,
		.memory = records_u64(&r[2], i, FIELD_MEM_USAGE) << PAGE_SHIFT,
		.memory_max = values_limit(records_u64(&r[2], i, FIELD_MEM_MAX),
					   PAGE_COUNTER_MAX, 1 << PAGE_SHIFT),
		.pids = records_u64(&r[3], i, FIELD_PIDS_COUNTER),
		.pids_max = values_limit(
			records_u64(&r[3], i, FIELD_PIDS_LIMIT), PIDS_MAX, 1)};
}

int cgroup_values_read(struct kernel *k, const uint64_t *groups, size_t n,
		       struct cgroup_values *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_CGROUP_LEVEL,
					  FIELD_CGROUP_SUBSYS};
	static const uint32_t flags[] = {FIELD_CSS_FLAGS};
	static const uint32_t mem[] = {FIELD_MEM_USAGE, FIELD_MEM_MAX};
	static const uint32_t pids[] = {FIELD_PIDS_COUNTER, FIELD_PIDS_LIMIT};
	_cleanup_free_ uint64_t *at = calloc(4 * n + 1, sizeof(*at));
	const struct records_want wants[] = {{at, n, flags, 1},
					     {at + n, n, flags, 1},
					     {at + 2 * n, n, mem, 2},
					     {at + 3 * n, n, pids, 2}};
	_cleanup_(records_deinit) struct records g = {0};
	struct records r[4] = {{0}};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = (struct cgroup_values){0};
	if (!at)
		return err_nomem(err);
	if (!records_known(k, FIELD_CGROUP_LEVEL, FIELD_PIDS_LIMIT))
		return 0;
	rc = records_read(k, groups, n, fields, 2, &g, err);
	if (rc)
		return rc;
	values_find(k, &g, CONSTANT_MEMORY, FIELD_MEM_CSS, at, at + 2 * n);
	values_find(k, &g, CONSTANT_PIDS, FIELD_PIDS_CSS, at + n, at + 3 * n);
	rc = records_read_all(k, wants, 4, r, err);
	for (i = 0; i < n && !rc; i++)
		values_take(k, r, i, &out[i]);
	for (i = 0; i < 4; i++)
		records_deinit(&r[i]);
	return rc;
}
