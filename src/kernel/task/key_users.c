/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads who has keys. */
#include "kernel/task/key_users.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_USER_LEFT = WANTS_OF(READER_KEY_USERS),
	FIELD_USER_RIGHT,
	FIELD_USER_NODE,
	FIELD_USER_UID,
	FIELD_USER_USAGE,
	FIELD_USER_KEYS,
	FIELD_USER_INSTANTIATED,
	FIELD_USER_QUOTA_KEYS,
	FIELD_USER_QUOTA_BYTES
};

static const struct want want_table[] = {
	FIELD(USER_LEFT, "key_user", REQUIRED, "node.rb_left"),
	FIELD(USER_RIGHT, "key_user", REQUIRED, "node.rb_right"),
	FIELD(USER_NODE, "key_user", REQUIRED, "node"),
	FIELD(USER_UID, "key_user", REQUIRED, "uid"),
	FIELD(USER_USAGE, "key_user", REQUIRED, "usage"),
	FIELD(USER_KEYS, "key_user", REQUIRED, "nkeys"),
	FIELD(USER_INSTANTIATED, "key_user", REQUIRED, "nikeys"),
	FIELD(USER_QUOTA_KEYS, "key_user", REQUIRED, "qnkeys"),
	FIELD(USER_QUOTA_BYTES, "key_user", REQUIRED, "qnbytes"),
};

const struct wants key_users_wants = {
	.reader = "users of keys", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t user_fields[] = {
	FIELD_USER_LEFT,       FIELD_USER_RIGHT,       FIELD_USER_UID,
	FIELD_USER_USAGE,      FIELD_USER_KEYS,	       FIELD_USER_INSTANTIATED,
	FIELD_USER_QUOTA_KEYS, FIELD_USER_QUOTA_BYTES,
};

struct key_tree {
	struct kernel *k;
	VEC(uint64_t) nodes; /* struct rb_node, level by level */
	struct map seen;
	struct variable quota[4]; /* of root, keys and bytes; of others */
	struct key_users *out;
	struct remarks *remarks;
};

static void key_tree_deinit(struct key_tree *t)
{
	vec_deinit(&t->nodes);
	map_deinit(&t->seen);
}

static int key_tree_push(struct key_tree *t, uint64_t node)
{
	if (!node)
		return 0;
	if (map_get(&t->seen, node, NULL) || t->nodes.n >= KEY_USERS_MAX) {
		remarks_add(t->remarks,
			    "the tree of users of keys leads in a circle, or "
			    "is too large, at 0x%" PRIx64,
			    node);
		return 0;
	}
	return map_put(&t->seen, node, 1) || vec_push(&t->nodes, node)
		       ? ERR_NOMEM
		       : 0;
}

static int key_tree_take(struct key_tree *t, const struct records *r, size_t i)
{
	uint32_t uid = (uint32_t)records_u64(r, i, FIELD_USER_UID);
	const struct variable *quota = t->quota + (uid ? 2 : 0);

	if (vec_push(&t->out->v,
		     {.uid = uid,
		      .usage = (int32_t)records_u64(r, i, FIELD_USER_USAGE),
		      .keys = (int32_t)records_u64(r, i, FIELD_USER_KEYS),
		      .instantiated = (int32_t)records_u64(
			      r, i, FIELD_USER_INSTANTIATED),
		      .quota_keys =
			      (int32_t)records_u64(r, i, FIELD_USER_QUOTA_KEYS),
		      .quota_bytes = (int32_t)records_u64(
			      r, i, FIELD_USER_QUOTA_BYTES),
		      .most_keys = (uint32_t)quota[0].value,
		      .most_bytes = (uint32_t)quota[1].value}))
		return ERR_NOMEM;
	return key_tree_push(t, records_u64(r, i, FIELD_USER_LEFT)) ||
			       key_tree_push(
				       t, records_u64(r, i, FIELD_USER_RIGHT))
		       ? ERR_NOMEM
		       : 0;
}

/* The level that begins with node number `from`. */
static int key_tree_read(struct key_tree *t, size_t from, struct err *err)
{
	uint32_t offset = profile_field(t->k->profile, FIELD_USER_NODE)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	size_t n = t->nodes.n - from, i;
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		at[i] = t->nodes.v[from + i] - offset;
	rc = records_read(t->k, at, n, user_fields, WANTS_N(user_fields), &r,
			  err);
	for (i = 0; i < n && !rc; i++) {
		if (!r.ok[i])
			remarks_add(t->remarks,
				    "the user of keys at 0x%" PRIx64
				    " cannot be read",
				    at[i]);
		else if (key_tree_take(t, &r, i))
			rc = err_nomem(err);
	}
	return rc;
}

static int key_users_unknown(const struct kernel *k, struct err *err)
{
	return profile_unknown(k->profile,
			       "users of keys are kept in no way that is known",
			       err);
}

static int key_quotas_read(struct kernel *k, struct variable quota[4],
			   struct err *err)
{
	size_t i;
	int rc = variables_read(k, quota, 4, err);

	for (i = 0; i < 4 && !rc; i++)
		if (!quota[i].known)
			rc = key_users_unknown(k, err);
	return rc;
}

static int key_user_compare(const void *a, const void *b)
{
	const struct key_user *x = a, *y = b;

	return x->uid < y->uid ? -1 : x->uid > y->uid;
}

int key_users_read(struct kernel *k, struct key_users *out,
		   struct remarks *remarks, struct err *err)
{
	_cleanup_(key_tree_deinit) struct key_tree t = {
		.k = k,
		.quota = {{.name = "key_quota_root_maxkeys", .size = 4},
			  {.name = "key_quota_root_maxbytes", .size = 4},
			  {.name = "key_quota_maxkeys", .size = 4},
			  {.name = "key_quota_maxbytes", .size = 4}},
		.out = out,
		.remarks = remarks};
	uint64_t root = 0; /* struct rb_root: a pointer */
	size_t from = 0, end;
	int rc = profile_check_reader(k->profile, READER_KEY_USERS, err);

	if (!rc)
		rc = kernel_read_symbol(k, "key_user_tree", 8, &root, err);
	if (rc == ERR_NOT_FOUND)
		rc = key_users_unknown(k, err);
	if (!rc)
		rc = key_quotas_read(k, t.quota, err);
	if (!rc && key_tree_push(&t, root))
		rc = err_nomem(err);
	for (; !rc && from < t.nodes.n; from = end) {
		end = t.nodes.n;
		rc = key_tree_read(&t, from, err);
	}
	if (!rc && out->v.n)
		qsort(out->v.v, out->v.n, sizeof(*out->v.v), key_user_compare);
	return rc;
}

void key_users_deinit(struct key_users *u)
{
	vec_deinit(&u->v);
}
