/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of autofs: autofs_show_options(), fs/autofs/inode.c, 5.10 to 7.2. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/clock.h"
#include "kernel/fs/mount_options.h"
#include "kernel/task/pid.h"

/* What is wanted of the types. */
enum {
	FIELD_AUTOFS_FD = WANTS_OF(READER_MOUNT_AUTOFS),
	FIELD_AUTOFS_PIPE,
	FIELD_AUTOFS_GROUP,
	FIELD_AUTOFS_MIN,
	FIELD_AUTOFS_MAX,
	FIELD_AUTOFS_FLAGS,
	FIELD_AUTOFS_TIMEOUT,
	FIELD_AUTOFS_TYPE,
	FIELD_SB_ROOT,
	FIELD_DENTRY_INODE,
	FIELD_FILE_INODE,
	FIELD_INODE_UID,
	FIELD_INODE_GID,
	FIELD_INODE_NUMBER
};

static const struct want want_table[] = {
	FIELD(AUTOFS_FD, "autofs_sb_info", OPTIONAL, "pipefd"),
	FIELD(AUTOFS_PIPE, "autofs_sb_info", OPTIONAL, "pipe"),
	FIELD(AUTOFS_GROUP, "autofs_sb_info", OPTIONAL, "oz_pgrp"),
	FIELD(AUTOFS_MIN, "autofs_sb_info", OPTIONAL, "min_proto"),
	FIELD(AUTOFS_MAX, "autofs_sb_info", OPTIONAL, "max_proto"),
	FIELD(AUTOFS_FLAGS, "autofs_sb_info", OPTIONAL, "flags"), /* 5.3 */
	FIELD(AUTOFS_TIMEOUT, "autofs_sb_info", OPTIONAL, "exp_timeout"),
	FIELD(AUTOFS_TYPE, "autofs_sb_info", OPTIONAL, "type"),
	FIELD(SB_ROOT, "super_block", OPTIONAL, "s_root"),
	FIELD(DENTRY_INODE, "dentry", OPTIONAL, "d_inode"),
	FIELD(FILE_INODE, "file", OPTIONAL, "f_inode"),
	FIELD(INODE_UID, "inode", OPTIONAL, "i_uid"),
	FIELD(INODE_GID, "inode", OPTIONAL, "i_gid"),
	FIELD(INODE_NUMBER, "inode", OPTIONAL, "i_ino"),
};

