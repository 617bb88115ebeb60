/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads inotify instances: their lists, then what these watch, step by step. */
#include "kernel/fs/inotify.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/stored.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_GROUP_MARKS = WANTS_OF(READER_INOTIFY),
	FIELD_MARK_LINK,
	FIELD_MARK_CONNECTOR,
	FIELD_MARK_MASK,
	FIELD_MARK_FLAGS,
	FIELD_MARK_WD,
	FIELD_CONN_OBJECT,
	FIELD_CONN_TYPE,
	FIELD_CONN_PRIO,
	FIELD_INODE_SB,
	FIELD_INODE_INO,
	FIELD_INODE_GENERATION,
	FIELD_INODE_MARKS,
	FIELD_SB_EXPORT,
	FIELD_SB_DEV,
	FIELD_EXPORT_ENCODE,
	CONSTANT_TYPE_INODE
};

static const struct want want_table[] = {
	FIELD(GROUP_MARKS, "fsnotify_group", REQUIRED, "marks_list"),
	FIELD(MARK_LINK, "inotify_inode_mark", REQUIRED, "fsn_mark.g_list"),
	FIELD(MARK_CONNECTOR, "inotify_inode_mark", REQUIRED,
	      "fsn_mark.connector"),
	FIELD(MARK_MASK, "inotify_inode_mark", REQUIRED, "fsn_mark.mask"),
	FIELD(MARK_FLAGS, "inotify_inode_mark", REQUIRED, "fsn_mark.flags"),
	FIELD(MARK_WD, "inotify_inode_mark", REQUIRED, "wd"),
	FIELD(CONN_OBJECT, "fsnotify_mark_connector", REQUIRED, "obj"),
	FIELD(CONN_TYPE, "fsnotify_mark_connector", REQUIRED, "type"),
	FIELD(CONN_PRIO, "fsnotify_mark_connector", OPTIONAL,
	      "prio"), /* 6.10 */
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_GENERATION, "inode", REQUIRED, "i_generation"),
	FIELD(INODE_MARKS, "inode", REQUIRED, "i_fsnotify_marks"),
	FIELD(SB_EXPORT, "super_block", REQUIRED, "s_export_op"),
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
	FIELD(EXPORT_ENCODE, "export_operations", REQUIRED, "encode_fh"),
	CONSTANT(TYPE_INODE, "", "FSNOTIFY_OBJ_TYPE_INODE"),
};

const struct wants inotify_wants = {.reader = "inotify instances",
				    .v = want_table,
				    .n = WANTS_N(want_table)};

/* A user's mask; two bits of it were in the mark's itself up to 5.18, and are
 * flags since (include/linux/fsnotify_backend.h). */
#define GUEST_IN_EXCL_UNLINK 0x04000000u
#define GUEST_IN_ONESHOT     0x80000000u
#define GUEST_IN_ALL	     (0xfffu | GUEST_IN_EXCL_UNLINK | GUEST_IN_ONESHOT)
#define MARK_EXCL_UNLINK     0x10u
#define MARK_IN_ONESHOT	     0x20u

/* One on its way: the object that is read next, and what was before it. */
struct inotify_step_at {
	uint64_t at;
	uint64_t connector;
	bool lost;
};

struct inotify_work {
	struct kernel *k;
	size_t n;
	struct inotifies *out;
	struct list *lists;
	size_t all; /* watches */
	struct inotify_step_at *steps;
	int64_t type_inode;
	uint64_t inode_marks; /* where the connector points to; 0: the inode */
	bool exports, plain;  /* there are handles; those without a function
				 have the plain one (up to 6.6) */
	uint64_t generic, shmem;
};

static void inotify_work_deinit(struct inotify_work *w)
{
	size_t i;

	for (i = 0; i < w->n && w->lists; i++)
		list_deinit(&w->lists[i]);
	free(w->lists);
	free(w->steps);
}

