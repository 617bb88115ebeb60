/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/locks (fs/locks.c, locks_show()). */
#include <inttypes.h>

#include "base/cleanup.h"
#include "kernel/dev.h"
#include "proc/lock_line.h"
#include "proc/proc.h"

#define LEASES (LOCK_LEASE | LOCK_DELEG)

bool lock_line_is_known(const struct file_lock *l)
{
	return l->known && !(l->flags & LOCK_LAYOUT) &&
	       l->flags & (LOCK_POSIX | LOCK_FLOCK | LEASES);
}

static const char *lock_kind(const struct file_lock *l)
{
	if (l->flags & LOCK_POSIX)
		return l->flags & LOCK_ACCESS	? "ACCESS"
		       : l->flags & LOCK_OFDLCK ? "OFDLCK"
						: "POSIX ";
	if (l->flags & LOCK_FLOCK)
		return "FLOCK ";
	return l->flags & LOCK_DELEG ? "DELEG " : "LEASE ";
}

static const char *lock_state(const struct file_lock *l)
{
	if (l->flags & LOCK_POSIX)
		return !l->file	      ? "*NOINODE*"
		       : l->mandatory ? "MANDATORY"
				      : "ADVISORY ";
	if (l->flags & LOCK_FLOCK)
		return l->type & LOCK_TYPE_MAND ? "MSNFS    " : "ADVISORY ";
	if (l->flags & (LOCK_DOWNGRADING | LOCK_UNLOCKING))
		return "BREAKING ";
	return l->file ? "ACTIVE   " : "BREAKER  ";
}

/* A lease is shown as what it will be. */
static const char *lock_type(const struct file_lock *l)
{
	static const char *const mand[] = {"NONE ", "READ ", "WRITE", "RW   "};
	static const char *const names[] = {"READ", "WRITE", "UNLCK"};
	uint32_t type = l->type;

	if (type & LOCK_TYPE_MAND)
		return mand[type >> 6 & 3];
	if (!(l->flags & (LOCK_POSIX | LOCK_FLOCK)))
		type = l->flags & LOCK_UNLOCKING     ? 2
		       : l->flags & LOCK_DOWNGRADING ? 0
						     : type;
	return names[type < 2 ? type : 2];
}

void lock_line_put(struct buf *out, const struct file_lock *l, size_t id)
{
	int32_t pid = l->flags & LOCK_OFDLCK ? -1 : l->pid;

	buf_printf(out, "%zu: ", id);
	if (l->level)
		buf_printf(out, "%*s", (int)l->level + 2, "-> ");
	buf_printf(out, "%s %s %s ", lock_kind(l), lock_state(l), lock_type(l));
	if (l->file)
		buf_printf(out, "%" PRId32 " %02x:%02x:%" PRIu64 " ", pid,
			   dev_major(l->dev), dev_minor(l->dev), l->ino);
	else
		buf_printf(out, "%" PRId32 " <none>:0 ", pid);
	if (!(l->flags & LOCK_POSIX))
		buf_puts(out, "0 EOF\n");
	else if (l->end == INT64_MAX)
		buf_printf(out, "%" PRId64 " EOF\n", l->start);
	else
		buf_printf(out, "%" PRId64 " %" PRId64 "\n", l->start, l->end);
}

static void locks_put(const struct file_locks *l, struct proc_part *part)
{
	bool shown = false;
	size_t i, id = 0;

	for (i = 0; i < l->v.n; i++) {
		const struct file_lock *lock = &l->v.v[i];

		/* one of nobody is counted, and not shown, nor who waits */
		if (!lock->level) {
			id++;
			shown = lock->pid || lock->flags & LOCK_OFDLCK;
		}
		if (!lock_line_is_known(lock) && !part->torn) {
			part->torn = true;
			buf_printf(&part->why,
				   "the lock at 0x%" PRIx64 " cannot be read, "
				   "or is of a kind that qvmi does not know",
				   lock->addr);
		} else if (shown && lock_line_is_known(lock)) {
			lock_line_put(&part->text, lock, id);
		}
	}
}

static int locks_read(struct kernel *k, struct proc_values *out,
		      struct err *err)
{
	_cleanup_(file_locks_deinit) struct file_locks l = {0};
	struct proc_part *part = out->parts;
	int rc = file_locks_read(k, &l, err);

	if (rc)
		return rc;
	locks_put(&l, part);
	if (part->torn || (!l.torn && !l.cut))
		return 0;
	part->torn = true;
	if (l.cut)
		buf_puts(&part->why, "there are more locks than qvmi reads");
	else
		buf_printf(&part->why,
			   "a list of locks is damaged at 0x%" PRIx64,
			   l.torn_at);
	return 0;
}

const struct proc_file proc_locks = {
	.name = "locks",
	.scope = PROC_SYSTEM,
	.read = locks_read,
};
