/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads credentials, groups, and what a user's signals count. */
#include "kernel/task/cred.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_CRED = WANTS_OF(READER_CRED),
	FIELD_CRED_UID,
	FIELD_CRED_EUID,
	FIELD_CRED_SUID,
	FIELD_CRED_FSUID,
	FIELD_CRED_GID,
	FIELD_CRED_EGID,
	FIELD_CRED_SGID,
	FIELD_CRED_FSGID,
	FIELD_CRED_INHERITABLE,
	FIELD_CRED_PERMITTED,
	FIELD_CRED_EFFECTIVE,
	FIELD_CRED_BOUNDING,
	FIELD_CRED_AMBIENT,
	FIELD_CRED_GROUPS,
	FIELD_CRED_USER,
	FIELD_CRED_UCOUNTS,
	FIELD_USER_SIGPENDING,
	FIELD_UCOUNTS_RLIMIT,
	FIELD_GROUPS_N,
	FIELD_GROUPS_GID,
	CONSTANT_SIGPENDING
};

static const struct want want_table[] = {
	FIELD(TASK_CRED, "task_struct", REQUIRED, "real_cred"),
	FIELD(CRED_UID, "cred", OPTIONAL, "uid"),
	FIELD(CRED_EUID, "cred", OPTIONAL, "euid"),
	FIELD(CRED_SUID, "cred", OPTIONAL, "suid"),
	FIELD(CRED_FSUID, "cred", OPTIONAL, "fsuid"),
	FIELD(CRED_GID, "cred", OPTIONAL, "gid"),
	FIELD(CRED_EGID, "cred", OPTIONAL, "egid"),
	FIELD(CRED_SGID, "cred", OPTIONAL, "sgid"),
	FIELD(CRED_FSGID, "cred", OPTIONAL, "fsgid"),
	FIELD(CRED_INHERITABLE, "cred", OPTIONAL, "cap_inheritable"),
	FIELD(CRED_PERMITTED, "cred", OPTIONAL, "cap_permitted"),
	FIELD(CRED_EFFECTIVE, "cred", OPTIONAL, "cap_effective"),
	FIELD(CRED_BOUNDING, "cred", OPTIONAL, "cap_bset"),
	FIELD(CRED_AMBIENT, "cred", OPTIONAL, "cap_ambient"),
	FIELD(CRED_GROUPS, "cred", OPTIONAL, "group_info"),
	FIELD(CRED_USER, "cred", OPTIONAL, "user"),
	FIELD(CRED_UCOUNTS, "cred", OPTIONAL, "ucounts"), /* 5.14 */
	FIELD(USER_SIGPENDING, "user_struct", OPTIONAL, "sigpending"),
	FIELD(UCOUNTS_RLIMIT, "ucounts", OPTIONAL, "rlimit|ucount"), /* 5.19 */
	FIELD(GROUPS_N, "group_info", OPTIONAL, "ngroups"),
	FIELD(GROUPS_GID, "group_info", OPTIONAL, "gid"),
	CONSTANT(SIGPENDING, "", "UCOUNT_RLIMIT_SIGPENDING"),
};

const struct wants cred_wants = {
	.reader = "credentials", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t cred_fields[] = {
	FIELD_CRED_UID,	      FIELD_CRED_EUID,	    FIELD_CRED_SUID,
	FIELD_CRED_FSUID,     FIELD_CRED_GID,	    FIELD_CRED_EGID,
	FIELD_CRED_SGID,      FIELD_CRED_FSGID,	    FIELD_CRED_INHERITABLE,
	FIELD_CRED_PERMITTED, FIELD_CRED_EFFECTIVE, FIELD_CRED_BOUNDING,
	FIELD_CRED_AMBIENT,   FIELD_CRED_GROUPS,    FIELD_CRED_USER,
	FIELD_CRED_UCOUNTS,
};

/* Of those, all that must be there: up to the ambient ones. */
#define CRED_NEEDED 13

struct cred_reading {
	struct kernel *k;
	size_t n;
	uint64_t *addrs; /* of creds, users, ucounts and groups: n each */
	struct records creds, of[3];
};

enum {
	OF_USER,
	OF_UCOUNTS,
	OF_GROUPS
};

static void cred_reading_deinit(struct cred_reading *r)
{
	size_t i;

	records_deinit(&r->creds);
	for (i = 0; i < 3; i++)
		records_deinit(&r->of[i]);
	free(r->addrs);
}

static void cred_take(const struct records *r, size_t i, struct cred *out)
{
	uint32_t number;

	out->torn = !r->ok[i];
	out->known = r->ok[i];
	out->has_ucounts = records_have(r, FIELD_CRED_UCOUNTS);
	for (number = 0; number < CRED_NEEDED; number++)
		out->known &= records_have(r, cred_fields[number]);
	for (number = 0; number < CRED_IDS; number++) {
		out->uid[number] =
			(uint32_t)records_u64(r, i, FIELD_CRED_UID + number);
		out->gid[number] =
			(uint32_t)records_u64(r, i, FIELD_CRED_GID + number);
	}
	for (number = 0; number < CRED_CAPS; number++)
		out->caps[number] =
			records_u64(r, i, FIELD_CRED_INHERITABLE + number);
}

static int cred_read_creds(struct cred_reading *r, const struct task *tasks,
			   struct cred *out, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_CRED};
	_cleanup_(records_deinit) struct records t = {0};
	size_t i, n = r->n;
	int rc;

	for (i = 0; i < n; i++)
		r->addrs[i] = tasks[i].addr;
	rc = records_read(r->k, r->addrs, n, task, 1, &t, err);
	for (i = 0; i < n && !rc; i++)
		r->addrs[i] = records_u64(&t, i, FIELD_TASK_CRED);
	if (!rc)
		rc = records_read(r->k, r->addrs, n, cred_fields,
				  WANTS_N(cred_fields), &r->creds, err);
	for (i = 0; i < n && !rc; i++) {
		cred_take(&r->creds, i, &out[i]);
		r->addrs[n + i] = records_u64(&r->creds, i, FIELD_CRED_USER);
		r->addrs[2 * n + i] =
			records_u64(&r->creds, i, FIELD_CRED_UCOUNTS);
		r->addrs[3 * n + i] =
			records_u64(&r->creds, i, FIELD_CRED_GROUPS);
	}
	return rc;
}