static int inotify_lists(struct inotify_work *w, const uint64_t *addrs,
			 struct err *err)
{
	uint32_t head = profile_field(w->k->profile, FIELD_GROUP_MARKS)->offset;
	size_t i;
	int rc;

	w->lists = calloc(w->n + 1, sizeof(*w->lists));
	w->out->of = calloc(w->n + 1, sizeof(*w->out->of));
	if (!w->lists || !w->out->of)
		return err_nomem(err);
	rc = profile_check_reader(w->k->profile, READER_INOTIFY, err);
	if (rc)
		return rc;
	for (i = 0; i < w->n; i++)
		w->lists[i] =
			(struct list){.head = addrs[i] ? addrs[i] + head : 0,
				      .most = INOTIFY_WATCHES_MAX_ALL};
	return lists_read_within(w->k, w->lists, w->n, INOTIFY_WATCHES_MAX_ALL,
				 err);
}

static int inotify_places(struct inotify_work *w, struct err *err)
{
	uint32_t link = profile_field(w->k->profile, FIELD_MARK_LINK)->offset;
	size_t i, j, at = 0;

	for (i = 0; i < w->n; i++) {
		const struct list *l = &w->lists[i];

		w->out->of[i] = (struct inotify_range){
			.first = w->all,
			.n = l->links.n,
			.known = l->head && !l->cut && !l->torn};
		w->all += l->links.n;
	}
	w->out->v = calloc(w->all + 1, sizeof(*w->out->v));
	w->steps = calloc(w->all + 1, sizeof(*w->steps));
	if (!w->out->v || !w->steps)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		for (j = 0; j < w->lists[i].links.n; j++)
			w->steps[at++].at = w->lists[i].links.v[j] - link;
	return 0;
}

static void inotify_take_mark(struct inotify_work *w, size_t i,
			      const struct records *r)
{
	uint32_t flags = (uint32_t)records_u64(r, i, FIELD_MARK_FLAGS);

	w->out->v[i].wd = (int32_t)records_u64(r, i, FIELD_MARK_WD);
	w->out->v[i].mask =
		((uint32_t)records_u64(r, i, FIELD_MARK_MASK) & GUEST_IN_ALL) |
		(flags & MARK_EXCL_UNLINK ? GUEST_IN_EXCL_UNLINK : 0) |
		(flags & MARK_IN_ONESHOT ? GUEST_IN_ONESHOT : 0);
	w->steps[i].at = records_u64(r, i, FIELD_MARK_CONNECTOR);
	w->steps[i].connector = w->steps[i].at;
}

static void inotify_take_connector(struct inotify_work *w, size_t i,
				   const struct records *r)
{
	w->out->v[i].is_inode =
		(int64_t)records_u64(r, i, FIELD_CONN_TYPE) == w->type_inode;
	w->steps[i].at = records_u64(r, i, FIELD_CONN_OBJECT) - w->inode_marks;
}

static void inotify_take_inode(struct inotify_work *w, size_t i,
			       const struct records *r)
{
	w->out->v[i].ino = records_u64(r, i, FIELD_INODE_INO);
	w->out->v[i].generation =
		(uint32_t)records_u64(r, i, FIELD_INODE_GENERATION);
	w->steps[i].lost |=
		records_u64(r, i, FIELD_INODE_MARKS) != w->steps[i].connector;
	w->steps[i].at = records_u64(r, i, FIELD_INODE_SB);
}

static void inotify_take_super(struct inotify_work *w, size_t i,
			       const struct records *r)
{
	w->out->v[i].dev = (uint32_t)records_u64(r, i, FIELD_SB_DEV);
	w->steps[i].at = records_u64(r, i, FIELD_SB_EXPORT);
}

/*
 * Without a function file systems had a handle of 32 bits up to 6.6, later
 * none; and without operations at all, what they have changed more than once.
 */
