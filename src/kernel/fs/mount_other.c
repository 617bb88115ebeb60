/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of file systems that are made of more than their settings. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/fs/mount_options.h"
#include "kernel/readers.h"
#include "kernel/variables.h"

/* What is wanted of the types. */
enum {
	FIELD_HUGE_UID = WANTS_OF(READER_MOUNT_OTHER),
	FIELD_HUGE_GID,
	FIELD_HUGE_MODE,
	FIELD_HUGE_INODES,
	FIELD_HUGE_STATE,
	FIELD_HUGE_POOL,
	FIELD_STATE_ORDER,
	FIELD_POOL_MAX,
	FIELD_POOL_MIN,
	FIELD_BPF_UID,
	FIELD_BPF_CMDS,
	FIELD_BPF_MAPS,
	FIELD_BPF_PROGS,
	FIELD_BPF_ATTACHS,
	FIELD_DENTRY_INODE,
	FIELD_INODE_MODE,
	FIELD_INODE_UID,
	FIELD_INODE_GID
};

static const struct want want_table[] = {
	FIELD(HUGE_UID, "hugetlbfs_sb_info", OPTIONAL, "uid"),
	FIELD(HUGE_GID, "hugetlbfs_sb_info", OPTIONAL, "gid"),
	FIELD(HUGE_MODE, "hugetlbfs_sb_info", OPTIONAL, "mode"),
	FIELD(HUGE_INODES, "hugetlbfs_sb_info", OPTIONAL, "max_inodes"),
	FIELD(HUGE_STATE, "hugetlbfs_sb_info", OPTIONAL, "hstate"),
	FIELD(HUGE_POOL, "hugetlbfs_sb_info", OPTIONAL, "spool"),
	FIELD(STATE_ORDER, "hstate", OPTIONAL, "order"),
	FIELD(POOL_MAX, "hugepage_subpool", OPTIONAL, "max_hpages"),
	FIELD(POOL_MIN, "hugepage_subpool", OPTIONAL, "min_hpages"),
	FIELD(BPF_UID, "bpf_mount_opts", OPTIONAL, "uid"),	      /* 6.8 */
	FIELD(BPF_CMDS, "bpf_mount_opts", OPTIONAL, "delegate_cmds"), /* 6.9 */
	FIELD(BPF_MAPS, "bpf_mount_opts", OPTIONAL, "delegate_maps"),
	FIELD(BPF_PROGS, "bpf_mount_opts", OPTIONAL, "delegate_progs"),
	FIELD(BPF_ATTACHS, "bpf_mount_opts", OPTIONAL, "delegate_attachs"),
	FIELD(DENTRY_INODE, "dentry", OPTIONAL, "d_inode"),
	FIELD(INODE_MODE, "inode", OPTIONAL, "i_mode"),
	FIELD(INODE_UID, "inode", OPTIONAL, "i_uid"),
	FIELD(INODE_GID, "inode", OPTIONAL, "i_gid"),
};