const struct wants mount_autofs_wants = {.reader = "options of autofs",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

static const uint32_t info_fields[] = {
	FIELD_AUTOFS_FD,   FIELD_AUTOFS_PIPE,	FIELD_AUTOFS_GROUP,
	FIELD_AUTOFS_MIN,  FIELD_AUTOFS_MAX,	FIELD_AUTOFS_FLAGS,
	FIELD_AUTOFS_TYPE, FIELD_AUTOFS_TIMEOUT};
static const uint32_t sb_fields[] = {FIELD_SB_ROOT};
static const uint32_t dentry_fields[] = {FIELD_DENTRY_INODE};
static const uint32_t file_fields[] = {FIELD_FILE_INODE};
static const uint32_t inode_fields[] = {FIELD_INODE_UID, FIELD_INODE_GID,
					FIELD_INODE_NUMBER};

/* fs/autofs/autofs_i.h, include/uapi/linux/auto_fs.h */
#define SBI_STRICTEXPIRE 2u
#define SBI_IGNORE	 4u
#define TYPE_DIRECT	 2u
#define TYPE_OFFSET	 4u

/* Side by side: infos and super blocks; then their roots' dentries and the
 * pipes' files; then the inodes of both. */
struct autofs_work {
	struct super_group *g;
	uint64_t *at, *groups; /* 2 * n; n struct pids */
	struct records info, sb, dentry, file, inode;
	struct pids pids;
	uint32_t hz;
	bool pipes; /* inode numbers of pipes are shown */
};

static void autofs_work_deinit(struct autofs_work *w)
{
	records_deinit(&w->info);
	records_deinit(&w->sb);
	records_deinit(&w->dentry);
	records_deinit(&w->file);
	records_deinit(&w->inode);
	pids_deinit(&w->pids);
	free(w->at);
}

static int autofs_read_pair(struct autofs_work *w,
			    const struct records_want wants[2],
			    struct records *first, struct records *second,
			    struct err *err)
{
	struct records r[2];
	int rc = records_read_typed(w->g->k, w->g->types, wants, 2, r, err);

	*first = r[0];
	*second = r[1];
	return rc;
}

static int autofs_read(struct autofs_work *w, struct err *err)
{
	struct super_group *g = w->g;
	size_t n = g->n, i;
	const struct records_want infos[] = {
		{g->info, n, info_fields, WANTS_N(info_fields)},
		{w->at, n, sb_fields, 1}};
	const struct records_want holders[] = {{w->at, n, dentry_fields, 1},
					       {w->at + n, n, file_fields, 1}};
	const struct records_want inodes = {w->at, 2 * n, inode_fields,
					    WANTS_N(inode_fields)};
	int rc;

	for (i = 0; i < n; i++)
		w->at[i] = g->v[i]->addr;
	rc = autofs_read_pair(w, infos, &w->info, &w->sb, err);
	for (i = 0; i < n && !rc; i++) {
		w->at[i] = records_u64(&w->sb, i, FIELD_SB_ROOT);
		w->at[n + i] = records_u64(&w->info, i, FIELD_AUTOFS_PIPE);
		w->groups[i] = records_u64(&w->info, i, FIELD_AUTOFS_GROUP);
	}
	if (!rc)
		rc = autofs_read_pair(w, holders, &w->dentry, &w->file, err);
	for (i = 0; i < n && !rc; i++) {
		w->at[i] = records_u64(&w->dentry, i, FIELD_DENTRY_INODE);
		w->at[n + i] = records_u64(&w->file, i, FIELD_FILE_INODE);
	}
	if (!rc)
		rc = records_read_typed(g->k, g->types, &inodes, 1, &w->inode,
					err);
	return rc ? rc : pids_read(g->k, w->groups, n, &w->pids, err);
}

/* CONFIG_CHECKPOINT_RESTORE */
static void autofs_put_pipe(const struct autofs_work *w, size_t i)
{
	struct mount_super *s = w->g->v[i];
	size_t inode = w->g->n + i;

	if (!w->pipes)
		return;
	if (!records_u64(&w->info, i, FIELD_AUTOFS_PIPE))
		buf_puts(&s->options, ",pipe_ino=-1");
	else if (!w->inode.ok[inode])
		s->say = MOUNT_TORN;
	else
		buf_printf(&s->options, ",pipe_ino=%" PRIu64,
			   records_u64(&w->inode, inode, FIELD_INODE_NUMBER));
}

static int32_t autofs_number(const struct autofs_work *w, size_t i,
			     uint32_t field)
{
	return (int32_t)records_u64(&w->info, i, field);
}

static void autofs_put(const struct autofs_work *w, size_t i)
{
	struct buf *out = &w->g->v[i]->options;
	uint64_t uid = records_u64(&w->inode, i, FIELD_INODE_UID);
	uint64_t gid = records_u64(&w->inode, i, FIELD_INODE_GID);
	uint64_t type = records_u64(&w->info, i, FIELD_AUTOFS_TYPE);
	uint64_t flags = records_u64(&w->info, i, FIELD_AUTOFS_FLAGS);

	buf_printf(out, ",fd=%" PRId32, autofs_number(w, i, FIELD_AUTOFS_FD));
	if (uid)
		buf_printf(out, ",uid=%" PRIu64, uid);
	if (gid)
		buf_printf(out, ",gid=%" PRIu64, gid);
	buf_printf(out,
		   ",pgrp=%" PRIu32 ",timeout=%" PRIu64 ",minproto=%" PRId32
		   ",maxproto=%" PRId32 ",%s",
		   pids_first(&w->pids, i),
		   records_u64(&w->info, i, FIELD_AUTOFS_TIMEOUT) / w->hz,
		   autofs_number(w, i, FIELD_AUTOFS_MIN),
		   autofs_number(w, i, FIELD_AUTOFS_MAX),
		   type == TYPE_OFFSET	 ? "offset"
		   : type == TYPE_DIRECT ? "direct"
					 : "indirect");
	if (flags & SBI_STRICTEXPIRE)
		buf_puts(out, ",strictexpire");
	if (flags & SBI_IGNORE)
		buf_puts(out, ",ignore");
	autofs_put_pipe(w, i);
}

/* One that is going away has no info, and shows nothing. */
static void autofs_settle(const struct autofs_work *w, size_t i)
{
	const struct super_group *g = w->g;
	bool known =
		options_have(&w->info, info_fields, WANTS_N(info_fields)) &&
		records_have(&w->sb, FIELD_SB_ROOT) &&
		records_have(&w->dentry, FIELD_DENTRY_INODE) &&
		records_have(&w->file, FIELD_FILE_INODE) &&
		options_have(&w->inode, inode_fields, WANTS_N(inode_fields));

	if (!g->info[i])
		return;
	if (!known || !w->hz)
		g->v[i]->say = MOUNT_LACKS;
	else if (!w->info.ok[i] || !w->inode.ok[i] ||
		 (w->groups[i] && !w->pids.of[i].n))
		g->v[i]->say = MOUNT_TORN;
	else
		autofs_put(w, i);
}

static int options_autofs(struct super_group *g, struct err *err)
{
	_cleanup_(autofs_work_deinit) struct autofs_work w = {.g = g};
	uint64_t symbol;
	size_t i;
	int rc;

	w.at = calloc(3 * g->n + 1, sizeof(*w.at));
	if (!w.at)
		return err_nomem(err);
	w.groups = w.at + 2 * g->n;
	/* /proc/PID/timers has come with it (fs/proc/base.c, 3.10) */
	w.pipes = profile_symbol(g->k->profile, "proc_timers_operations",
				 &symbol);
	rc = kernel_hz(g->k, &w.hz, err);
	if (!rc)
		rc = autofs_read(&w, err);
	for (i = 0; i < g->n && !rc; i++)
		autofs_settle(&w, i);
	return rc;
}

const struct super_module_kind mount_autofs = {
	{"autofs_show_options", options_autofs}, READER_MOUNT_AUTOFS};
