/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads labels of AppArmor out of credentials (security/apparmor). */
#include "kernel/task/apparmor.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_CRED = WANTS_OF(READER_APPARMOR),
	FIELD_CRED_SECURITY,
	FIELD_BLOB_CRED,
	FIELD_LABEL_FLAGS,
	FIELD_PROFILE_LABEL,
	FIELD_PROFILE_NAME,
	FIELD_PROFILE_MODE,
	FIELD_PROFILE_NS,
	FIELD_NS_UNCONFINED
};

static const struct want want_table[] = {
	FIELD(TASK_CRED, "task_struct", OPTIONAL, "real_cred"),
	FIELD(CRED_SECURITY, "cred", OPTIONAL, "security"),
	FIELD(BLOB_CRED, "lsm_blob_sizes", OPTIONAL, "lbs_cred"), /* 5.0 */
	FIELD(LABEL_FLAGS, "aa_label", OPTIONAL, "flags"),
	FIELD(PROFILE_LABEL, "aa_profile", OPTIONAL, "label"),
	FIELD(PROFILE_NAME, "aa_profile", OPTIONAL, "base.hname"),
	FIELD(PROFILE_MODE, "aa_profile", OPTIONAL, "mode"),
	FIELD(PROFILE_NS, "aa_profile", OPTIONAL, "ns"),
	FIELD(NS_UNCONFINED, "aa_ns", OPTIONAL, "unconfined"),
};

const struct wants apparmor_wants = {
	.reader = "AppArmor", .v = want_table, .n = WANTS_N(want_table)};

/* security/apparmor/include/label.h and policy.h */
#define FLAG_PROFILE 0x200u
#define FLAG_STALE   0x800u

static const char *const modes[] = {"enforce", "complain", "kill", "unconfined",
				    "user"};

/* What all tasks have in common: where the label is in a blob, and what the
 * namespace of the first ones has for those that are free. */
struct apparmor_system {
	uint64_t blob, ns, unconfined;
};

/* *used is false where it is not, or where nothing tells. */
static int apparmor_read_system(struct kernel *k, struct apparmor_system *s,
				bool *used, struct err *err)
{
	static const uint32_t blob[] = {FIELD_BLOB_CRED};
	static const uint32_t ns[] = {FIELD_NS_UNCONFINED};
	_cleanup_(records_deinit) struct records b = {0};
	_cleanup_(records_deinit) struct records r = {0};
	uint64_t sizes = 0, initialized = 0;
	int rc = kernel_read_symbol(k, "apparmor_initialized", 4, &initialized,
				    err);

	*used = false;
	if (!rc)
		rc = kernel_read_symbol(k, "root_ns", 8, &s->ns, err);
	if (rc == ERR_NOT_FOUND ||
	    !profile_symbol(k->profile, "apparmor_blob_sizes", &sizes))
		return 0;
	if (!rc)
		rc = records_read(k, &sizes, 1, blob, 1, &b, err);
	if (!rc)
		rc = records_read(k, &s->ns, 1, ns, 1, &r, err);
	if (rc)
		return rc;
	s->blob = (uint32_t)records_u64(&b, 0, FIELD_BLOB_CRED);
	s->unconfined = records_u64(&r, 0, FIELD_NS_UNCONFINED);
	*used = initialized == 1 && b.ok[0] && r.ok[0];
	return 0;
}

/* What is at a member of each object, in place. */
static int apparmor_follow(struct kernel *k, uint32_t field, uint64_t *addrs,
			   size_t n, struct err *err)
{
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, addrs, n, &field, 1, &r, err);

	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&r, i, field);
	return rc;
}

/* From tasks to their labels: 0 where one is no profile of its own, or a newer
 * one has replaced it. */
