/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks in /proc/PID/fdinfo (fs/locks.c, show_fd_locks()). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "proc/lock_line.h"
#include "proc/pid_fd.h"

int proc_fds_read_locks(struct kernel *k, struct fd_values *own,
			struct err *err)
{
	size_t i, n = 0, all = own->infos.files.n;
	_cleanup_free_ uint64_t *at = calloc(all + 1, sizeof(*at));
	_cleanup_(map_deinit) struct map seen = {0};
	int rc;

	if (!at)
		return err_nomem(err);
	for (i = 0; i < all; i++) {
		uint64_t locks = own->open[i].locks;

		if (!locks || map_get(&seen, locks, NULL))
			continue;
		at[n++] = locks;
		if (map_put(&seen, locks, 0))
			return err_nomem(err);
	}
	rc = inode_locks_read(k, at, n, &own->locks, err);
	/* where they are kept in no known way, their lines are not known */
	return rc == ERR_NO_LINUX ? 0 : rc;
}

bool proc_fds_put_locks(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	const struct fd_values *own = v->own;
	const struct inode_range *range;
	uint64_t file = proc_fds_fd(v, i, record)->file, at;
	uint64_t context = proc_fds_open(v, i, record)->locks;
	bool known = true;
	size_t l, id = 0;

	if (!context || !map_get(&own->locks.at, context, &at))
		return !context;
	range = &own->locks.ranges.v[at];
	for (l = range->first; l < range->first + range->n; l++) {
		const struct file_lock *lock = &own->locks.all.v.v[l];

		known &= lock_line_is_known(lock);
		if (lock->file != file || !lock_line_is_known(lock) ||
		    (lock->owner != own->fds[i].files && lock->owner != file))
			continue;
		id++;
		if (!out)
			continue;
		buf_puts(out, "lock:\t");
		lock_line_put(out, lock, id);
	}
	return known && !range->torn;
}