/* Up to 5.13 of the user, then of a user in a namespace. */
static void cred_take_signals(const struct cred_reading *r, size_t i,
			      struct cred *out)
{
	const struct records *user = &r->of[OF_USER],
			     *ucounts = &r->of[OF_UCOUNTS];
	const uint8_t *counts = records_bytes(ucounts, i, FIELD_UCOUNTS_RLIMIT);
	int64_t which;

	if (records_have(user, FIELD_USER_SIGPENDING)) {
		out->has_sigpending = user->ok[i];
		out->sigpending =
			(uint32_t)records_u64(user, i, FIELD_USER_SIGPENDING);
	} else if (counts && ucounts->ok[i] &&
		   profile_constant(r->k->profile, CONSTANT_SIGPENDING,
				    &which) &&
		   which >= 0 &&
		   which < records_size(ucounts, FIELD_UCOUNTS_RLIMIT) / 8) {
		out->has_sigpending = true;
		out->sigpending = le32(counts + 8 * which);
	}
}

static int cred_read_others(struct cred_reading *r, struct cred *out,
			    struct err *err)
{
	static const uint32_t user[] = {FIELD_USER_SIGPENDING};
	static const uint32_t ucounts[] = {FIELD_UCOUNTS_RLIMIT};
	static const uint32_t groups[] = {FIELD_GROUPS_N};
	const struct records_want wants[] = {
		[OF_USER] = {r->addrs + r->n, r->n, user, 1},
		[OF_UCOUNTS] = {r->addrs + 2 * r->n, r->n, ucounts, 1},
		[OF_GROUPS] = {r->addrs + 3 * r->n, r->n, groups, 1}};
	size_t i;
	int rc = records_read_all(r->k, wants, 3, r->of, err);

	for (i = 0; i < r->n && !rc; i++) {
		cred_take_signals(r, i, &out[i]);
		out[i].torn |= !r->of[OF_GROUPS].ok[i];
	}
	return rc;
}

/* Room for as many groups as a process can have, within *left for all. */
static int cred_make_room(const struct cred_reading *r, size_t i, size_t *left,
			  struct cred *out)
{
	uint64_t n = records_u64(&r->of[OF_GROUPS], i, FIELD_GROUPS_N);

	if (n > CRED_GROUPS_MAX || n > *left) {
		out->torn = true;
		return 0;
	}
	*left -= (size_t)n;
	out->groups = calloc((size_t)n + 1, sizeof(*out->groups));
	if (!out->groups)
		return ERR_NOMEM;
	out->n_groups = (size_t)n;
	return 0;
}

static int cred_read_groups(struct cred_reading *r, struct cred *out,
			    struct err *err)
{
	const struct profile_field *gid =
		profile_field(r->k->profile, FIELD_GROUPS_GID);
	_cleanup_free_ struct space_read *reads =
		calloc(r->n + 1, sizeof(*reads));
	size_t i, group, left = CRED_GROUPS_MAX_ALL;
	int rc = reads ? 0 : ERR_NOMEM;

	for (i = 0; i < r->n && !rc; i++) {
		rc = cred_make_room(r, i, &left, &out[i]);
		if (rc)
			break;
		reads[i] = (struct space_read){
			.root = &r->k->root,
			.va = r->addrs[3 * r->n + i] + gid->offset,
			.dst = out[i].groups,
			.len = out[i].n_groups * sizeof(*out[i].groups)};
	}
	rc = rc ? err_nomem(err) : space_read(r->k->machine, reads, r->n, err);
	for (i = 0; i < r->n && !rc; i++) {
		out[i].torn |= reads[i].got < reads[i].len;
		for (group = 0; group < out[i].n_groups; group++)
			out[i].groups[group] = le32(&out[i].groups[group]);
	}
	return rc;
}

int creds_read(struct kernel *k, const struct task *tasks, size_t n,
	       struct cred *out, struct err *err)
{
	_cleanup_(cred_reading_deinit) struct cred_reading r = {.k = k, .n = n};
	size_t i;
	int rc;

	r.addrs = calloc(4 * n + 1, sizeof(*r.addrs));
	if (!r.addrs)
		return err_nomem(err);
	rc = cred_read_creds(&r, tasks, out, err);
	if (!rc)
		rc = cred_read_others(&r, out, err);
	if (!rc && profile_field(k->profile, FIELD_GROUPS_GID)->present)
		rc = cred_read_groups(&r, out, err);
	for (i = 0; i < n && !rc; i++)
		out[i].known &= !out[i].torn;
	return rc;
}

void creds_deinit(struct cred *creds, size_t n)
{
	size_t i;

	for (i = 0; creds && i < n; i++)
		free(creds[i].groups);
}
