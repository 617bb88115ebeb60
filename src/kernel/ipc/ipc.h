/* SPDX-License-Identifier: BSD-2-Clause */
/* System V IPC: shared memory, semaphores, and queues of messages. */
#ifndef KERNEL_IPC_H
#define KERNEL_IPC_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* Which they are in ipc_namespace.ids (include/linux/ipc_namespace.h). */
enum ipc_kind {
	IPC_SETS,
	IPC_QUEUES,
	IPC_SEGMENTS
};

/* struct kern_ipc_perm, include/linux/ipc.h; users of the initial namespace. */
struct ipc_perm {
	uint64_t addr;
	int32_t key, id;
	uint32_t mode; /* and SHM_DEST, SHM_LOCKED */
	uint32_t uid, gid, cuid, cgid;
};

struct ipc_perms {
	VEC(struct ipc_perm) v;
};

/*
 * Those of a kind in the IPC namespace of PID 1, in the order of /proc, which
 * is that of the table (ipc_ids.ipcs_idr): who is PID 1, then the table level
 * by level, then all of them in one batch.  ERR_NO_LINUX: kept in no way that
 * is known; what is damaged, or more than IPC_OBJECTS_MAX, is left out and in
 * the remarks.  The caller frees with ipc_perms_deinit(), also after an error.
 */
int ipc_perms_read(struct kernel *k, enum ipc_kind kind, struct ipc_perms *out,
		   struct remarks *remarks, struct err *err);
void ipc_perms_deinit(struct ipc_perms *p);

/* Times are in seconds since 1970, and 0 where that never was; PIDs are of the
 * initial namespace, 0 where there is none. */

/* struct shmid_kernel, ipc/shm.c */
struct ipc_segment {
	struct ipc_perm perm;
	uint64_t size, attached;
	uint64_t atime, dtime, ctime;
	uint32_t creator, last;
	uint64_t resident, swapped; /* bytes, as shm_add_rss_swap() has them */
};

struct ipc_segments {
	VEC(struct ipc_segment) v;
};

/* struct sem_array, ipc/sem.c */
struct ipc_set {
	struct ipc_perm perm;
	uint32_t n;	/* semaphores */
	uint64_t otime; /* the last one of them all: get_semotime() */
	uint64_t ctime;
};

struct ipc_sets {
	VEC(struct ipc_set) v;
};

/* struct msg_queue, ipc/msg.c */
struct ipc_queue {
	struct ipc_perm perm;
	uint64_t bytes, messages; /* that wait there */
	uint32_t sender, receiver;
	uint64_t stime, rtime, ctime;
};

struct ipc_queues {
	VEC(struct ipc_queue) v;
};

/*
 * All of a kind, as ipc_perms_read() has them.  Segments take four more batches
 * and those of pids_read(), sets two (those beyond IPC_SEMAPHORES_MAX_ALL
 * semaphores are left out), queues one and those of pids_read().
 */
int ipc_segments_read(struct kernel *k, struct ipc_segments *out,
		      struct remarks *remarks, struct err *err);
int ipc_sets_read(struct kernel *k, struct ipc_sets *out,
		  struct remarks *remarks, struct err *err);
int ipc_queues_read(struct kernel *k, struct ipc_queues *out,
		    struct remarks *remarks, struct err *err);
void ipc_segments_deinit(struct ipc_segments *s);
void ipc_sets_deinit(struct ipc_sets *s);
void ipc_queues_deinit(struct ipc_queues *q);

#endif
