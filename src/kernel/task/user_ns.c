/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads user namespaces, and the extents of their maps of ids. */
#include "kernel/task/user_ns.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types; maps in the order of enum user_ns_map. */
enum {
	FIELD_TASK_CRED = WANTS_OF(READER_USER_NS),
	FIELD_CRED_USER_NS,
	FIELD_NS_FLAGS,
	FIELD_NS_UIDS,
	FIELD_NS_GIDS,
	FIELD_NS_PROJECTS,
	FIELD_MAP_N,
	FIELD_MAP_EXTENTS,
	FIELD_MAP_FORWARD,
	FIELD_EXTENT_FIRST,
	FIELD_EXTENT_OUTER,
	FIELD_EXTENT_COUNT,
	STRUCT_EXTENT
};

static const struct want want_table[] = {
	FIELD(TASK_CRED, "task_struct", REQUIRED, "real_cred"),
	FIELD(CRED_USER_NS, "cred", OPTIONAL, "user_ns"),
	FIELD(NS_FLAGS, "user_namespace", OPTIONAL, "flags"),
	FIELD(NS_UIDS, "user_namespace", OPTIONAL, "uid_map"),
	FIELD(NS_GIDS, "user_namespace", OPTIONAL, "gid_map"),
	FIELD(NS_PROJECTS, "user_namespace", OPTIONAL, "projid_map"),
	FIELD(MAP_N, "uid_gid_map", OPTIONAL, "nr_extents"),
	FIELD(MAP_EXTENTS, "uid_gid_map", OPTIONAL, "extent"),
	FIELD(MAP_FORWARD, "uid_gid_map", OPTIONAL, "forward"), /* 4.15 */
	FIELD(EXTENT_FIRST, "uid_gid_extent", OPTIONAL, "first"),
	FIELD(EXTENT_OUTER, "uid_gid_extent", OPTIONAL, "lower_first"),
	FIELD(EXTENT_COUNT, "uid_gid_extent", OPTIONAL, "count"),
	STRUCT(EXTENT, "uid_gid_extent", OPTIONAL),
};

const struct wants user_ns_wants = {
	.reader = "user namespaces", .v = want_table, .n = WANTS_N(want_table)};

#define EXTENTS_MAX	  340u /* UID_GID_MAP_MAX_EXTENTS */
#define EXTENTS_BASE	  5u   /* that the map itself has room for */
#define EXTENT_SIZE_MAX	  64u
#define SETGROUPS_ALLOWED 1u /* USERNS_SETGROUPS_ALLOWED */

/* Where all of a map lies; each must be there. */
struct user_ns_layout {
	uint32_t n, extents, forward, first, outer, count, size;
};

static bool user_ns_layout(const struct kernel *k, uint32_t map,
			   struct user_ns_layout *l)
{
	const struct {
		uint32_t id, *at, within;
	} members[] = {
		{FIELD_MAP_N, &l->n, map - 4},
		{FIELD_MAP_EXTENTS, &l->extents, map - 1},
		{FIELD_MAP_FORWARD, &l->forward, map - 8},
		{FIELD_EXTENT_FIRST, &l->first, EXTENT_SIZE_MAX - 4},
		{FIELD_EXTENT_OUTER, &l->outer, EXTENT_SIZE_MAX - 4},
		{FIELD_EXTENT_COUNT, &l->count, EXTENT_SIZE_MAX - 4},
	};
	size_t i;

	l->size = profile_sizeof(k->profile, STRUCT_EXTENT);
	if (map < 8 || l->size < 12 || l->size > EXTENT_SIZE_MAX)
		return false;
	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct profile_field *f =
			profile_field(k->profile, members[i].id);

		*members[i].at = f->offset;
		if (!f->present || f->offset > members[i].within)
			return false;
	}
	return l->first <= l->size - 4 && l->outer <= l->size - 4 &&
	       l->count <= l->size - 4 &&
	       l->extents + EXTENTS_BASE * l->size <= map;
}

static void user_ns_take(const struct user_ns_layout *l, const uint8_t *bytes,
			 struct user_ns *out)
{
	size_t i;

	for (i = 0; i < out->n; i++, bytes += l->size)
		out->extents[i] = (struct id_extent){le32(bytes + l->first),
						     le32(bytes + l->outer),
						     le32(bytes + l->count)};
}

/* The maps that are too long for their place are elsewhere: one batch. */
struct user_ns_long {
	uint8_t *bytes; /* their extents, one map after the other */
	struct space_read *reads;
};

