/* SPDX-License-Identifier: BSD-2-Clause */
/* Options of FUSE: fuse_show_options(), fs/fuse/inode.c, 5.10 to 7.2. */
#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/fs/mount_options.h"

/* What is wanted of the types. */
enum {
	FIELD_MOUNT_CONN = WANTS_OF(READER_MOUNT_FUSE),
	FIELD_CONN_UID,
	FIELD_CONN_GID,
	FIELD_CONN_USER_NS,
	FIELD_CONN_PERMISSIONS,
	FIELD_CONN_OTHER,
	FIELD_CONN_SHOWS,
	FIELD_CONN_MAX_READ,
	FIELD_CONN_DAX_MODE,
	FIELD_CONN_DAX,
	FIELD_SB_BDEV,
	FIELD_SB_BLOCK
};

static const struct want want_table[] = {
	FIELD(MOUNT_CONN, "fuse_mount", OPTIONAL, "fc"), /* 5.10 */
	FIELD(CONN_UID, "fuse_conn", OPTIONAL, "user_id"),
	FIELD(CONN_GID, "fuse_conn", OPTIONAL, "group_id"),
	FIELD(CONN_USER_NS, "fuse_conn", OPTIONAL, "user_ns"),
	FIELD(CONN_PERMISSIONS, "fuse_conn", OPTIONAL, "default_permissions"),
	FIELD(CONN_OTHER, "fuse_conn", OPTIONAL, "allow_other"),
	FIELD(CONN_SHOWS, "fuse_conn", OPTIONAL, "legacy_opts_show"), /* 5.9 */
	FIELD(CONN_MAX_READ, "fuse_conn", OPTIONAL, "max_read"),
	FIELD(CONN_DAX_MODE, "fuse_conn", OPTIONAL, "dax_mode"), /* 5.17 */
	FIELD(CONN_DAX, "fuse_conn", OPTIONAL, "dax"),		 /* 5.10 */
	FIELD(SB_BDEV, "super_block", OPTIONAL, "s_bdev"),
	FIELD(SB_BLOCK, "super_block", OPTIONAL, "s_blocksize"),
};

const struct wants mount_fuse_wants = {
	.reader = "options of FUSE", .v = want_table, .n = WANTS_N(want_table)};

static const uint32_t conn_fields[] = {
	FIELD_CONN_UID,	     FIELD_CONN_GID,	     FIELD_CONN_USER_NS,
	FIELD_CONN_OTHER,    FIELD_CONN_PERMISSIONS, FIELD_CONN_SHOWS,
	FIELD_CONN_MAX_READ, FIELD_CONN_DAX,	     FIELD_CONN_DAX_MODE};
#define CONN_NEEDS 7 /* the first of them */

static const uint32_t sb_fields[] = {FIELD_SB_BDEV, FIELD_SB_BLOCK};

/* FUSE_DEFAULT_BLKSIZE */
#define USUAL_BLOCK 512u

/* Its users are shown as they are in the namespace that it was mounted in: that
 * is looked at where it is the initial one. */
static void fuse_put_legacy(const struct super_group *g, size_t i,
			    const struct records *conn,
			    const struct records *sb)
{
	struct mount_super *s = g->v[i];
	uint64_t block = records_u64(sb, i, FIELD_SB_BLOCK), ns;
	uint64_t most = records_u64(conn, i, FIELD_CONN_MAX_READ);

	if (!profile_symbol(g->k->profile, "init_user_ns", &ns) ||
	    records_u64(conn, i, FIELD_CONN_USER_NS) != ns) {
		s->say = MOUNT_LACKS;
		return;
	}
	buf_printf(&s->options, ",user_id=%" PRIu64 ",group_id=%" PRIu64,
		   records_u64(conn, i, FIELD_CONN_UID),
		   records_u64(conn, i, FIELD_CONN_GID));
	if (records_u64(conn, i, FIELD_CONN_PERMISSIONS))
		buf_puts(&s->options, ",default_permissions");
	if (records_u64(conn, i, FIELD_CONN_OTHER))
		buf_puts(&s->options, ",allow_other");
	if (most != UINT32_MAX)
		buf_printf(&s->options, ",max_read=%" PRIu64, most);
	if (records_u64(sb, i, FIELD_SB_BDEV) && block != USUAL_BLOCK)
		buf_printf(&s->options, ",blksize=%" PRIu64, block);
}

/* enum fuse_dax_mode; before there was one, whether there is any. */
static void fuse_put_dax(struct mount_super *s, size_t i,
			 const struct records *conn)
{
	static const char *const modes[] = {"", ",dax=always", ",dax=never",
					    ",dax=inode"};
	uint64_t mode = records_u64(conn, i, FIELD_CONN_DAX_MODE);

	if (mode >= WANTS_N(modes))
		s->say = MOUNT_TORN;
	else if (records_have(conn, FIELD_CONN_DAX_MODE))
		buf_puts(&s->options, modes[mode]);
	else if (records_u64(conn, i, FIELD_CONN_DAX))
		buf_puts(&s->options, ",dax");
}

static void fuse_put(const struct super_group *g, size_t i,
		     const struct records *conn, const struct records *sb)
{
	struct mount_super *s = g->v[i];

	if (!conn->ok[i] || !sb->ok[i]) {
		s->say = MOUNT_TORN;
		return;
	}
	if (!options_have(conn, conn_fields, CONN_NEEDS) ||
	    !options_have(sb, sb_fields, WANTS_N(sb_fields))) {
		s->say = MOUNT_LACKS;
		return;
	}
	if (records_u64(conn, i, FIELD_CONN_SHOWS))
		fuse_put_legacy(g, i, conn, sb);
	if (!s->say)
		fuse_put_dax(s, i, conn);
}

static int options_fuse(struct super_group *g, struct err *err)
{
	static const uint32_t mount[] = {FIELD_MOUNT_CONN};
	_cleanup_free_ uint64_t *at = calloc(2 * g->n + 1, sizeof(*at));
	const struct records_want first = {g->info, g->n, mount, 1};
	const struct records_want then[] = {
		{at, g->n, conn_fields, WANTS_N(conn_fields)},
		{at + g->n, g->n, sb_fields, WANTS_N(sb_fields)}};
	struct records m = {0}, r[2] = {{0}};
	size_t i;
	int rc = at ? records_read_typed(g->k, g->types, &first, 1, &m, err)
		    : err_nomem(err);

	for (i = 0; i < g->n && !rc; i++) {
		at[i] = records_u64(&m, i, FIELD_MOUNT_CONN);
		at[g->n + i] = g->v[i]->addr;
	}
	if (!rc)
		rc = records_read_typed(g->k, g->types, then, 2, r, err);
	for (i = 0; i < g->n && !rc; i++)
		fuse_put(g, i, &r[0], &r[1]);
	records_deinit(&m);
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

const struct super_module_kind mount_fuse = {
	{"fuse_show_options", options_fuse}, READER_MOUNT_FUSE};
