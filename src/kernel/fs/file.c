/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads open files in batches. */
#include "kernel/fs/file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/path.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_FILE_PATH_MNT = WANTS_OF(READER_FILE),
	FIELD_FILE_PATH_DENTRY,
	FIELD_FILE_INODE,
	FIELD_FILE_MODE,
	FIELD_FILE_VERSION,
	FIELD_BACKING_USER_MNT,
	FIELD_BACKING_USER_DENTRY,
	FIELD_DENTRY_INODE,
	FIELD_INODE_INO,
	FIELD_INODE_SB,
	FIELD_INODE_BLKBITS,
	FIELD_SB_DEV
};

static const struct want want_table[] = {
	FIELD(FILE_PATH_MNT, "file", REQUIRED, "f_path.mnt|__f_path.mnt"),
	FIELD(FILE_PATH_DENTRY, "file", REQUIRED,
	      "f_path.dentry|__f_path.dentry"),
	FIELD(FILE_INODE, "file", REQUIRED, "f_inode"),
	FIELD(FILE_MODE, "file", REQUIRED, "f_mode"),
	FIELD(FILE_VERSION, "file", OPTIONAL, "f_version"), /* up to 6.11 */
	FIELD(BACKING_USER_MNT, "backing_file", OPTIONAL, "user_path.mnt"),
	FIELD(BACKING_USER_DENTRY, "backing_file", OPTIONAL,
	      "user_path.dentry"),
	FIELD(DENTRY_INODE, "dentry", REQUIRED, "d_inode"),
	FIELD(INODE_INO, "inode", REQUIRED, "i_ino"),
	FIELD(INODE_SB, "inode", REQUIRED, "i_sb"),
	FIELD(INODE_BLKBITS, "inode", OPTIONAL, "i_blkbits"),
	FIELD(SB_DEV, "super_block", REQUIRED, "s_dev"),
};

const struct wants file_wants = {
	.reader = "files", .v = want_table, .n = WANTS_N(want_table)};

/* FMODE_BACKING: docs/facts/kernel.md, "Files of /proc" */
#define FMODE_BACKING_6_5  (1u << 25)
#define FMODE_BACKING_6_12 (1u << 24)

/* What one file leads to. */
struct trail {
	uint64_t *inode, *sb;
	struct path_at *at;
	bool *backing;
	size_t n;
};

static void file_trail_deinit(struct trail *t)
{
	free(t->inode);
	free(t->sb);
	free(t->at);
	free(t->backing);
}

static int file_trail_init(struct trail *t, size_t n)
{
	t->n = n;
	t->inode = calloc(n + 1, sizeof(*t->inode));
	t->sb = calloc(n + 1, sizeof(*t->sb));
	t->at = calloc(n + 1, sizeof(*t->at));
	t->backing = calloc(n + 1, sizeof(*t->backing));
	return t->inode && t->sb && t->at && t->backing ? 0 : ERR_NOMEM;
}

static void file_fault(struct file_info *f, enum path_fault fault,
		       uint64_t addr)
{
	if (f->fault)
		return;
	f->fault = fault;
	f->fault_at = addr;
}

static void file_tear(struct file_info *f, uint64_t addr)
{
	file_fault(f, PATH_TORN, addr);
}

static bool is_backing(struct kernel *k, uint64_t mode)
{
	if (!profile_field(k->profile, FIELD_BACKING_USER_DENTRY)->present)
		return false;
	if (profile_field(k->profile, FIELD_FILE_VERSION)->present)
		return mode & FMODE_BACKING_6_5;
	return mode & FMODE_BACKING_6_12;
}

static int file_read_files(struct kernel *k, const uint64_t *files,
			   struct trail *t, struct file_info *out,
			   struct err *err)
{
	static const uint32_t fields[] = {FIELD_FILE_PATH_MNT,
					  FIELD_FILE_PATH_DENTRY,
					  FIELD_FILE_INODE, FIELD_FILE_MODE};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc = records_read(k, files, t->n, fields, 4, &r, err);

	for (i = 0; i < t->n && !rc; i++) {
		if (!r.ok[i])
			file_tear(&out[i], files[i]);
		t->at[i].mnt = records_u64(&r, i, FIELD_FILE_PATH_MNT);
		t->at[i].dentry = records_u64(&r, i, FIELD_FILE_PATH_DENTRY);
		t->inode[i] = records_u64(&r, i, FIELD_FILE_INODE);
		t->backing[i] =
			is_backing(k, records_u64(&r, i, FIELD_FILE_MODE));
	}
	return rc;
}

/* For backing files take the path, and the inode, that the user opened. */
static int read_backing(struct kernel *k, const uint64_t *files,
			struct trail *t, struct err *err)
{
	static const uint32_t user[] = {FIELD_BACKING_USER_MNT,
					FIELD_BACKING_USER_DENTRY};
	static const uint32_t inode[] = {FIELD_DENTRY_INODE};
	_cleanup_(records_deinit) struct records b = {0};
	_cleanup_(records_deinit) struct records d = {0};
	_cleanup_free_ uint64_t *addrs = calloc(t->n + 1, sizeof(*addrs));
	_cleanup_free_ size_t *owner = calloc(t->n + 1, sizeof(*owner));
	size_t i, n = 0;
	int rc;