static void user_ns_long_deinit(struct user_ns_long *l)
{
	free(l->bytes);
	free(l->reads);
}

/* Extents of one that the map has room for; else it is marked as long.  *left
 * is how many all may have yet. */
static int user_ns_take_map(const struct user_ns_layout *l, const uint8_t *map,
			    size_t *left, struct user_ns *out)
{
	out->n = le32(map + l->n);
	if (out->n > EXTENTS_MAX || out->n > *left) {
		out->n = 0;
		out->torn = true;
		return 0;
	}
	*left -= out->n;
	out->extents = calloc(out->n + 1, sizeof(*out->extents));
	if (!out->extents)
		return ERR_NOMEM;
	if (out->n <= EXTENTS_BASE)
		user_ns_take(l, map + l->extents, out);
	return 0;
}

static int user_ns_read_long(struct kernel *k, const struct user_ns_layout *l,
			     const struct records *r, uint32_t map_id,
			     struct user_ns *out, struct err *err)
{
	_cleanup_(user_ns_long_deinit) struct user_ns_long long_ = {0};
	size_t i, at = 0, all = 0, extents = 0;
	int rc;

	for (i = 0; i < r->n; i++)
		if (out[i].n > EXTENTS_BASE) {
			extents += out[i].n;
			all++;
		}
	if (!all)
		return 0;
	long_.bytes = calloc(extents, l->size);
	long_.reads = calloc(all, sizeof(*long_.reads));
	if (!long_.bytes || !long_.reads)
		return err_nomem(err);
	for (i = extents = 0; i < r->n; i++) {
		if (out[i].n <= EXTENTS_BASE)
			continue;
		long_.reads[at++] = (struct space_read){
			.root = &k->root,
			.va = le64(records_bytes(r, i, map_id) + l->forward),
			.dst = long_.bytes + extents * l->size,
			.len = out[i].n * l->size};
		extents += out[i].n;
	}
	rc = space_read(k->machine, long_.reads, all, err);
	for (i = at = 0; i < r->n && !rc; i++) {
		if (out[i].n <= EXTENTS_BASE)
			continue;
		out[i].torn |= long_.reads[at].got < long_.reads[at].len;
		user_ns_take(l, long_.reads[at++].dst, &out[i]);
	}
	return rc;
}

/* Where the tasks' user namespaces are, in two batches. */
static int user_ns_find(struct kernel *k, const struct task *tasks, size_t n,
			uint64_t *addrs, struct err *err)
{
	static const uint32_t task[] = {FIELD_TASK_CRED};
	static const uint32_t cred[] = {FIELD_CRED_USER_NS};
	_cleanup_(records_deinit) struct records t = {0};
	_cleanup_(records_deinit) struct records c = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		addrs[i] = tasks[i].addr;
	rc = records_read(k, addrs, n, task, 1, &t, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&t, i, FIELD_TASK_CRED);
	if (!rc)
		rc = records_read(k, addrs, n, cred, 1, &c, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&c, i, FIELD_CRED_USER_NS);
	return rc;
}

int user_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 enum user_ns_map which, struct user_ns *out, struct err *err)
{
	const uint32_t map = FIELD_NS_UIDS + (uint32_t)which;
	const uint32_t fields[] = {FIELD_NS_FLAGS, map};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	struct user_ns_layout l = {0};
	size_t i, left = USER_NS_EXTENTS_MAX_ALL;
	bool fits;
	int rc;

	if (!addrs)
		return err_nomem(err);
	rc = user_ns_find(k, tasks, n, addrs, err);
	if (!rc)
		rc = records_read(k, addrs, n, fields, 2, &r, err);
	fits = !rc && user_ns_layout(k, records_size(&r, map), &l) &&
	       records_have(&r, FIELD_NS_FLAGS);
	for (i = 0; i < n && !rc; i++) {
		out[i].torn = !r.ok[i];
		out[i].setgroups =
			records_u64(&r, i, FIELD_NS_FLAGS) & SETGROUPS_ALLOWED;
		if (fits && r.ok[i] &&
		    user_ns_take_map(&l, records_bytes(&r, i, map), &left,
				     &out[i]))
			return err_nomem(err);
	}
	if (!rc && fits)
		rc = user_ns_read_long(k, &l, &r, map, out, err);
	for (i = 0; i < n && !rc; i++)
		out[i].known = fits && !out[i].torn;
	return rc;
}

void user_ns_deinit(struct user_ns *v, size_t n)
{
	size_t i;

	for (i = 0; v && i < n; i++)
		free(v[i].extents);
}
