/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads open files, and what special ones say of themselves. */
#include "kernel/fs/open_file.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/fs/open_file_extra.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_FILE_MNT = WANTS_OF(READER_OPEN_FILE),
	FIELD_FILE_INODE,
	FIELD_FILE_OP,
	FIELD_FILE_POS,
	FIELD_FILE_FLAGS,
	FIELD_FILE_PRIVATE,
	FIELD_MOUNT_MNT,
	FIELD_MOUNT_ID,
	FIELD_INODE_INO,
	FIELD_INODE_MODE,
	FIELD_INODE_LOCKS,
	FIELD_INODE_PRIVATE,
	FIELD_INODE_CTIME,
	FIELD_OPS_SHOW,
	FIELD_LOCKS_FLOCK,
	FIELD_LOCKS_POSIX,
	FIELD_LOCKS_LEASE,
	FIELD_TASK_STATE
};

static const struct want want_table[] = {
	FIELD(FILE_MNT, "file", REQUIRED, "f_path.mnt|__f_path.mnt"),
	FIELD(FILE_INODE, "file", REQUIRED, "f_inode"),
	FIELD(FILE_OP, "file", REQUIRED, "f_op"),
	FIELD(FILE_POS, "file", REQUIRED, "f_pos"),
	FIELD(FILE_FLAGS, "file", REQUIRED, "f_flags"),
	FIELD(FILE_PRIVATE, "file", REQUIRED, "private_data"),
	FIELD(MOUNT_MNT, "mount", REQUIRED, "mnt"),
	FIELD(MOUNT_ID, "mount", REQUIRED, "mnt_id"),
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_MODE, "inode", REQUIRED, "i_mode"),
	FIELD(INODE_LOCKS, "inode", OPTIONAL, "i_flctx"),
	FIELD(INODE_PRIVATE, "inode", OPTIONAL, "i_private"),
	FIELD(INODE_CTIME, "inode", OPTIONAL,
	      "__i_ctime|i_ctime_sec"), /* 6.6 */
	FIELD(OPS_SHOW, "file_operations", OPTIONAL, "show_fdinfo"),
	FIELD(LOCKS_FLOCK, "file_lock_context", OPTIONAL, "flc_flock.next"),
	FIELD(LOCKS_POSIX, "file_lock_context", OPTIONAL, "flc_posix.next"),
	FIELD(LOCKS_LEASE, "file_lock_context", OPTIONAL, "flc_lease.next"),
	FIELD(TASK_STATE, "task_struct", OPTIONAL, "__state"), /* 5.14 */
};

const struct wants open_file_wants = {.reader = "open files' state",
				      .v = want_table,
				      .n = WANTS_N(want_table)};

struct open_file_form open_file_form(const struct kernel *k)
{
	return (struct open_file_form){
		.ino = profile_field(k->profile, FIELD_TASK_STATE)->present,
		.semaphore =
			profile_field(k->profile, FIELD_INODE_CTIME)->present};
}

/* What struct files lead to: n each of inodes, mounts, operations and private
 * data, in this order. */
struct open_trail {
	size_t n;
	uint64_t *inode, *mount, *ops, *data, *locks;
};

static void open_trail_deinit(struct open_trail *t)
{
	free(t->inode);
}

static int open_trail_init(struct open_trail *t, size_t n)
{
	t->n = n;
	t->inode = calloc(5 * n + 1, sizeof(*t->inode));
	if (!t->inode)
		return ERR_NOMEM;
	t->mount = t->inode + n;
	t->ops = t->mount + n;
	t->data = t->ops + n;
	t->locks = t->data + n;
	return 0;
}

