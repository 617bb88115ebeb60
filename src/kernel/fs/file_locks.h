/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks of files, and leases: those that are held, and those that wait. */
#ifndef KERNEL_FILE_LOCKS_H
#define KERNEL_FILE_LOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/* FL_*, include/linux/filelock.h, and LOCK_MAND of flock() up to 5.17. */
#define LOCK_POSIX	 1u
#define LOCK_FLOCK	 2u
#define LOCK_DELEG	 4u
#define LOCK_ACCESS	 8u
#define LOCK_LEASE	 32u
#define LOCK_DOWNGRADING 256u
#define LOCK_UNLOCKING	 512u
#define LOCK_OFDLCK	 1024u
#define LOCK_LAYOUT	 2048u
#define LOCK_TYPE_MAND	 32u

/* One of them: struct file_lock, or from 6.9 on its struct file_lock_core. */
struct file_lock {
	uint64_t addr;
	bool known;	      /* else it cannot be read */
	uint32_t flags;	      /* LOCK_* */
	uint32_t type;	      /* F_RDLCK 0, F_WRLCK 1, F_UNLCK 2 */
	int32_t pid;	      /* as the initial PID namespace has it */
	int64_t start, end;   /* of POSIX locks; INT64_MAX: to the end */
	uint64_t file, owner; /* struct file; files_struct or file */
	bool mandatory;
	uint32_t dev; /* of the file, if there is one */
	uint64_t ino;
	unsigned int level; /* 0: held; 1: it waits for one that is; ... */
};

struct file_locks {
	VEC(struct file_lock) v; /* in the order of /proc/locks */
	bool cut, torn;		 /* there are more */
	uint64_t torn_at;
};

/*
 * All of the system (fs/locks.c, locks_show()): those of each CPU's list, and
 * behind each those that wait for it; up to 5.12 not those that wait for these.
 * A batch for each lock of the longest list and for each step from waiter to
 * waiter, and four more.  ERR_NO_LINUX: they are kept in no way that is known.
 * The caller frees with file_locks_deinit(), also after an error.
 */
int file_locks_read(struct kernel *k, struct file_locks *out, struct err *err);
void file_locks_deinit(struct file_locks *l);

/* Those of one inode. */
struct inode_range {
	size_t first, n;
	bool torn; /* there may be more */
};

/* Those of inodes. */
struct inode_locks {
	struct file_locks all;
	struct map at; /* from a file_lock_context to the number of its range */
	VEC(struct inode_range) ranges;
};

/*
 * Those of n different inodes, by their struct file_lock_context: flock, POSIX,
 * leases, in this order (show_fd_locks()).  The caller frees with
 * inode_locks_deinit(), also after an error.
 */
int inode_locks_read(struct kernel *k, const uint64_t *contexts, size_t n,
		     struct inode_locks *out, struct err *err);
void inode_locks_deinit(struct inode_locks *l);

#endif
