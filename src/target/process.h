/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory out of the QEMU process that holds it. */
#ifndef TARGET_PROCESS_H
#define TARGET_PROCESS_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/vec.h"
#include "machine/machine.h"

/* Guest physical [start, start + size) lies at hva in the process. */
struct process_block {
	uint64_t start;
	uint64_t size;
	uint64_t hva;
};

/* Zero-initialise. */
struct target_process {
	pid_t pid;
	VEC(struct process_block) blocks;	/* ascending, disjoint */
	const volatile sig_atomic_t *interrupt; /* ends a read; may be NULL */
};

void target_process_deinit(struct target_process *p);

/*
 * Answer all n reads by process_vm_readv(2), so many at once as one call
 * takes.  MEM_FAILED: a piece that is not in the blocks, or that the process
 * does not map (asked for alone).
 *
 * 0; ERR_REFUSED: that process is gone, or we may not read it (ptrace(2),
 * PTRACE_MODE_ATTACH_REALCREDS); ERR_INTERRUPTED.  After an error no status
 * counts.
 */
int target_process_read(const struct target_process *p, struct mem_read *reads,
			size_t n, struct err *err);

#endif
