/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows tasks to the paths that are theirs. */
#include "kernel/fs/task_paths.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_MM_EXE_FILE = WANTS_OF(READER_TASK_PATHS),
	FIELD_FILE_MNT,
	FIELD_FILE_DENTRY,
	FIELD_FS_PWD_MNT,
	FIELD_FS_PWD_DENTRY,
	FIELD_FS_ROOT_MNT,
	FIELD_FS_ROOT_DENTRY
};

static const struct want want_table[] = {
	FIELD(MM_EXE_FILE, "mm_struct", REQUIRED, "exe_file"),
	FIELD(FILE_MNT, "file", REQUIRED, "f_path.mnt|__f_path.mnt"),
	FIELD(FILE_DENTRY, "file", REQUIRED, "f_path.dentry|__f_path.dentry"),
	FIELD(FS_PWD_MNT, "fs_struct", REQUIRED, "pwd.mnt"),
	FIELD(FS_PWD_DENTRY, "fs_struct", REQUIRED, "pwd.dentry"),
	FIELD(FS_ROOT_MNT, "fs_struct", REQUIRED, "root.mnt"),
	FIELD(FS_ROOT_DENTRY, "fs_struct", REQUIRED, "root.dentry"),
};

const struct wants task_paths_wants = {.reader = "paths of processes",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

/* What holds such a path, and where in it. */
static const struct {
	uint32_t mnt, dentry;
} paths[] = {
	[TASK_PATH_EXE] = {FIELD_FILE_MNT, FIELD_FILE_DENTRY},
	[TASK_PATH_CWD] = {FIELD_FS_PWD_MNT, FIELD_FS_PWD_DENTRY},
	[TASK_PATH_ROOT] = {FIELD_FS_ROOT_MNT, FIELD_FS_ROOT_DENTRY},
};

/* What cannot be read is torn there. */
static void task_paths_tear(const struct records *r, const uint64_t *addrs,
			    struct path_job *out)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		if (addrs[i] && !r->ok[i] && !out[i].fault) {
			out[i].fault = PATH_TORN;
			out[i].fault_at = addrs[i];
		}
}

/* The addresses of what holds the paths; 0 where there is none. */
static int read_holders(struct kernel *k, const struct task *tasks, size_t n,
			bool exe, uint64_t *addrs, struct path_job *out,
			struct err *err)
{
	static const uint32_t field = FIELD_MM_EXE_FILE;
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		addrs[i] = !exe				? tasks[i].fs
			   : task_has_memory(&tasks[i]) ? tasks[i].mm
							: 0;
	if (!exe)
		return 0;
	rc = records_read(k, addrs, n, &field, 1, &r, err);
	if (rc)
		return rc;
	task_paths_tear(&r, addrs, out);
	for (i = 0; i < n; i++)
		addrs[i] = records_u64(&r, i, field);
	return 0;
}

/* Resolve those that there are. */
static int resolve(struct kernel *k, struct path_job *out, size_t n,
		   struct err *err)
{
	_cleanup_free_ struct path_job *jobs = calloc(n + 1, sizeof(*jobs));
	size_t i, some = 0;
	int rc;

	if (!jobs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		if (out[i].at.dentry)
			jobs[some++].at = out[i].at;
	rc = path_resolve(k, jobs, some, err);
	for (i = some = 0; i < n; i++)
		if (out[i].at.dentry)
			out[i] = jobs[some++];
	return rc;
}

int task_paths_read(struct kernel *k, const struct task *tasks, size_t n,
		    enum task_path which, struct path_job *out, struct err *err)
{
	const uint32_t fields[] = {paths[which].mnt, paths[which].dentry};
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	for (i = 0; i < n; i++)
		out[i] = (struct path_job){0};
	if (!addrs)
		return err_nomem(err);
	rc = read_holders(k, tasks, n, which == TASK_PATH_EXE, addrs, out, err);
	if (!rc)
		rc = records_read(k, addrs, n, fields, 2, &r, err);
	if (rc)
		return rc;
	task_paths_tear(&r, addrs, out);
	for (i = 0; i < n; i++) {
		out[i].at.mnt = records_u64(&r, i, fields[0]);
		out[i].at.dentry = records_u64(&r, i, fields[1]);
	}
	return resolve(k, out, n, err);
}
