/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of ext4: _ext4_show_options(), fs/ext4/super.c, as it is since 6.3
 * (and in 6.1 as mended) up to 7.2. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/clock.h"
#include "kernel/fs/mount_options.h"
#include "kernel/fs/mount_quota.h"

/* What is wanted of the types. */
enum {
	FIELD_EXT4_BLOCK = WANTS_OF(READER_MOUNT_EXT4),
	FIELD_EXT4_OPT,
	FIELD_EXT4_OPT2,
	FIELD_EXT4_DEF,
	FIELD_EXT4_DEF2,
	FIELD_EXT4_UID,
	FIELD_EXT4_GID,
	FIELD_EXT4_ES,
	FIELD_EXT4_COMMIT,
	FIELD_EXT4_MIN_BATCH,
	FIELD_EXT4_MAX_BATCH,
	FIELD_EXT4_STRIPE,
	FIELD_EXT4_AHEAD,
	FIELD_EXT4_WAIT,
	FIELD_EXT4_MAX_DIR,
	FIELD_EXT4_GROUPS,
	FIELD_EXT4_FLAGS,
	FIELD_EXT4_DUMMY,
	FIELD_EXT4_QUOTA_FORMAT,
	FIELD_EXT4_QUOTA_NAMES,
	FIELD_ES_UID,
	FIELD_ES_UID_HIGH,
	FIELD_ES_GID,
	FIELD_ES_GID_HIGH,
	FIELD_ES_ERRORS,
	FIELD_SB_FLAGS,
	CONSTANT_EMERGENCY
};

static const struct want want_table[] = {
	FIELD(EXT4_BLOCK, "ext4_sb_info", OPTIONAL, "s_sb_block"),
	FIELD(EXT4_OPT, "ext4_sb_info", OPTIONAL, "s_mount_opt"),
	FIELD(EXT4_OPT2, "ext4_sb_info", OPTIONAL, "s_mount_opt2"),
	FIELD(EXT4_DEF, "ext4_sb_info", OPTIONAL, "s_def_mount_opt"),
	FIELD(EXT4_DEF2, "ext4_sb_info", OPTIONAL, "s_def_mount_opt2"), /*6.3*/
	FIELD(EXT4_UID, "ext4_sb_info", OPTIONAL, "s_resuid"),
	FIELD(EXT4_GID, "ext4_sb_info", OPTIONAL, "s_resgid"),
	FIELD(EXT4_ES, "ext4_sb_info", OPTIONAL, "s_es"),
	FIELD(EXT4_COMMIT, "ext4_sb_info", OPTIONAL, "s_commit_interval"),
	FIELD(EXT4_MIN_BATCH, "ext4_sb_info", OPTIONAL, "s_min_batch_time"),
	FIELD(EXT4_MAX_BATCH, "ext4_sb_info", OPTIONAL, "s_max_batch_time"),
	FIELD(EXT4_STRIPE, "ext4_sb_info", OPTIONAL, "s_stripe"),
	FIELD(EXT4_AHEAD, "ext4_sb_info", OPTIONAL, "s_inode_readahead_blks"),
	FIELD(EXT4_WAIT, "ext4_sb_info", OPTIONAL, "s_li_wait_mult"),
	FIELD(EXT4_MAX_DIR, "ext4_sb_info", OPTIONAL, "s_max_dir_size_kb"),
	FIELD(EXT4_GROUPS, "ext4_sb_info", OPTIONAL, "s_groups_count"),
	FIELD(EXT4_FLAGS, "ext4_sb_info", OPTIONAL, "s_ext4_flags"),
	/* CONFIG_FS_ENCRYPTION, CONFIG_QUOTA */
	FIELD(EXT4_DUMMY, "ext4_sb_info", OPTIONAL,
	      "s_dummy_enc_policy.policy"),
	FIELD(EXT4_QUOTA_FORMAT, "ext4_sb_info", OPTIONAL, "s_jquota_fmt"),
	FIELD(EXT4_QUOTA_NAMES, "ext4_sb_info", OPTIONAL, "s_qf_names"),
	FIELD(ES_UID, "ext4_super_block", OPTIONAL, "s_def_resuid"),
	FIELD(ES_UID_HIGH, "ext4_super_block", OPTIONAL, "s_def_resuid_hi"),
	FIELD(ES_GID, "ext4_super_block", OPTIONAL, "s_def_resgid"),
	FIELD(ES_GID_HIGH, "ext4_super_block", OPTIONAL, "s_def_resgid_hi"),
	FIELD(ES_ERRORS, "ext4_super_block", OPTIONAL, "s_errors"),
	FIELD(SB_FLAGS, "super_block", OPTIONAL, "s_flags"),
	CONSTANT(EMERGENCY, "", "EXT4_FLAGS_EMERGENCY_RO"), /* 6.15 */
};

