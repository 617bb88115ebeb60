/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks pages up in the trees of policies that their files have. */
#include "kernel/mm/shared_policy.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_FILE_INODE = WANTS_OF(READER_SHARED_POLICY),
	FIELD_SHMEM_INODE,
	FIELD_SHMEM_ROOT,
	FIELD_SP_LEFT,
	FIELD_SP_RIGHT,
	FIELD_SP_START,
	FIELD_SP_END,
	FIELD_SP_POLICY
};

static const struct want want_table[] = {
	FIELD(FILE_INODE, "file", OPTIONAL, "f_inode"),
	FIELD(SHMEM_INODE, "shmem_inode_info", OPTIONAL, "vfs_inode"),
	FIELD(SHMEM_ROOT, "shmem_inode_info", OPTIONAL, "policy.root.rb_node"),
	FIELD(SP_LEFT, "sp_node", OPTIONAL, "nd.rb_left"),
	FIELD(SP_RIGHT, "sp_node", OPTIONAL, "nd.rb_right"),
	FIELD(SP_START, "sp_node", OPTIONAL, "start"),
	FIELD(SP_END, "sp_node", OPTIONAL, "end"),
	FIELD(SP_POLICY, "sp_node", OPTIONAL, "policy"),
};

const struct wants shared_policy_wants = {.reader = "policies of shared memory",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

/* One step of all asks that go on: read `fields` there. */
static int shared_step(struct kernel *k, struct shared_asks *asks,
		       const uint32_t *fields, size_t n, struct records *r,
		       struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(asks->n + 1, sizeof(*at));
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < asks->n; i++)
		at[i] = asks->v[i].at;
	rc = records_read(k, at, asks->n, fields, n, r, err);
	for (i = 0; i < asks->n && !rc; i++)
		if (at[i] && !(r->ok[i] && records_have(r, fields[0])))
			asks->v[i].lost = true;
	return rc;
}

/* From the files to the trees of their policies; most have none. */
static int shared_find_roots(struct kernel *k, struct shared_asks *asks,
			     struct err *err)
{
	static const uint32_t inode = FIELD_FILE_INODE, root = FIELD_SHMEM_ROOT;
	const struct profile_field *inside =
		profile_field(k->profile, FIELD_SHMEM_INODE);
	_cleanup_(records_deinit) struct records files = {0};
	_cleanup_(records_deinit) struct records infos = {0};
	size_t i;
	int rc = shared_step(k, asks, &inode, 1, &files, err);

	for (i = 0; i < asks->n && !rc; i++) {
		uint64_t at = records_u64(&files, i, inode);

		asks->v[i].lost |= !at || !inside->present;
		asks->v[i].at = at ? at - inside->offset : 0;
	}
	if (!rc)
		rc = shared_step(k, asks, &root, 1, &infos, err);
	for (i = 0; i < asks->n && !rc; i++)
		asks->v[i].at = records_u64(&infos, i, root);
	return rc;
}

/* Where the way through a tree leads from a node on (sp_lookup()). */
static void shared_descend(struct shared_ask *a, const struct records *r,
			   size_t i)
{
	if (a->lost || !a->at) {
		a->at = 0;
	} else if (a->index >= records_u64(r, i, FIELD_SP_END)) {
		a->at = records_u64(r, i, FIELD_SP_RIGHT);
	} else if (a->index < records_u64(r, i, FIELD_SP_START)) {
		a->at = records_u64(r, i, FIELD_SP_LEFT);
	} else {
		a->policy = records_u64(r, i, FIELD_SP_POLICY);
		a->lost = !a->policy;
		a->at = 0;
	}
}

static bool shared_go_on(const struct shared_asks *asks)
{
	size_t i;

	for (i = 0; i < asks->n; i++)
		if (asks->v[i].at)
			return true;
	return false;
}

static int shared_walk_trees(struct kernel *k, struct shared_asks *asks,
			     struct err *err)
{
	static const uint32_t fields[] = {FIELD_SP_POLICY, FIELD_SP_START,
					  FIELD_SP_END, FIELD_SP_LEFT,
					  FIELD_SP_RIGHT};
	size_t i, depth;
	int rc = 0;

	for (depth = 0; depth < RBTREE_DEPTH_MAX && !rc && shared_go_on(asks);
	     depth++) {
		_cleanup_(records_deinit) struct records r = {0};

		rc = shared_step(k, asks, fields, WANTS_N(fields), &r, err);
		for (i = 0; i < asks->n && !rc; i++)
			shared_descend(&asks->v[i], &r, i);
	}
	for (i = 0; i < asks->n; i++)
		asks->v[i].lost |= asks->v[i].at != 0;
	return rc;
}

int shared_policies_read(struct kernel *k, struct shared_asks *asks,
			 struct err *err)
{
	size_t i;
	int rc;

	for (i = 0; i < asks->n; i++)
		asks->v[i].at = asks->v[i].file;
	rc = asks->n ? shared_find_roots(k, asks, err) : 0;
	return rc ? rc : shared_walk_trees(k, asks, err);
}
