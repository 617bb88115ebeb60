/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what marks of inotify and fanotify watch, step by step. */
#include "kernel/fs/fsnotify_object.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_CONN_OBJECT = WANTS_OF(READER_FSNOTIFY_OBJECT),
	FIELD_CONN_TYPE,
	FIELD_CONN_PRIO,
	FIELD_INODE_SB,
	FIELD_INODE_INO,
	FIELD_INODE_GENERATION,
	FIELD_INODE_MARKS,
	FIELD_MOUNT_MNT,
	FIELD_MOUNT_ID,
	FIELD_MOUNT_MARKS,
	FIELD_NS_INUM,
	FIELD_SB_EXPORT,
	FIELD_SB_DEV,
	FIELD_SB_MARKS,
	FIELD_EXPORT_ENCODE,
	CONSTANT_TYPE_INODE,
	CONSTANT_TYPE_MOUNT,
	CONSTANT_TYPE_SB,
	CONSTANT_TYPE_MNTNS,
	CONSTANT_TYPE_DETACHED
};

static const struct want want_table[] = {
	FIELD(CONN_OBJECT, "fsnotify_mark_connector", REQUIRED, "obj"),
	FIELD(CONN_TYPE, "fsnotify_mark_connector", REQUIRED, "type"),
	FIELD(CONN_PRIO, "fsnotify_mark_connector", OPTIONAL,
	      "prio"), /* 6.10 */
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_GENERATION, "inode", REQUIRED, "i_generation"),
	FIELD(INODE_MARKS, "inode", REQUIRED, "i_fsnotify_marks"),
	FIELD(MOUNT_MNT, "mount", OPTIONAL, "mnt"),
	FIELD(MOUNT_ID, "mount", OPTIONAL, "mnt_id"),
	FIELD(MOUNT_MARKS, "mount", OPTIONAL, "mnt_fsnotify_marks"),
	FIELD(NS_INUM, "mnt_namespace", OPTIONAL, "ns.inum"),
	FIELD(SB_EXPORT, "super_block", REQUIRED, "s_export_op"),
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
	FIELD(SB_MARKS, "super_block", OPTIONAL,
	      "s_fsnotify_marks"), /* up to 6.9 */
	FIELD(EXPORT_ENCODE, "export_operations", REQUIRED, "encode_fh"),
	CONSTANT(TYPE_INODE, "", "FSNOTIFY_OBJ_TYPE_INODE"),
	CONSTANT(TYPE_MOUNT, "", "FSNOTIFY_OBJ_TYPE_VFSMOUNT"),
	CONSTANT(TYPE_SB, "", "FSNOTIFY_OBJ_TYPE_SB"),
	CONSTANT(TYPE_MNTNS, "", "FSNOTIFY_OBJ_TYPE_MNTNS"), /* 7.2 */
	CONSTANT(TYPE_DETACHED, "", "FSNOTIFY_OBJ_TYPE_DETACHED"),
};