static int open_read_files(struct kernel *k, const uint64_t *files,
			   struct open_trail *t, struct open_file *out,
			   struct err *err)
{
	static const uint32_t fields[] = {FIELD_FILE_MNT,   FIELD_FILE_INODE,
					  FIELD_FILE_OP,    FIELD_FILE_POS,
					  FIELD_FILE_FLAGS, FIELD_FILE_PRIVATE};
	uint32_t at = profile_field(k->profile, FIELD_MOUNT_MNT)->offset;
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, files, t->n, fields, WANTS_N(fields), &r, err);

	for (i = 0; i < t->n && !rc; i++) {
		uint64_t mnt = records_u64(&r, i, FIELD_FILE_MNT);

		out[i] = (struct open_file){
			.known = r.ok[i],
			.pos = (int64_t)records_u64(&r, i, FIELD_FILE_POS),
			.flags =
				(uint32_t)records_u64(&r, i, FIELD_FILE_FLAGS)};
		t->inode[i] = records_u64(&r, i, FIELD_FILE_INODE);
		t->mount[i] = mnt ? mnt - at : 0;
		t->ops[i] = records_u64(&r, i, FIELD_FILE_OP);
		t->data[i] = records_u64(&r, i, FIELD_FILE_PRIVATE);
	}
	return rc;
}

static int open_follow(struct kernel *k, struct open_trail *t,
		       struct open_file *out, struct err *err)
{
	static const uint32_t inode[] = {FIELD_INODE_INO, FIELD_INODE_MODE,
					 FIELD_INODE_LOCKS,
					 FIELD_INODE_PRIVATE};
	static const uint32_t mount[] = {FIELD_MOUNT_ID};
	static const uint32_t ops[] = {FIELD_OPS_SHOW};
	const struct records_want wants[] = {{t->inode, t->n, inode, 4},
					     {t->mount, t->n, mount, 1},
					     {t->ops, t->n, ops, 1}};
	struct records r[3] = {{0}};
	size_t i;
	int rc = records_read_all(k, wants, 3, r, err);

	for (i = 0; i < t->n && !rc; i++) {
		out[i].known &= r[0].ok[i] && r[1].ok[i] && r[2].ok[i];
		out[i].ino = records_u64(&r[0], i, FIELD_INODE_INO);
		out[i].mode = (uint32_t)records_u64(&r[0], i, FIELD_INODE_MODE);
		out[i].data = records_u64(&r[0], i, FIELD_INODE_PRIVATE);
		out[i].mnt_id = (int32_t)records_u64(&r[1], i, FIELD_MOUNT_ID);
		out[i].show = records_u64(&r[2], i, FIELD_OPS_SHOW);
		t->locks[i] = records_u64(&r[0], i, FIELD_INODE_LOCKS);
	}
	for (i = 0; i < 3; i++)
		records_deinit(&r[i]);
	return rc;
}

/* Whether any of the three lists of an inode's locks has something. */
static int open_read_locks(struct kernel *k, const struct open_trail *t,
			   struct open_file *out, struct err *err)
{
	static const uint32_t lists[] = {FIELD_LOCKS_FLOCK, FIELD_LOCKS_POSIX,
					 FIELD_LOCKS_LEASE};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i, l;
	int rc = records_read(k, t->locks, t->n, lists, 3, &r, err);

	for (i = 0; i < t->n && !rc; i++)
		for (l = 0; l < 3 && t->locks[i]; l++) {
			const struct profile_field *f =
				profile_field(k->profile, lists[l]);

			if (records_u64(&r, i, lists[l]) !=
			    t->locks[i] + f->offset)
				out[i].locks = t->locks[i];
		}
	return rc;
}

int open_files_read(struct kernel *k, const uint64_t *files, size_t n,
		    struct open_file *out, struct err *err)
{
	_cleanup_(open_trail_deinit) struct open_trail t = {0};
	int rc;

	if (open_trail_init(&t, n))
		return err_nomem(err);
	rc = open_read_files(k, files, &t, out, err);
	if (!rc)
		rc = open_follow(k, &t, out, err);
	if (!rc)
		rc = open_read_locks(k, &t, out, err);
	return rc ? rc : open_extras_read(k, t.data, n, out, err);
}