const struct wants mount_other_wants = {.reader = "more options of mounts",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* hugetlbfs_show_options(), fs/hugetlbfs/inode.c; more is behind these. */
static const struct option hugetlbfs_options[] = {
	{FIELD_HUGE_UID, FORM_DECIMAL, "uid", 0, WANTS_NONE, false},
	{FIELD_HUGE_GID, FORM_DECIMAL, "gid", 0, WANTS_NONE, false},
	{FIELD_HUGE_MODE, FORM_OCTAL, "mode", 0755, WANTS_NONE, false},
	{FIELD_HUGE_INODES, FORM_DECIMAL, "nr_inodes", UINT64_MAX, WANTS_NONE,
	 false},
};

#define KIB 1024u

/* ",pagesize=2M,size=4194304", in bytes; none of either: -1. */
static void hugetlbfs_put(struct mount_super *s, const struct records *pool,
			  size_t i, uint64_t order)
{
	static const struct {
		uint32_t field;
		const char *name;
	} sizes[] = {{FIELD_POOL_MAX, "size"}, {FIELD_POOL_MIN, "min_size"}};
	uint64_t kib, value;
	size_t j;

	if (order > 40) {
		s->say = MOUNT_TORN;
		return;
	}
	kib = (uint64_t)4 << order;
	buf_printf(&s->options, ",pagesize=%" PRIu64 "%c",
		   kib >= KIB ? kib / KIB : kib, kib >= KIB ? 'M' : 'K');
	for (j = 0; j < WANTS_N(sizes); j++) {
		value = records_u64(pool, i, sizes[j].field);
		if (pool->ok[i] && value != UINT64_MAX)
			buf_printf(&s->options, ",%s=%" PRIu64, sizes[j].name,
				   value * kib * KIB);
	}
}

static int options_hugetlbfs(struct super_group *g, struct err *err)
{
	static const uint32_t more[] = {FIELD_HUGE_STATE, FIELD_HUGE_POOL,
					WANTS_NONE};
	static const uint32_t state[] = {FIELD_STATE_ORDER};
	static const uint32_t pool[] = {FIELD_POOL_MAX, FIELD_POOL_MIN};
	_cleanup_free_ uint64_t *at = calloc(2 * g->n + 1, sizeof(*at));
	const struct records_want wants[] = {{at, g->n, state, 1},
					     {at + g->n, g->n, pool, 2}};
	struct records r[3] = {{0}};
	size_t i;
	int rc = at ? options_read(g, hugetlbfs_options,
				   WANTS_N(hugetlbfs_options), more, &r[2], err)
		    : err_nomem(err);

	for (i = 0; i < g->n && !rc; i++) {
		at[i] = records_u64(&r[2], i, FIELD_HUGE_STATE);
		at[g->n + i] = records_u64(&r[2], i, FIELD_HUGE_POOL);
	}
	if (!rc)
		rc = records_read_all(g->k, wants, 2, r, err);
	if (!rc)
		options_put(g, hugetlbfs_options, WANTS_N(hugetlbfs_options),
			    &r[2], NULL);
	for (i = 0; i < g->n && !rc; i++) {
		struct mount_super *s = g->v[i];

		if (!r[0].ok[i] || (at[g->n + i] && !r[1].ok[i]))
			s->say = MOUNT_TORN;
		else if (!records_have(&r[0], FIELD_STATE_ORDER) ||
			 !records_have(&r[1], FIELD_POOL_MAX))
			s->say = MOUNT_LACKS;
		if (!s->say)
			hugetlbfs_put(s, &r[1], i,
				      records_u64(&r[0], i, FIELD_STATE_ORDER));
	}
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc;
}

/* bpf_show_options(), kernel/bpf/inode.c: of the directory that is mounted;
 * owners since 6.8. */
static void bpf_put(struct mount_super *s, const struct records *inode,
		    size_t i, bool owners)
{
	uint64_t uid = records_u64(inode, i, FIELD_INODE_UID);
	uint64_t gid = records_u64(inode, i, FIELD_INODE_GID);
	uint64_t mode = records_u64(inode, i, FIELD_INODE_MODE) & 06777;

	if (owners && uid)
		buf_printf(&s->options, ",uid=%" PRIu64, uid);
	if (owners && gid)
		buf_printf(&s->options, ",gid=%" PRIu64, gid);
	if (mode != 0777)
		buf_printf(&s->options, ",mode=%" PRIo64, mode);
}

static int options_bpf(struct super_group *g, struct err *err)
{
	static const uint32_t info[] = {FIELD_BPF_UID, FIELD_BPF_CMDS,
					FIELD_BPF_MAPS, FIELD_BPF_PROGS,
					FIELD_BPF_ATTACHS};
	static const uint32_t dentry[] = {FIELD_DENTRY_INODE};
	static const uint32_t inode[] = {FIELD_INODE_MODE, FIELD_INODE_UID,
					 FIELD_INODE_GID};
	_cleanup_free_ uint64_t *at = calloc(g->n + 1, sizeof(*at));
	const struct records_want wants[] = {{at, g->n, dentry, 1},
					     {g->info, g->n, info, 5}};
	struct records r[2] = {{0}};
	_cleanup_(records_deinit) struct records in = {0};
	size_t i, f;
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < g->n; i++)
		at[i] = g->v[i]->root;
	rc = records_read_all(g->k, wants, 2, r, err);
	for (i = 0; i < g->n && !rc; i++)
		at[i] = records_u64(&r[0], i, FIELD_DENTRY_INODE);
	if (!rc)
		rc = records_read(g->k, at, g->n, inode, 3, &in, err);
	for (i = 0; i < g->n && !rc; i++) {
		struct mount_super *s = g->v[i];

		if (!r[0].ok[i] || !in.ok[i] || (g->info[i] && !r[1].ok[i]))
			s->say = MOUNT_TORN;
		for (f = 1; f < WANTS_N(info); f++) /* what is delegated */
			if (!s->say && records_u64(&r[1], i, info[f]))
				s->say = MOUNT_LACKS;
		if (!s->say)
			bpf_put(s, &in, i, records_have(&r[1], FIELD_BPF_UID));
	}
	for (i = 0; i < 2; i++)
		records_deinit(&r[i]);
	return rc;
}

/* pstore_show_options(), fs/pstore/inode.c; CONFIG_PSTORE_DEFAULT_KMSG_BYTES is
 * 10240 where nobody chose another one. */
static int options_pstore(struct super_group *g, struct err *err)
{
	struct variable bytes = {.name = "pstore_kmsg_bytes|kmsg_bytes",
				 .size = 8};
	size_t i;
	int rc = variables_read(g->k, &bytes, 1, err);

	for (i = 0; i < g->n; i++)
		if (!bytes.known || bytes.value != 10240)
			g->v[i]->say = MOUNT_LACKS;
	return rc;
}

const struct super_kind mount_other[] = {
	{"hugetlbfs_show_options", options_hugetlbfs},
	{"bpf_show_options", options_bpf},
	{"pstore_show_options", options_pstore},
	{0},
};
