/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of the guest's /etc that its own programs name users by. */
#include "proc/proc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "kernel/mm/cached_file.h"
#include "kernel/mm/file_lookup.h"
#include "kernel/limits_system.h"

/* Its pages, as the first process has it; all of them or none. */
static int etc_read_cached(struct kernel *k, const struct found_file *found,
			   struct buf *out, struct err *err)
{
	_cleanup_(cached_file_deinit) struct cached_file file = {0};
	uint64_t resident;
	char *bytes;
	int rc = cached_file_find(k, found->mapping, &file, err);

	if (rc)
		return rc;
	resident = cached_file_resident(&file);
	if (file.size > ETC_FILE_MAX)
		return err_set(err, ERR_REFUSED,
			       "it has more than %u bytes: %" PRIu64,
			       ETC_FILE_MAX, file.size);
	if (resident != file.size)
		return err_set(err, ERR_UNREADABLE,
			       "%" PRIu64 " of its %" PRIu64
			       " bytes are not in memory",
			       file.size - resident, file.size);
	bytes = malloc((size_t)file.size + 1);
	if (!bytes)
		return err_nomem(err);
	rc = cached_file_read(k, &file, bytes, (size_t)file.size, err);
	if (rc)
		free(bytes);
	else
		buf_take(out, bytes, (size_t)file.size);
	return rc;
}

static int etc_find(struct kernel *k, const char *path, struct found_file *out,
		    struct err *err)
{
	struct task init;
	int rc = task_find(k, 1, &init, err);

	if (!rc)
		rc = file_lookup(k, &init, path, out, err);
	if (!rc && !S_ISREG(out->mode))
		rc = err_set(err, ERR_UNREADABLE, "it is no regular file");
	return rc;
}

/* That it is not there, or not known, is told: who reads it sees numbers. */
static int etc_read(struct kernel *k, struct proc_values *out, struct err *err)
{
	struct found_file found = {0};
	char path[32] = "/";
	int rc;

	strncat(path, out->file->name, sizeof(path) - 2);
	rc = etc_find(k, path, &found, err);
	if (!rc)
		rc = etc_read_cached(k, &found, &out->parts->text, err);
	if (rc != ERR_NOT_FOUND && rc != ERR_REFUSED)
		return rc;
	return err_wrap(err, ERR_UNREADABLE, "users are shown as numbers");
}

#define ETC_FILE(file)                                                        \
	{                                                                     \
		.name = "etc/" file, .scope = PROC_BESIDE, .kind = PROC_TEXT, \
		.read = etc_read                                              \
	}

const struct proc_file proc_etc_group = ETC_FILE("group");
const struct proc_file proc_etc_passwd = ETC_FILE("passwd");
