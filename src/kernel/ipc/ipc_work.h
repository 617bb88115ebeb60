/* SPDX-License-Identifier: BSD-2-Clause */
/* What the readers of System V IPC share; theirs alone. */
#ifndef KERNEL_IPC_WORK_H
#define KERNEL_IPC_WORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/ipc/ipc.h"
#include "kernel/records.h"
#include "kernel/task/pid.h"

/*
 * Members of the structures that have these kern_ipc_perms in them, as member
 * `perm`: one batch.  Errors and ownership as records_read().
 */
int ipc_own_read(struct kernel *k, const struct ipc_perms *perms, uint32_t perm,
		 const uint32_t *fields, size_t n_fields, struct records *out,
		 struct err *err);

/* Two struct pids of each of them. */
struct ipc_pids {
	uint64_t *addrs;
	struct pids pids;
};

/* Those that two members of them lead to: as many batches as pids_read().  The
 * caller frees with ipc_pids_deinit(), also after an error. */
int ipc_pids_read(struct kernel *k, const struct records *own, uint32_t first,
		  uint32_t second, struct ipc_pids *out, struct err *err);
void ipc_pids_deinit(struct ipc_pids *p);

/* Whether one of those of object i is there and cannot be read; and the number
 * of its first (0) or second (1) one. */
bool ipc_pids_lost(const struct ipc_pids *p, size_t i);
uint32_t ipc_pid(const struct ipc_pids *p, size_t i, size_t which);

/* Say that one cannot be read. */
void ipc_lost(const struct ipc_perm *perm, struct remarks *remarks);

#endif
