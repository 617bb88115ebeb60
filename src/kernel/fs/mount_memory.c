/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of file systems that have nothing but their settings. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/fs/mount_options.h"
#include "kernel/readers.h"
#include "kernel/task/mempolicy.h"
#include "kernel/variables.h"

/* Of s_dquot.flags, for each type of quota a bit; include/linux/quota.h, where
 * there are three types (4.5 on). */
#define QUOTA_ENABLED	0x001u
#define QUOTA_SUSPENDED 0x040u

/* What is wanted of the types. */
enum {
	FIELD_SHMEM_BLOCKS = WANTS_OF(READER_MOUNT_MEMORY),
	FIELD_SHMEM_INODES,
	FIELD_SHMEM_MODE,
	FIELD_SHMEM_UID,
	FIELD_SHMEM_GID,
	FIELD_SHMEM_INUMS,
	FIELD_SHMEM_HUGE,
	FIELD_SHMEM_MPOL,
	FIELD_SHMEM_NOSWAP,
	FIELD_SHMEM_USER_BLOCKS,
	FIELD_SHMEM_GROUP_BLOCKS,
	FIELD_SHMEM_USER_INODES,
	FIELD_SHMEM_GROUP_INODES,
	FIELD_PROC_GID,
	FIELD_PROC_HIDE,
	FIELD_PROC_ONLY,
	FIELD_PTS_SETUID,
	FIELD_PTS_SETGID,
	FIELD_PTS_UID,
	FIELD_PTS_GID,
	FIELD_PTS_MODE,
	FIELD_PTS_PTMXMODE,
	FIELD_PTS_MAX,
	FIELD_DEBUGFS_UID,
	FIELD_DEBUGFS_GID,
	FIELD_DEBUGFS_MODE,
	FIELD_TRACEFS_UID,
	FIELD_TRACEFS_GID,
	FIELD_TRACEFS_MODE,
	FIELD_RAMFS_MODE
};

static const struct want want_table[] = {
	FIELD(SHMEM_BLOCKS, "shmem_sb_info", OPTIONAL, "max_blocks"),
	FIELD(SHMEM_INODES, "shmem_sb_info", OPTIONAL, "max_inodes"),
	FIELD(SHMEM_MODE, "shmem_sb_info", OPTIONAL, "mode"),
	FIELD(SHMEM_UID, "shmem_sb_info", OPTIONAL, "uid"),
	FIELD(SHMEM_GID, "shmem_sb_info", OPTIONAL, "gid"),
	FIELD(SHMEM_INUMS, "shmem_sb_info", OPTIONAL, "full_inums"), /* 5.9 */
	FIELD(SHMEM_HUGE, "shmem_sb_info", OPTIONAL, "huge"),
	FIELD(SHMEM_MPOL, "shmem_sb_info", OPTIONAL, "mpol"),
	FIELD(SHMEM_NOSWAP, "shmem_sb_info", OPTIONAL, "noswap"), /* 6.4 */
	/* 6.6; without CONFIG_TMPFS_QUOTA there are no quotas */
	FIELD(SHMEM_USER_BLOCKS, "shmem_sb_info", OPTIONAL,
	      "qlimits.usrquota_bhardlimit"),
	FIELD(SHMEM_GROUP_BLOCKS, "shmem_sb_info", OPTIONAL,
	      "qlimits.grpquota_bhardlimit"),
	FIELD(SHMEM_USER_INODES, "shmem_sb_info", OPTIONAL,
	      "qlimits.usrquota_ihardlimit"),
	FIELD(SHMEM_GROUP_INODES, "shmem_sb_info", OPTIONAL,
	      "qlimits.grpquota_ihardlimit"),
	FIELD(PROC_GID, "proc_fs_info", OPTIONAL, "pid_gid"), /* 5.8 */
	FIELD(PROC_HIDE, "proc_fs_info", OPTIONAL, "hide_pid"),
	FIELD(PROC_ONLY, "proc_fs_info", OPTIONAL, "pidonly"),
	FIELD(PTS_SETUID, "pts_fs_info", OPTIONAL, "mount_opts.setuid"),
	FIELD(PTS_SETGID, "pts_fs_info", OPTIONAL, "mount_opts.setgid"),
	FIELD(PTS_UID, "pts_fs_info", OPTIONAL, "mount_opts.uid"),
	FIELD(PTS_GID, "pts_fs_info", OPTIONAL, "mount_opts.gid"),
	FIELD(PTS_MODE, "pts_fs_info", OPTIONAL, "mount_opts.mode"),
	FIELD(PTS_PTMXMODE, "pts_fs_info", OPTIONAL, "mount_opts.ptmxmode"),
	FIELD(PTS_MAX, "pts_fs_info", OPTIONAL, "mount_opts.max"),
	/* flat since 6.10 */
	FIELD(DEBUGFS_UID, "debugfs_fs_info", OPTIONAL, "mount_opts.uid|uid"),
	FIELD(DEBUGFS_GID, "debugfs_fs_info", OPTIONAL, "mount_opts.gid|gid"),
	FIELD(DEBUGFS_MODE, "debugfs_fs_info", OPTIONAL,
	      "mount_opts.mode|mode"),
	FIELD(TRACEFS_UID, "tracefs_fs_info", OPTIONAL, "mount_opts.uid|uid"),
	FIELD(TRACEFS_GID, "tracefs_fs_info", OPTIONAL, "mount_opts.gid|gid"),
	FIELD(TRACEFS_MODE, "tracefs_fs_info", OPTIONAL,
	      "mount_opts.mode|mode"),
	FIELD(RAMFS_MODE, "ramfs_fs_info", OPTIONAL, "mount_opts.mode"),
};

