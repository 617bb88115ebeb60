/* SPDX-License-Identifier: BSD-2-Clause */
/* What comes of reads of files of bytes. */
#include "proc/bytes.h"

#include "proc/proc.h"

int proc_bytes_settle(struct proc_bytes *b, int rc, struct err *err)
{
	b->why.code = rc;
	return proc_is_own_error(rc) ? 0 : err_pass(err, &b->why);
}

int proc_bytes_each(struct kernel *k, struct proc_bytes *b, size_t n,
		    int (*read)(struct kernel *k, struct proc_bytes *b,
				struct err *err),
		    struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		rc = proc_bytes_settle(&b[i], read(k, &b[i], &b[i].why), err);
	return rc;
}