static int apparmor_find_labels(struct kernel *k, const struct task *tasks,
				size_t n, const struct apparmor_system *s,
				uint64_t *labels, struct err *err)
{
	static const uint32_t flags[] = {FIELD_LABEL_FLAGS};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ struct space_read *reads = calloc(n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		labels[i] = tasks[i].addr;
	rc = apparmor_follow(k, FIELD_TASK_CRED, labels, n, err);
	if (!rc)
		rc = apparmor_follow(k, FIELD_CRED_SECURITY, labels, n, err);
	for (i = 0; i < n; i++)
		reads[i] = (struct space_read){.root = &k->root,
					       .va = labels[i] + s->blob,
					       .dst = &labels[i],
					       .len = labels[i] ? 8 : 0};
	if (!rc)
		rc = space_read(k->machine, reads, n, err);
	for (i = 0; i < n && !rc; i++)
		labels[i] = reads[i].len && reads[i].got == 8 ? le64(&labels[i])
							      : 0;
	if (!rc)
		rc = records_read(k, labels, n, flags, 1, &r, err);
	for (i = 0; i < n && !rc; i++) {
		uint64_t f = records_u64(&r, i, FIELD_LABEL_FLAGS);

		if (!(f & FLAG_PROFILE) || f & FLAG_STALE)
			labels[i] = 0;
	}
	return rc;
}

static void apparmor_take(const struct records *r, size_t i, uint64_t profile,
			  const struct apparmor_system *s,
			  struct apparmor_label *out)
{
	uint64_t mode = (uint32_t)records_u64(r, i, FIELD_PROFILE_MODE);

	if (!r->ok[i] || records_u64(r, i, FIELD_PROFILE_NS) != s->ns)
		return;
	if (profile == s->unconfined) {
		out->state = APPARMOR_FREE;
	} else if (mode < sizeof(modes) / sizeof(modes[0])) {
		out->state = APPARMOR_PROFILE;
		out->mode = modes[mode];
	}
}

/* A label that is a profile is a part of it. */
static int apparmor_read_profiles(struct kernel *k, uint64_t *labels, size_t n,
				  const struct apparmor_system *s,
				  struct apparmor_label *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_PROFILE_NAME,
					  FIELD_PROFILE_MODE, FIELD_PROFILE_NS};
	uint32_t label = profile_field(k->profile, FIELD_PROFILE_LABEL)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ char **names = calloc(n + 1, sizeof(*names));
	_cleanup_free_ bool *ok = calloc(n + 1, sizeof(*ok));
	size_t i;
	int rc;

	if (!names || !ok)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		labels[i] = labels[i] ? labels[i] - label : 0;
	rc = records_read(k, labels, n, fields, 3, &r, err);
	for (i = 0; i < n && !rc; i++) {
		apparmor_take(&r, i, labels[i], s, &out[i]);
		names[i] = out[i].name;
		labels[i] = records_u64(&r, i, FIELD_PROFILE_NAME);
	}
	if (!rc)
		rc = records_strings(k, labels, n, APPARMOR_NAME_MAX, names, ok,
				     err);
	for (i = 0; i < n && !rc; i++)
		if (out[i].state == APPARMOR_PROFILE && !ok[i])
			out[i].state = APPARMOR_UNKNOWN;
	return rc;
}

int apparmor_read(struct kernel *k, const struct task *tasks, size_t n,
		  struct apparmor_label *out, struct err *err)
{
	_cleanup_free_ uint64_t *labels = calloc(n + 1, sizeof(*labels));
	struct apparmor_system s = {0};
	bool used;
	size_t i;
	int rc;

	if (!labels)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		out[i] = (struct apparmor_label){.state = APPARMOR_UNKNOWN};
	if (!records_known(k, FIELD_TASK_CRED, FIELD_NS_UNCONFINED))
		return 0;
	rc = apparmor_read_system(k, &s, &used, err);
	if (rc || !used)
		return rc;
	rc = apparmor_find_labels(k, tasks, n, &s, labels, err);
	return rc ? rc : apparmor_read_profiles(k, labels, n, &s, out, err);
}