const struct wants mount_ext4_wants = {
	.reader = "options of ext4", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t info_fields[] = {
	FIELD_EXT4_BLOCK,	 FIELD_EXT4_OPT,	FIELD_EXT4_OPT2,
	FIELD_EXT4_DEF,		 FIELD_EXT4_DEF2,	FIELD_EXT4_UID,
	FIELD_EXT4_GID,		 FIELD_EXT4_ES,		FIELD_EXT4_COMMIT,
	FIELD_EXT4_MIN_BATCH,	 FIELD_EXT4_MAX_BATCH,	FIELD_EXT4_STRIPE,
	FIELD_EXT4_AHEAD,	 FIELD_EXT4_WAIT,	FIELD_EXT4_MAX_DIR,
	FIELD_EXT4_GROUPS,	 FIELD_EXT4_FLAGS,	FIELD_EXT4_DUMMY,
	FIELD_EXT4_QUOTA_FORMAT, FIELD_EXT4_QUOTA_NAMES};
#define INFO_NEEDS 17 /* the first of them */

static const uint32_t sb_fields[] = {FIELD_SB_FLAGS};
static const uint32_t es_fields[] = {FIELD_ES_UID, FIELD_ES_GID,
				     FIELD_ES_ERRORS, FIELD_ES_UID_HIGH,
				     FIELD_ES_GID_HIGH};
#define ES_NEEDS       3

#define SB_INLINECRYPT (1u << 17)

/* fs/ext4/ext4.h, mballoc.h */
#define ERRORS_CONT	0x10u
#define ERRORS_RO	0x20u
#define ERRORS_PANIC	0x40u
#define DAX_ALWAYS	0x200u
#define DATA_FLAGS	0xc00u
#define DATA_ERR_ABORT	0x10000000u
#define INIT_TABLE	0x80000000u
#define DAX_NEVER	0x20u /* these in the second word */
#define DAX_INODE	0x40u
#define OPTIMIZE_SCAN	0x80u
#define FLAGS_SHUTDOWN	(1u << 1)
#define FLAGS_EMERGENCY (1u << 3) /* 6.15 */
#define SCAN_GROUPS	16u

/* What is shown where these bits are not as they would be without options: all
 * of them set, or none. */
struct ext4_flag {
	uint32_t bits;
	const char *set, *clear;
};

/* ext4_mount_opts[], and of the names in ext4_param_specs[] the first. */
static const struct ext4_flag ext4_flags[] = {
	{0x00000080, "minixdf", "bsddf"},
	{0x00000004, "grpid", "nogrpid"},
	{0x20000000, "block_validity", "noblock_validity"},
	{0x00400000, "dioread_nolock", "nodioread_nolock"},
	{0x40000000, "discard", "nodiscard"},
	{0x08000000, "delalloc", "nodelalloc"},
	{0x02000000, "warn_on_error", "nowarn_on_error"},
	{0x00800000, "journal_checksum", "nojournal_checksum"},
	{0x01800000, "journal_async_commit", NULL},
	{0x00000100, "norecovery", NULL},
	{0x00020000, "barrier", "nobarrier"},
	{0x00010000, "noauto_da_alloc", "auto_da_alloc"},
	{0x80000000, NULL, "noinit_itable"},
	{0x00004000, "user_xattr", NULL},
	{0x00008000, "acl", NULL},
	{0x00002000, "nouid32", NULL},
	{0x00000008, "debug", NULL},
	{0x000c0000, "quota", NULL},
	{0x000c0000, "usrquota", NULL},
	{0x00140000, "grpquota", NULL},
	{0x00240000, "prjquota", NULL},
	{0x003c0000, NULL, "noquota"},
	{0x00000001, "nombcache", NULL},
	{0x04000000, "no_prefetch_block_bitmaps", NULL},
};

/* Of the second word; the first one is shown with CONFIG_EXT4_DEBUG alone. */
#define FC_DEBUG 0x10u
static const struct ext4_flag ext4_flags2[] = {{0x100, "abort", NULL}};

static void ext4_put_flags(struct buf *out, const struct ext4_flag *v, size_t n,
			   uint32_t is, uint32_t usual)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (!(v[i].bits & (is ^ usual)))
			continue;
		if (v[i].set && (is & v[i].bits) == v[i].bits)
			buf_printf(out, ",%s", v[i].set);
		else if (v[i].clear && !(is & v[i].bits))
			buf_printf(out, ",%s", v[i].clear);
	}
}

/* One of them, and what is on the disk. */
struct ext4_one {
	struct buf *out;
	const struct records *info, *es;
	const struct quota_names *names;
	size_t i;
	uint32_t hz;
	bool ext2;
	bool told; /* what of s_ext4_flags is set: from 6.15 on */
};

