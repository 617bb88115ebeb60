/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what tasks ask of CPUs' frequencies. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/sched/task_sched.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_UCLAMP_REQ = WANTS_OF(READER_SCHED_UCLAMP),
	FIELD_TASK_UCLAMP,
	FIELD_TASK_GROUP,
	FIELD_GROUP_UCLAMP,
	FIELD_GROUP_AUTO,
	FIELD_SE_VALUE,
	FIELD_SE_ACTIVE,
	STRUCT_SE
};

static const struct want want_table[] = {
	FIELD(TASK_UCLAMP_REQ, "task_struct", OPTIONAL, "uclamp_req"),
	FIELD(TASK_UCLAMP, "task_struct", OPTIONAL, "uclamp"),
	FIELD(TASK_GROUP, "task_struct", OPTIONAL, "sched_task_group"),
	FIELD(GROUP_UCLAMP, "task_group", OPTIONAL, "uclamp"),
	FIELD(GROUP_AUTO, "task_group", OPTIONAL, "autogroup"),
	FIELD(SE_VALUE, "uclamp_se", OPTIONAL, "value"),
	FIELD(SE_ACTIVE, "uclamp_se", OPTIONAL, "active"),
	STRUCT(SE, "uclamp_se", OPTIONAL),
};

const struct wants sched_uclamp_wants = {
	.reader = "clamps of tasks", .v = want_table, .n = WANTS_N(want_table)};

#define SE_SIZE 4u /* bytes of a struct uclamp_se */

/* A member of such a struct, of which has_uclamp() is true. */
static uint32_t se_member(const struct kernel *k, const uint8_t *se,
			  uint32_t field)
{
	const struct profile_field *f = profile_field(k->profile, field);

	return (uint32_t)field_u64(f, se + f->offset);
}

static uint32_t se_value(const struct kernel *k, const uint8_t *se)
{
	return se_member(k, se, FIELD_SE_VALUE);
}

/* Element `id` of an array of struct uclamp_se. */
static const uint8_t *se_of(const struct records *r, size_t i, uint32_t field,
			    int id)
{
	return records_bytes(r, i, field) + SE_SIZE * (unsigned int)id;
}

/* Whether this kernel has them, as they are read here. */
static bool has_uclamp(const struct kernel *k)
{
	static const uint32_t arrays[] = {FIELD_TASK_UCLAMP_REQ,
					  FIELD_TASK_UCLAMP};
	static const uint32_t members[] = {FIELD_SE_VALUE, FIELD_SE_ACTIVE};
	const struct profile_field *group =
		profile_field(k->profile, FIELD_GROUP_UCLAMP);
	bool has = profile_sizeof(k->profile, STRUCT_SE) == SE_SIZE &&
		   (!group->present || group->size == SE_SIZE * UCLAMPS);
	size_t i;

	for (i = 0; i < 2; i++) {
		const struct profile_field *array =
			profile_field(k->profile, arrays[i]);
		const struct profile_field *f =
			profile_field(k->profile, members[i]);

		has &= array->present && array->size == SE_SIZE * UCLAMPS &&
		       f->present && f->offset + f->size <= SE_SIZE;
	}
	return has;
}

/* What is known of all tasks' clamps. */
struct uclamp_work {
	const struct kernel *k;
	struct records tasks, groups;
	uint64_t root_group;
	uint8_t system[UCLAMPS][SE_SIZE]; /* uclamp_default */
};

/* uclamp_eff_value(), kernel/sched/core.c */
static uint32_t uclamp_effective(const struct uclamp_work *w, size_t i, int id)
{
	const uint8_t *own = se_of(&w->tasks, i, FIELD_TASK_UCLAMP, id);
	uint32_t req =
		se_value(w->k, se_of(&w->tasks, i, FIELD_TASK_UCLAMP_REQ, id));
	uint64_t group = records_u64(&w->tasks, i, FIELD_TASK_GROUP);
	uint32_t system = se_value(w->k, w->system[id]), least, most;

	if (se_member(w->k, own, FIELD_SE_ACTIVE))
		return se_value(w->k, own);
	if (records_have(&w->groups, FIELD_GROUP_UCLAMP) &&
	    group != w->root_group &&
	    !records_u64(&w->groups, i, FIELD_GROUP_AUTO)) {
		least = se_value(w->k, se_of(&w->groups, i, FIELD_GROUP_UCLAMP,
					     UCLAMP_MIN));
		most = se_value(w->k, se_of(&w->groups, i, FIELD_GROUP_UCLAMP,
					    UCLAMP_MAX));
		req = req < least ? least : req;
		req = req > most ? most : req;
	}
	return req > system ? system : req;
}

static int uclamps_read(struct kernel *k, const struct task *tasks, size_t n,
			struct uclamp_work *w, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_UCLAMP_REQ,
					FIELD_TASK_UCLAMP, FIELD_TASK_GROUP};
	static const uint32_t group[] = {FIELD_GROUP_UCLAMP, FIELD_GROUP_AUTO};
	struct variable system = {.name = "uclamp_default",
				  .size = sizeof(w->system),
				  .to = w->system};
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = tasks[i].addr;
	profile_symbol(k->profile, "root_task_group", &w->root_group);
	rc = variables_read(k, &system, 1, err);
	if (!rc)
		rc = records_read(k, at, n, task, 3, &w->tasks, err);
	for (i = 0; i < n && !rc; i++)
		at[i] = records_u64(&w->tasks, i, FIELD_TASK_GROUP);
	return rc ? rc : records_read(k, at, n, group, 2, &w->groups, err);
}

int task_sched_uclamps(struct kernel *k, const struct task *tasks, size_t n,
		       struct task_scheds *out, struct err *err)
{
	struct uclamp_work w = {.k = k};
	size_t i;
	int id, rc;

	if (!has_uclamp(k))
		return 0;
	rc = uclamps_read(k, tasks, n, &w, err);
	for (i = 0; i < n && !rc; i++) {
		struct task_sched *t = &out->v[i];

		t->has_uclamp = true;
		t->torn |= !w.tasks.ok[i] || !w.groups.ok[i];
		for (id = 0; id < UCLAMPS; id++) {
			t->uclamp[id] =
				se_value(k, se_of(&w.tasks, i,
						  FIELD_TASK_UCLAMP_REQ, id));
			t->effective[id] = uclamp_effective(&w, i, id);
		}
	}
	records_deinit(&w.tasks);
	records_deinit(&w.groups);
	return rc;
}
