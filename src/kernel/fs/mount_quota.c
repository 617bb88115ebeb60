/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads and prints names of files for quotas. */
#include "kernel/fs/mount_quota.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/fs/mount_options.h"

int quota_names_init(struct quota_names *q, size_t n)
{
	q->at = calloc(n * QUOTA_TYPES + 1, sizeof(*q->at));
	q->text = calloc(n * QUOTA_TYPES + 1, QUOTA_NAME);
	q->known = calloc(n * QUOTA_TYPES + 1, sizeof(*q->known));
	return q->at && q->text && q->known ? 0 : ERR_NOMEM;
}

void quota_names_deinit(struct quota_names *q)
{
	free(q->at);
	free(q->text);
	free(q->known);
	*q = (struct quota_names){0};
}

int quota_names_read(struct kernel *k, struct quota_names *q, size_t n,
		     struct err *err)
{
	_cleanup_free_ char **to = calloc(n * QUOTA_TYPES + 1, sizeof(*to));
	bool some = false;
	size_t i;

	if (!to)
		return err_nomem(err);
	for (i = 0; i < n * QUOTA_TYPES; i++) {
		to[i] = q->text + i * QUOTA_NAME;
		some |= q->at[i] != 0;
	}
	return some ? records_strings(k, q->at, n * QUOTA_TYPES, QUOTA_NAME, to,
				      q->known, err)
		    : 0;
}

bool quota_names_known(const struct quota_names *q, size_t i)
{
	size_t at = i * QUOTA_TYPES, end = at + QUOTA_TYPES;

	for (; at < end; at++)
		if (q->at[at] &&
		    (!q->known[at] ||
		     strlen(q->text + at * QUOTA_NAME) == QUOTA_NAME - 1))
			return false;
	return true;
}

void quota_names_put(const struct quota_names *q, size_t i, uint64_t format,
		     struct buf *out)
{
	/* QFMT_VFS_OLD and its like, include/uapi/linux/quota.h */
	static const char *const formats[] = {"", "vfsold", "vfsv0", "",
					      "vfsv1"};
	static const char *const types[QUOTA_TYPES] = {"usrjquota",
						       "grpjquota"};
	size_t t, n = sizeof(formats) / sizeof(formats[0]);

	if (format)
		buf_printf(out, ",jqfmt=%s", format < n ? formats[format] : "");
	for (t = 0; t < QUOTA_TYPES; t++) {
		size_t at = i * QUOTA_TYPES + t;

		if (q->at[at])
			mount_option_put(out, types[t],
					 q->text + at * QUOTA_NAME);
	}
}