static void inotify_take_export(struct inotify_work *w, size_t i,
				const struct records *r)
{
	uint64_t encode = records_u64(r, i, FIELD_EXPORT_ENCODE);
	enum inotify_handle handle = INOTIFY_HANDLE_UNKNOWN;

	if (!w->exports)
		handle = INOTIFY_HANDLE_NONE;
	else if (!w->steps[i].at)
		handle = w->plain ? INOTIFY_HANDLE_INO32
				  : INOTIFY_HANDLE_UNKNOWN;
	else if (!r->ok[i])
		handle = INOTIFY_HANDLE_UNKNOWN;
	else if (!encode)
		handle = w->plain ? INOTIFY_HANDLE_INO32 : INOTIFY_HANDLE_NONE;
	else if (encode == w->shmem)
		handle = INOTIFY_HANDLE_SHMEM;
	else if (encode == w->generic)
		handle = INOTIFY_HANDLE_INO32;
	w->out->v[i].handle = handle;
	w->steps[i].lost |= handle == INOTIFY_HANDLE_UNKNOWN;
}

/* The way from a mark on. */
static const struct inotify_step {
	uint32_t fields[4];
	size_t n;
	void (*take)(struct inotify_work *w, size_t i, const struct records *r);
} inotify_steps[] = {
	{{FIELD_MARK_CONNECTOR, FIELD_MARK_MASK, FIELD_MARK_FLAGS,
	  FIELD_MARK_WD},
	 4,
	 inotify_take_mark},
	{{FIELD_CONN_OBJECT, FIELD_CONN_TYPE}, 2, inotify_take_connector},
	{{FIELD_INODE_SB, FIELD_INODE_INO, FIELD_INODE_GENERATION,
	  FIELD_INODE_MARKS},
	 4,
	 inotify_take_inode},
	{{FIELD_SB_EXPORT, FIELD_SB_DEV}, 2, inotify_take_super},
	{{FIELD_EXPORT_ENCODE}, 1, inotify_take_export},
};

#define LAST_STEP (WANTS_N(inotify_steps) - 1)

static int inotify_step(struct inotify_work *w, size_t step, struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(w->all + 1, sizeof(*at));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < w->all; i++)
		at[i] = w->steps[i].at;
	rc = records_read(w->k, at, w->all, inotify_steps[step].fields,
			  inotify_steps[step].n, &r, err);
	for (i = 0; i < w->all && !rc; i++) {
		w->steps[i].lost |= !r.ok[i] && step != LAST_STEP;
		inotify_steps[step].take(w, i, &r);
	}
	return rc;
}

static void inotify_form(struct inotify_work *w)
{
	const struct profile *p = w->k->profile;
	uint64_t va;

	if (!profile_constant(p, CONSTANT_TYPE_INODE, &w->type_inode))
		w->type_inode = -1;
	if (!profile_field(p, FIELD_CONN_PRIO)->present)
		w->inode_marks = profile_field(p, FIELD_INODE_MARKS)->offset;
	w->exports = profile_symbol(p, "exportfs_encode_inode_fh", &va);
	w->plain = !profile_symbol(p, "generic_encode_ino32_fh", &w->generic);
	profile_symbol(p, "shmem_encode_fh", &w->shmem);
}

int inotifies_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct inotifies *out, struct err *err)
{
	_cleanup_(inotify_work_deinit) struct inotify_work w = {
		.k = k, .n = n, .out = out};
	size_t i, j;
	int rc;

	*out = (struct inotifies){0};
	inotify_form(&w);
	rc = inotify_lists(&w, addrs, err);
	if (!rc)
		rc = inotify_places(&w, err);
	for (i = 0; i <= LAST_STEP && !rc; i++)
		rc = inotify_step(&w, i, err);
	for (i = 0; i < n && !rc; i++)
		for (j = 0; j < out->of[i].n; j++)
			out->of[i].known &= !w.steps[out->of[i].first + j].lost;
	return rc;
}

void inotifies_deinit(struct inotifies *w)
{
	free(w->v);
	free(w->of);
	*w = (struct inotifies){0};
}