static uint64_t ext4_value(const struct ext4_one *e, uint32_t field)
{
	return records_u64(e->info, e->i, field);
}

static void ext4_put_owner(const struct ext4_one *e, const char *name,
			   uint32_t field, uint32_t low, uint32_t high)
{
	uint64_t id = ext4_value(e, field);

	if (id || records_u64(e->es, e->i, low) ||
	    records_u64(e->es, e->i, high))
		buf_printf(e->out, ",%s=%" PRIu64, name, id);
}

/* What it does about errors, where the disk says otherwise. */
static void ext4_put_errors(const struct ext4_one *e)
{
	static const struct {
		uint32_t flag, disk;
		const char *name;
	} v[] = {{ERRORS_RO, 2, "remount-ro"},
		 {ERRORS_CONT, 1, "continue"},
		 {ERRORS_PANIC, 3, "panic"}};
	uint64_t disk = records_u64(e->es, e->i, FIELD_ES_ERRORS);
	size_t j;

	for (j = 0; j < WANTS_N(v); j++)
		if (ext4_value(e, FIELD_EXT4_OPT) & v[j].flag &&
		    disk != v[j].disk)
			buf_printf(e->out, ",errors=%s", v[j].name);
}

static void ext4_put_number(const struct ext4_one *e, const char *name,
			    uint32_t field, uint64_t usual)
{
	uint64_t value = ext4_value(e, field);

	if (value != usual)
		buf_printf(e->out, ",%s=%" PRIu64, name, value);
}

static void ext4_put_numbers(const struct ext4_one *e)
{
	uint64_t commit = ext4_value(e, FIELD_EXT4_COMMIT);

	if (commit != 5ULL * e->hz) /* JBD2_DEFAULT_MAX_COMMIT_AGE */
		buf_printf(e->out, ",commit=%" PRIu64, commit / e->hz);
	ext4_put_number(e, "min_batch_time", FIELD_EXT4_MIN_BATCH, 0);
	ext4_put_number(e, "max_batch_time", FIELD_EXT4_MAX_BATCH, 15000);
	ext4_put_number(e, "stripe", FIELD_EXT4_STRIPE, 0);
}

static void ext4_put_data(const struct ext4_one *e)
{
	static const char *const modes[] = {NULL, "journal", "ordered",
					    "writeback"};
	uint64_t opt = ext4_value(e, FIELD_EXT4_OPT);
	const char *mode = modes[(opt & DATA_FLAGS) >> 10];

	if (mode && DATA_FLAGS & (opt ^ ext4_value(e, FIELD_EXT4_DEF)))
		buf_printf(e->out, ",data=%s", mode);
	ext4_put_number(e, "inode_readahead_blks", FIELD_EXT4_AHEAD, 32);
	if (opt & INIT_TABLE)
		ext4_put_number(e, "init_itable", FIELD_EXT4_WAIT, 10);
	ext4_put_number(e, "max_dir_size_kb", FIELD_EXT4_MAX_DIR, 0);
	if (opt & DATA_ERR_ABORT)
		buf_puts(e->out, ",data_err=abort");
}

static void ext4_put_rest(const struct ext4_one *e, uint64_t sb_flags)
{
	uint64_t opt2 = ext4_value(e, FIELD_EXT4_OPT2);
	bool scan = opt2 & OPTIMIZE_SCAN;
	bool large = ext4_value(e, FIELD_EXT4_GROUPS) >= SCAN_GROUPS;

	if (sb_flags & SB_INLINECRYPT)
		buf_puts(e->out, ",inlinecrypt");
	if (ext4_value(e, FIELD_EXT4_OPT) & DAX_ALWAYS)
		buf_puts(e->out, e->ext2 ? ",dax" : ",dax=always");
	else if (opt2 & DAX_NEVER)
		buf_puts(e->out, ",dax=never");
	else if (opt2 & DAX_INODE)
		buf_puts(e->out, ",dax=inode");
	if (scan != large)
		buf_printf(e->out, ",mb_optimize_scan=%d", scan);
	if (ext4_value(e, FIELD_EXT4_FLAGS) & FLAGS_EMERGENCY)
		buf_puts(e->out, ",emergency_ro");
	if (ext4_value(e, FIELD_EXT4_FLAGS) & FLAGS_SHUTDOWN)
		buf_puts(e->out, ",shutdown");
	quota_names_put(e->names, e->i, ext4_value(e, FIELD_EXT4_QUOTA_FORMAT),
			e->out);
}