const struct wants fsnotify_object_wants = {
	.reader = "what is watched", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t object_types[FSNOTIFY_OBJECTS] = {
	[FSNOTIFY_NOTHING] = CONSTANT_TYPE_DETACHED,
	[FSNOTIFY_INODE] = CONSTANT_TYPE_INODE,
	[FSNOTIFY_MOUNT] = CONSTANT_TYPE_MOUNT,
	[FSNOTIFY_SUPER] = CONSTANT_TYPE_SB,
	[FSNOTIFY_MOUNTS] = CONSTANT_TYPE_MNTNS,
};

struct objects_work {
	struct kernel *k;
	size_t n;
	struct fsnotify_mark *marks;
	bool *lost;
	const uint64_t *connectors;
	uint64_t *at; /* what is read next of each; 0: nothing */
	int64_t types[FSNOTIFY_OBJECTS]; /* -1: this kernel has none */
	/* how far in an object what connectors point to lies */
	uint64_t inside[FSNOTIFY_OBJECTS];
	bool exports, plain; /* there are handles; those without a function
				have the plain one (up to 6.6) */
	uint64_t generic, shmem;
};

/* What connectors point to: the objects themselves, or up to 6.9 the member of
 * them that leads back; where a mount is one, its part that others see. */
static const struct {
	enum fsnotify_object object;
	uint32_t direct, back; /* 0: the object */
} inside_of[] = {
	{FSNOTIFY_INODE, 0, FIELD_INODE_MARKS},
	{FSNOTIFY_MOUNT, FIELD_MOUNT_MNT, FIELD_MOUNT_MARKS},
	{FSNOTIFY_SUPER, 0, FIELD_SB_MARKS},
};

static void objects_form(struct objects_work *w)
{
	const struct profile *p = w->k->profile;
	bool direct = profile_field(p, FIELD_CONN_PRIO)->present;
	size_t i;
	uint64_t va;

	for (i = 0; i < FSNOTIFY_OBJECTS; i++)
		if (!profile_constant(p, object_types[i], &w->types[i]))
			w->types[i] = -1;
	for (i = 0; i < WANTS_N(inside_of); i++) {
		uint32_t id = direct ? inside_of[i].direct : inside_of[i].back;

		if (!id)
			continue;
		w->inside[inside_of[i].object] = profile_field(p, id)->offset;
		if (!profile_field(p, id)->present)
			w->types[inside_of[i].object] = -1;
	}
	w->exports = profile_symbol(p, "exportfs_encode_inode_fh", &va);
	w->plain = !profile_symbol(p, "generic_encode_ino32_fh", &w->generic);
	profile_symbol(p, "shmem_encode_fh", &w->shmem);
}

/* A type that is not known has no line, or one that is not known here. */
static int objects_read_connectors(struct objects_work *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_CONN_OBJECT, FIELD_CONN_TYPE};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, object;
	int rc = records_read(w->k, w->connectors, w->n, fields, 2, &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		int64_t type = (int64_t)records_u64(&r, i, FIELD_CONN_TYPE);
		uint64_t at = records_u64(&r, i, FIELD_CONN_OBJECT);

		for (object = 0; object < FSNOTIFY_OBJECTS; object++)
			if (w->types[object] == type)
				break;
		w->lost[i] |= !r.ok[i] || object == FSNOTIFY_OBJECTS;
		if (w->lost[i] || object == FSNOTIFY_NOTHING)
			continue;
		w->marks[i].object = object;
		w->at[i] = at ? at - w->inside[object] : 0;
		w->lost[i] = !at;
	}
	return rc;
}

static const uint32_t inode_fields[] = {FIELD_INODE_SB, FIELD_INODE_INO,
					FIELD_INODE_GENERATION,
					FIELD_INODE_MARKS};
static const uint32_t mount_fields[] = {FIELD_MOUNT_ID, FIELD_MOUNT_MARKS};
static const uint32_t mounts_fields[] = {FIELD_NS_INUM};

static void objects_take(struct objects_work *w, size_t i,
			 const struct records *r)
{
	struct fsnotify_mark *m = &w->marks[i];
	uint64_t at = 0, marks = w->connectors[i];

	switch (m->object) {
	case FSNOTIFY_INODE:
		w->lost[i] |= !r[0].ok[i];
		m->ino = records_u64(&r[0], i, FIELD_INODE_INO);
		m->generation =
			(uint32_t)records_u64(&r[0], i, FIELD_INODE_GENERATION);
		marks = records_u64(&r[0], i, FIELD_INODE_MARKS);
		at = records_u64(&r[0], i, FIELD_INODE_SB);
		break;
	case FSNOTIFY_MOUNT:
		w->lost[i] |=
			!r[1].ok[i] || !records_have(&r[1], FIELD_MOUNT_ID);
		m->number = (uint32_t)records_u64(&r[1], i, FIELD_MOUNT_ID);
		marks = records_u64(&r[1], i, FIELD_MOUNT_MARKS);
		break;
	case FSNOTIFY_MOUNTS:
		w->lost[i] |=
			!r[2].ok[i] || !records_have(&r[2], FIELD_NS_INUM);
		m->number = (uint32_t)records_u64(&r[2], i, FIELD_NS_INUM);
		break;
	case FSNOTIFY_SUPER:
		at = w->at[i];
		break;
	default:
		break;
	}
	w->lost[i] |= marks != w->connectors[i];
	w->at[i] = at;
}