const struct wants mount_memory_wants = {.reader = "options of mounts",
					 .v = want_table,
					 .n = WANTS_N(want_table)};

/* shmem_show_options(), mm/shmem.c, 5.10 to 7.2; a policy is before the last
 * one here, and which quotas there are behind it. */
static const struct option shmem_options[] = {
	{FIELD_SHMEM_BLOCKS, FORM_KIB, "size", OPTION_HALF_RAM, WANTS_NONE,
	 false},
	{FIELD_SHMEM_INODES, FORM_DECIMAL, "nr_inodes", OPTION_HALF_RAM,
	 WANTS_NONE, false},
	{FIELD_SHMEM_MODE, FORM_OCTAL_3, "mode", 01777, WANTS_NONE, false},
	{FIELD_SHMEM_UID, FORM_DECIMAL, "uid", 0, WANTS_NONE, false},
	{FIELD_SHMEM_GID, FORM_DECIMAL, "gid", 0, WANTS_NONE, false},
	{FIELD_SHMEM_INUMS, FORM_INUMS, "inode", OPTION_ALWAYS, WANTS_NONE,
	 true},
	{FIELD_SHMEM_HUGE, FORM_HUGE, "huge", 0, WANTS_NONE, true},
	{FIELD_SHMEM_NOSWAP, FORM_FLAG, "noswap", 0, WANTS_NONE, true},
};
#define SHMEM_FIRST (WANTS_N(shmem_options) - 1)

static const uint32_t shmem_more[] = {
	FIELD_SHMEM_MPOL,	  FIELD_SHMEM_USER_BLOCKS,
	FIELD_SHMEM_GROUP_BLOCKS, FIELD_SHMEM_USER_INODES,
	FIELD_SHMEM_GROUP_INODES, WANTS_NONE};

static const struct option shmem_limits[] = {
	{FIELD_SHMEM_USER_BLOCKS, FORM_DECIMAL, "usrquota_block_hardlimit", 0,
	 WANTS_NONE, true},
	{FIELD_SHMEM_GROUP_BLOCKS, FORM_DECIMAL, "grpquota_block_hardlimit", 0,
	 WANTS_NONE, true},
	{FIELD_SHMEM_USER_INODES, FORM_DECIMAL, "usrquota_inode_hardlimit", 0,
	 WANTS_NONE, true},
	{FIELD_SHMEM_GROUP_INODES, FORM_DECIMAL, "grpquota_inode_hardlimit", 0,
	 WANTS_NONE, true},
};

/* proc_show_options(), fs/proc/inode.c, 5.8. */
static const struct option proc_options[] = {
	{FIELD_PROC_GID, FORM_DECIMAL, "gid", 0, WANTS_NONE, false},
	{FIELD_PROC_HIDE, FORM_HIDE, "hidepid", 0, WANTS_NONE, false},
	{FIELD_PROC_ONLY, FORM_ONLY, "subset", 0, WANTS_NONE, false},
};

/* devpts_show_options(), fs/devpts/inode.c; NR_UNIX98_PTY_MAX. */
static const struct option devpts_options[] = {
	{FIELD_PTS_UID, FORM_DECIMAL, "uid", 0, FIELD_PTS_SETUID, false},
	{FIELD_PTS_GID, FORM_DECIMAL, "gid", 0, FIELD_PTS_SETGID, false},
	{FIELD_PTS_MODE, FORM_OCTAL_3, "mode", OPTION_ALWAYS, WANTS_NONE,
	 false},
	{FIELD_PTS_PTMXMODE, FORM_OCTAL_3, "ptmxmode", OPTION_ALWAYS,
	 WANTS_NONE, false},
	{FIELD_PTS_MAX, FORM_DECIMAL, "max", 1u << 20, WANTS_NONE, false},
};

/* debugfs_show_options(), fs/debugfs/inode.c. */
static const struct option debugfs_options[] = {
	{FIELD_DEBUGFS_UID, FORM_DECIMAL, "uid", 0, WANTS_NONE, false},
	{FIELD_DEBUGFS_GID, FORM_DECIMAL, "gid", 0, WANTS_NONE, false},
	{FIELD_DEBUGFS_MODE, FORM_OCTAL, "mode", 0700, WANTS_NONE, false},
};