static void ext4_put(const struct ext4_one *e, uint64_t sb_flags)
{
	ext4_put_number(e, "sb", FIELD_EXT4_BLOCK, 1);
	ext4_put_flags(e->out, ext4_flags, WANTS_N(ext4_flags),
		       (uint32_t)ext4_value(e, FIELD_EXT4_OPT),
		       (uint32_t)ext4_value(e, FIELD_EXT4_DEF));
	ext4_put_flags(e->out, ext4_flags2, WANTS_N(ext4_flags2),
		       (uint32_t)ext4_value(e, FIELD_EXT4_OPT2),
		       (uint32_t)ext4_value(e, FIELD_EXT4_DEF2));
	ext4_put_owner(e, "resuid", FIELD_EXT4_UID, FIELD_ES_UID,
		       FIELD_ES_UID_HIGH);
	ext4_put_owner(e, "resgid", FIELD_EXT4_GID, FIELD_ES_GID,
		       FIELD_ES_GID_HIGH);
	ext4_put_errors(e);
	ext4_put_numbers(e);
	ext4_put_data(e);
	ext4_put_rest(e, sb_flags);
}

/* Names of policies, and what not all kernels show. */
static bool ext4_is_rare(const struct ext4_one *e)
{
	return ext4_value(e, FIELD_EXT4_DUMMY) ||
	       (!e->told && ext4_value(e, FIELD_EXT4_FLAGS) &
				    (FLAGS_SHUTDOWN | FLAGS_EMERGENCY)) ||
	       FC_DEBUG & (ext4_value(e, FIELD_EXT4_OPT2) ^
			   ext4_value(e, FIELD_EXT4_DEF2));
}

static void ext4_settle(struct mount_super *s, const struct ext4_one *e,
			const struct records *sb)
{
	bool known = options_have(e->info, info_fields, INFO_NEEDS) &&
		     options_have(e->es, es_fields, ES_NEEDS) &&
		     records_have(sb, FIELD_SB_FLAGS) && e->hz;
	bool whole = e->info->ok[e->i] && e->es->ok[e->i] && sb->ok[e->i] &&
		     quota_names_known(e->names, e->i);

	if (known && !whole)
		s->say = MOUNT_TORN;
	else if (!known || ext4_is_rare(e))
		s->say = MOUNT_LACKS;
	else
		ext4_put(e, records_u64(sb, e->i, FIELD_SB_FLAGS));
}

static int ext4_read_names(struct super_group *g, const struct records *info,
			   struct quota_names *names, struct err *err)
{
	uint32_t size = records_size(info, FIELD_EXT4_QUOTA_NAMES);
	size_t i, t;

	if (quota_names_init(names, g->n))
		return err_nomem(err);
	for (i = 0; i < g->n && size >= 8 * QUOTA_TYPES; i++)
		for (t = 0; t < QUOTA_TYPES; t++)
			names->at[i * QUOTA_TYPES + t] = le64(
				records_bytes(info, i, FIELD_EXT4_QUOTA_NAMES) +
				8 * t);
	return quota_names_read(g->k, names, g->n, err);
}

/* info, super block, what is on the disk: two batches. */
static int ext4_read(struct super_group *g, struct records r[3],
		     struct err *err)
{
	_cleanup_free_ uint64_t *at = calloc(g->n + 1, sizeof(*at));
	const struct records_want first[] = {
		{g->info, g->n, info_fields, WANTS_N(info_fields)},
		{at, g->n, sb_fields, WANTS_N(sb_fields)}};
	const struct records_want then = {at, g->n, es_fields,
					  WANTS_N(es_fields)};
	size_t i;
	int rc = at ? 0 : err_nomem(err);

	for (i = 0; i < g->n && !rc; i++)
		at[i] = g->v[i]->addr;
	if (!rc)
		rc = records_read_typed(g->k, g->types, first, 2, r, err);
	for (i = 0; i < g->n && !rc; i++)
		at[i] = records_u64(&r[0], i, FIELD_EXT4_ES);
	return rc ? rc
		  : records_read_typed(g->k, g->types, &then, 1, &r[2], err);
}

static int options_ext4(struct super_group *g, struct err *err)
{
	_cleanup_(quota_names_deinit) struct quota_names names = {0};
	struct records r[3] = {{0}};
	struct ext4_one e = {.info = &r[0],
			     .es = &r[2],
			     .names = &names,
			     .told = option_constant(g, CONSTANT_EMERGENCY)};
	size_t i;
	int rc = kernel_hz(g->k, &e.hz, err);

	if (!rc)
		rc = ext4_read(g, r, err);
	if (!rc)
		rc = ext4_read_names(g, &r[0], &names, err);
	for (e.i = 0; e.i < g->n && !rc; e.i++) {
		e.out = &g->v[e.i]->options;
		e.ext2 = g->v[e.i]->ext2;
		ext4_settle(g->v[e.i], &e, &r[1]);
	}
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc;
}

const struct super_module_kind mount_ext4 = {
	{"ext4_show_options", options_ext4}, READER_MOUNT_EXT4};
