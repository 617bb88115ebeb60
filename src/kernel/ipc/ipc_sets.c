/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads System V sets of semaphores. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/ipc/ipc_work.h"
#include "kernel/limits.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_PERM = WANTS_OF(READER_IPC_SETS),
	FIELD_CTIME,
	FIELD_NSEMS,
	FIELD_SEMS,
	FIELD_OTIME,
	STRUCT_SEM
};

static const struct want want_table[] = {
	FIELD(PERM, "sem_array", REQUIRED, "sem_perm"),
	FIELD(CTIME, "sem_array", REQUIRED, "sem_ctime"),
	FIELD(NSEMS, "sem_array", REQUIRED, "sem_nsems"),
	FIELD(SEMS, "sem_array", REQUIRED, "sems"), /* 4.11 */
	FIELD(OTIME, "sem", REQUIRED, "sem_otime"),
	STRUCT(SEM, "sem", REQUIRED),
};

const struct wants ipc_sets_wants = {.reader = "sets of semaphores",
				     .v = want_table,
				     .n = WANTS_N(want_table)};

/* The semaphores of all sets, one set's after the other's. */
struct ipc_sems {
	size_t *first; /* of each set; and where the last one ends */
	uint64_t *at;
	struct records r;
};

static void ipc_sems_deinit(struct ipc_sems *s)
{
	free(s->first);
	free(s->at);
	records_deinit(&s->r);
}

/* How many semaphores of a set are read: 0 where it cannot be told, or all of
 * them are too many (no set has none). */
static size_t ipc_sems_count(const struct records *sets, size_t i, size_t room)
{
	uint64_t n = records_u64(sets, i, FIELD_NSEMS);

	return sets->ok[i] && n <= room ? (size_t)n : 0;
}

static int ipc_sems_find(struct kernel *k, const struct ipc_perms *perms,
			 const struct records *sets, struct ipc_sems *s)
{
	const struct profile *p = k->profile;
	uint64_t sems = (uint64_t)profile_field(p, FIELD_SEMS)->offset -
			profile_field(p, FIELD_PERM)->offset;
	uint32_t size = profile_sizeof(p, STRUCT_SEM);
	size_t i, at, all = 0;

	s->first = calloc(sets->n + 1, sizeof(*s->first));
	if (!s->first)
		return ERR_NOMEM;
	for (i = 0; i < sets->n; i++) {
		all += ipc_sems_count(sets, i, IPC_SEMAPHORES_MAX_ALL - all);
		s->first[i + 1] = all;
	}
	s->at = calloc(all + 1, sizeof(*s->at));
	if (!s->at)
		return ERR_NOMEM;
	for (i = 0; i < sets->n; i++)
		for (at = s->first[i]; at < s->first[i + 1]; at++)
			s->at[at] = perms->v.v[i].addr + sems +
				    (at - s->first[i]) * size;
	return 0;
}

/* get_semotime(); false: not all of the set can be read. */
static bool ipc_sems_otime(const struct ipc_sems *s, size_t i, uint64_t *otime)
{
	int64_t last = INT64_MIN;
	size_t at;

	for (at = s->first[i]; at < s->first[i + 1]; at++) {
		int64_t t = (int64_t)records_u64(&s->r, at, FIELD_OTIME);

		if (!s->r.ok[at])
			return false;
		last = t > last ? t : last;
	}
	*otime = (uint64_t)last;
	return s->first[i] < s->first[i + 1];
}

static int ipc_sets_take(const struct ipc_perms *perms, const struct records *r,
			 const struct ipc_sems *sems, struct ipc_sets *out,
			 struct remarks *remarks)
{
	uint64_t otime = 0;
	size_t i;

	for (i = 0; i < perms->v.n; i++) {
		if (!ipc_sems_otime(sems, i, &otime))
			remarks_add(remarks,
				    "the semaphores of the set at 0x%" PRIx64
				    " cannot be read, or are too many",
				    perms->v.v[i].addr);
		else if (vec_push(
				 &out->v,
				 {.perm = perms->v.v[i],
				  .n = (uint32_t)records_u64(r, i, FIELD_NSEMS),
				  .otime = otime,
				  .ctime = records_u64(r, i, FIELD_CTIME)}))
			return ERR_NOMEM;
	}
	return 0;
}

int ipc_sets_read(struct kernel *k, struct ipc_sets *out,
		  struct remarks *remarks, struct err *err)
{
	static const uint32_t fields[] = {FIELD_CTIME, FIELD_NSEMS};
	static const uint32_t otime = FIELD_OTIME;
	_cleanup_(ipc_perms_deinit) struct ipc_perms perms = {0};
	_cleanup_(ipc_sems_deinit) struct ipc_sems sems = {0};
	_cleanup_(records_deinit) struct records r = {0};
	int rc = ipc_perms_read(k, IPC_SETS, &perms, remarks, err);

	if (!rc)
		rc = ipc_own_read(k, &perms, FIELD_PERM, fields, 2, &r, err);
	if (!rc && ipc_sems_find(k, &perms, &r, &sems))
		rc = err_nomem(err);
	if (!rc)
		rc = records_read(k, sems.at, sems.first[r.n], &otime, 1,
				  &sems.r, err);
	if (!rc && ipc_sets_take(&perms, &r, &sems, out, remarks))
		rc = err_nomem(err);
	return rc;
}

void ipc_sets_deinit(struct ipc_sets *s)
{
	vec_deinit(&s->v);
}