/* Where those of one kind are; 0 of others. */
static uint64_t *objects_pick(const struct objects_work *w,
			      enum fsnotify_object object, uint64_t *to)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		to[i] = w->marks[i].object == object ? w->at[i] : 0;
	return to;
}

static int objects_read_own(struct objects_work *w, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(3 * w->n + 1, sizeof(*at));
	struct records_want wants[] = {{NULL, w->n, inode_fields, 4},
				       {NULL, w->n, mount_fields, 2},
				       {NULL, w->n, mounts_fields, 1}};
	struct records r[3] = {{0}};
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	wants[0].addrs = objects_pick(w, FSNOTIFY_INODE, at);
	wants[1].addrs = objects_pick(w, FSNOTIFY_MOUNT, at + w->n);
	wants[2].addrs = objects_pick(w, FSNOTIFY_MOUNTS, at + 2 * w->n);
	rc = records_read_all(w->k, wants, 3, r, err);
	for (i = 0; i < w->n && !rc; i++)
		objects_take(w, i, r);
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc;
}

static int objects_read_supers(struct objects_work *w, struct err *err)
{
	static const uint32_t fields[] = {FIELD_SB_EXPORT, FIELD_SB_DEV};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, w->at, w->n, fields, 2, &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		enum fsnotify_object object = w->marks[i].object;

		w->at[i] = 0;
		if (object != FSNOTIFY_INODE && object != FSNOTIFY_SUPER)
			continue;
		w->lost[i] |= !r.ok[i];
		w->marks[i].dev = (uint32_t)records_u64(&r, i, FIELD_SB_DEV);
		if (object == FSNOTIFY_INODE)
			w->at[i] = records_u64(&r, i, FIELD_SB_EXPORT);
	}
	return rc;
}

/*
 * Without a function file systems had a handle of 32 bits up to 6.6, later
 * none; and without operations at all, what they have changed more than once.
 */
static enum fsnotify_handle objects_handle(const struct objects_work *w,
					   size_t i, const struct records *r)
{
	uint64_t encode = records_u64(r, i, FIELD_EXPORT_ENCODE);

	if (!w->exports)
		return FSNOTIFY_HANDLE_NONE;
	if (!w->at[i])
		return w->plain ? FSNOTIFY_HANDLE_INO32
				: FSNOTIFY_HANDLE_UNKNOWN;
	if (!r->ok[i])
		return FSNOTIFY_HANDLE_UNKNOWN;
	if (!encode)
		return w->plain ? FSNOTIFY_HANDLE_INO32 : FSNOTIFY_HANDLE_NONE;
	if (encode == w->shmem)
		return FSNOTIFY_HANDLE_SHMEM;
	return encode == w->generic ? FSNOTIFY_HANDLE_INO32
				    : FSNOTIFY_HANDLE_UNKNOWN;
}

static int objects_read_handles(struct objects_work *w, struct err *err)
{
	static const uint32_t encode = FIELD_EXPORT_ENCODE;
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(w->k, w->at, w->n, &encode, 1, &r, err);

	for (i = 0; i < w->n && !rc; i++) {
		if (w->marks[i].object != FSNOTIFY_INODE)
			continue;
		w->marks[i].handle = objects_handle(w, i, &r);
		w->lost[i] |= w->marks[i].handle == FSNOTIFY_HANDLE_UNKNOWN;
	}
	return rc;
}

int fsnotify_objects_read(struct kernel *k, const uint64_t *connectors,
			  size_t n, struct fsnotify_mark *marks, bool *lost,
			  struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(n + 1, sizeof(*at));
	struct objects_work w = {.k = k,
				 .n = n,
				 .marks = marks,
				 .lost = lost,
				 .connectors = connectors,
				 .at = at};
	int rc;

	if (!at)
		return err_nomem(err);
	objects_form(&w);
	rc = objects_read_connectors(&w, err);
	if (!rc)
		rc = objects_read_own(&w, err);
	if (!rc)
		rc = objects_read_supers(&w, err);
	return rc ? rc : objects_read_handles(&w, err);
}