	if (!addrs || !owner)
		return err_nomem(err);
	for (i = 0; i < t->n; i++)
		if (t->backing[i]) {
			owner[n] = i;
			addrs[n++] = files[i];
		}
	if (!n)
		return 0;
	rc = records_read(k, addrs, n, user, 2, &b, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(&b, i, FIELD_BACKING_USER_DENTRY);
	if (!rc)
		rc = records_read(k, addrs, n, inode, 1, &d, err);
	for (i = 0; i < n && !rc; i++) {
		t->at[owner[i]] = (struct path_at){
			.mnt = records_u64(&b, i, FIELD_BACKING_USER_MNT),
			.dentry = addrs[i]};
		t->inode[owner[i]] = records_u64(&d, i, FIELD_DENTRY_INODE);
	}
	return rc;
}

static int file_read_inodes(struct kernel *k, struct trail *t,
			    struct file_info *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_INODE_INO, FIELD_INODE_SB,
					  FIELD_INODE_BLKBITS};
	static const uint32_t dev[] = {FIELD_SB_DEV};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_(records_deinit) struct records s = {0};
	size_t i;
	int rc = records_read(k, t->inode, t->n, fields, 3, &r, err);

	for (i = 0; i < t->n && !rc; i++) {
		out[i].ino = records_u64(&r, i, FIELD_INODE_INO);
		out[i].blkbits =
			(uint8_t)records_u64(&r, i, FIELD_INODE_BLKBITS);
		t->sb[i] = records_u64(&r, i, FIELD_INODE_SB);
		if (!r.ok[i])
			file_tear(&out[i], t->inode[i]);
	}
	if (!rc)
		rc = records_read(k, t->sb, t->n, dev, 1, &s, err);
	for (i = 0; i < t->n && !rc; i++) {
		out[i].dev = (uint32_t)records_u64(&s, i, FIELD_SB_DEV);
		if (!s.ok[i])
			file_tear(&out[i], t->sb[i]);
	}
	return rc;
}

/* A file and where it is: for sorting, so that equal places are neighbours. */
struct place {
	struct path_at at;
	size_t file;
};

static int by_path(const void *a, const void *b)
{
	const struct path_at *p = a, *q = b;

	if (p->dentry != q->dentry)
		return p->dentry < q->dentry ? -1 : 1;
	return (p->mnt > q->mnt) - (p->mnt < q->mnt);
}

/* The path of each place, once. */
static int file_resolve(struct kernel *k, struct place *places, size_t n,
			struct file_infos *out, struct err *err)
{
	_cleanup_free_ struct path_job *jobs = calloc(n + 1, sizeof(*jobs));
	size_t i, n_jobs = 0;
	int rc;

	if (!jobs || vec_reserve(&out->paths, n + 1))
		return err_nomem(err);
	qsort(places, n, sizeof(*places), by_path);
	for (i = 0; i < n; i++)
		if (!i || by_path(&places[i], &places[i - 1]))
			jobs[n_jobs++].at = places[i].at;
	rc = path_resolve(k, jobs, n_jobs, err);
	for (i = 0; i < n_jobs; i++)
		out->paths.v[out->paths.n++] = jobs[i].text;
	for (i = n_jobs = 0; i < n && !rc; i++) {
		struct file_info *f = &out->v[places[i].file];

		n_jobs += i && by_path(&places[i], &places[i - 1]);
		f->path = jobs[n_jobs].text;
		if (!f->path)
			file_fault(f, jobs[n_jobs].fault,
				   jobs[n_jobs].fault_at);
	}
	return rc;
}

static int read_paths(struct kernel *k, const struct trail *t,
		      struct file_infos *out, struct err *err)
{
	_cleanup_free_ struct place *places = calloc(t->n + 1, sizeof(*places));
	size_t i;

	if (!places)
		return err_nomem(err);
	for (i = 0; i < t->n; i++)
		places[i] = (struct place){.at = t->at[i], .file = i};
	return file_resolve(k, places, t->n, out, err);
}

int file_infos_add(struct file_infos *infos, uint64_t file)
{
	if (!file || map_get(&infos->at, file, NULL))
		return 0;
	return map_put(&infos->at, file, infos->files.n)
		       ? ERR_NOMEM
		       : vec_push(&infos->files, file);
}

int file_infos_read(struct kernel *k, struct file_infos *infos, struct err *err)
{
	_cleanup_(file_trail_deinit) struct trail t = {0};
	const uint64_t *files = infos->files.v;
	size_t n = infos->files.n;
	int rc;

	infos->v = calloc(n + 1, sizeof(*infos->v));
	if (!infos->v || file_trail_init(&t, n))
		return err_nomem(err);
	rc = file_read_files(k, files, &t, infos->v, err);
	if (!rc)
		rc = read_backing(k, files, &t, err);
	if (!rc)
		rc = file_read_inodes(k, &t, infos->v, err);
	return rc ? rc : read_paths(k, &t, infos, err);
}

const struct file_info *file_infos_get(const struct file_infos *infos,
				       uint64_t file)
{
	uint64_t at;

	return file && infos->v && map_get(&infos->at, file, &at)
		       ? &infos->v[at]
		       : NULL;
}

void file_infos_deinit(struct file_infos *infos)
{
	size_t i;

	for (i = 0; i < infos->paths.n; i++)
		free(infos->paths.v[i]);
	vec_deinit(&infos->paths);
	vec_deinit(&infos->files);
	map_deinit(&infos->at);
	free(infos->v);
	*infos = (struct file_infos){0};
}