/* tracefs_show_options(), fs/tracefs/inode.c. */
static const struct option tracefs_options[] = {
	{FIELD_TRACEFS_UID, FORM_DECIMAL, "uid", 0, WANTS_NONE, false},
	{FIELD_TRACEFS_GID, FORM_DECIMAL, "gid", 0, WANTS_NONE, false},
	{FIELD_TRACEFS_MODE, FORM_OCTAL, "mode", 0700, WANTS_NONE, false},
};

/* ramfs_show_options(), fs/ramfs/inode.c. */
static const struct option ramfs_options[] = {
	{FIELD_RAMFS_MODE, FORM_OCTAL, "mode", 0755, WANTS_NONE, false},
};

static const uint32_t nothing[] = {WANTS_NONE};

static int options_simple(struct super_group *g, const struct option *v,
			  size_t n, struct err *err)
{
	struct records r = {0};
	int rc = options_read(g, v, n, nothing, &r, err);

	if (!rc)
		options_put(g, v, n, &r, NULL);
	records_deinit(&r);
	return rc;
}

/* shmem_show_mpol(); those that have policies are as a rule few, or none. */
static int shmem_put_policies(struct super_group *g, const struct records *r,
			      struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(g->n + 1, sizeof(*at));
	_cleanup_free_ size_t *of = calloc(g->n + 1, sizeof(*of));
	_cleanup_free_ struct mempolicy *v = NULL;
	size_t i, n = 0;
	int rc;

	if (!at || !of)
		return err_nomem(err);
	for (i = 0; i < g->n; i++) {
		at[n] = records_u64(r, i, FIELD_SHMEM_MPOL);
		of[n] = i;
		n += at[n] != 0;
	}
	v = calloc(n + 1, sizeof(*v));
	if (!v)
		return err_nomem(err);
	rc = n ? mempolicies_read(g->k, at, n, v, err) : 0;
	if (rc == ERR_NO_LINUX) /* what is not known is said of each */
		rc = 0;
	for (i = 0; i < n && !rc; i++) {
		struct mount_super *s = g->v[of[i]];

		if (!v[i].known)
			s->say = MOUNT_LACKS;
		if (!v[i].known || v[i].mode == MEMPOLICY_DEFAULT)
			continue;
		buf_puts(&s->options, ",mpol=");
		mempolicy_put(&v[i], &s->options);
	}
	return rc;
}

/* sb_has_quota_active(), include/linux/quotaops.h, of users and groups. */
static void shmem_put_quotas(struct super_group *g, const struct records *r)
{
	static const char *const names[] = {",usrquota", ",grpquota"};
	size_t i, type;

	for (i = 0; i < g->n; i++)
		for (type = 0; type < WANTS_N(names); type++) {
			uint32_t flags = g->v[i]->quotas >> type;

			if (records_have(r, FIELD_SHMEM_USER_BLOCKS) &&
			    flags & QUOTA_ENABLED && !(flags & QUOTA_SUSPENDED))
				buf_puts(&g->v[i]->options, names[type]);
		}
}

static int shmem_put(struct super_group *g, const struct records *r,
		     const struct option_norms *norms, struct err *err)
{
	int rc;

	options_put(g, shmem_options, SHMEM_FIRST, r, norms);
	rc = shmem_put_policies(g, r, err);
	if (rc)
		return rc;
	options_put(g, &shmem_options[SHMEM_FIRST], 1, r, norms);
	shmem_put_quotas(g, r);
	options_put(g, shmem_limits, WANTS_N(shmem_limits), r, norms);
	return 0;
}

/*
 * Half of RAM is usual; and whether inode numbers have 64 bits is told by
 * devtmpfs, which nobody gives options.
 */
static int options_shmem(struct super_group *g, struct err *err)
{
	struct variable ram = {.name = "_totalram_pages", .size = 8};
	struct option_norms norms = {0};
	struct records r = {0};
	size_t i;
	int rc = variables_read(g->k, &ram, 1, err);

	norms.half_ram = ram.value / 2;
	norms.ram_known = ram.known;
	if (!rc)
		rc = options_read(g, shmem_options, WANTS_N(shmem_options),
				  shmem_more, &r, err);
	for (i = 0; i < g->n && !rc; i++)
		if (g->v[i]->dev && r.ok[i]) {
			norms.inums_known = true;
			norms.inums |= records_u64(&r, i, FIELD_SHMEM_INUMS);
		}
	if (!rc)
		rc = shmem_put(g, &r, &norms, err);
	records_deinit(&r);
	return rc;
}

#define SIMPLE(name)                                                      \
	static int options_##name(struct super_group *g, struct err *err) \
	{                                                                 \
		return options_simple(g, name##_options,                  \
				      WANTS_N(name##_options), err);      \
	}

SIMPLE(proc)
SIMPLE(devpts)
SIMPLE(debugfs)
SIMPLE(tracefs)
SIMPLE(ramfs)

const struct super_kind mount_memory[] = {
	{"shmem_show_options", options_shmem},
	{"proc_show_options", options_proc},
	{"devpts_show_options", options_devpts},
	{"debugfs_show_options", options_debugfs},
	{"tracefs_show_options", options_tracefs},
	{"ramfs_show_options", options_ramfs},
	{0},
};
