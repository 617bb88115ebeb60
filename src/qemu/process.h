/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory out of the QEMU process that holds it. */
#ifndef QEMU_PROCESS_H
#define QEMU_PROCESS_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "gdbrsp/wait.h"
#include "machine/machine.h"
#include "qemu/areas.h"
#include "qemu/bound.h"
#include "qemu/present.h"

/* Guest physical [start, start + size) lies at hva in the process. */
struct process_block {
	uint64_t start;
	uint64_t size;
	uint64_t hva;
};

/* Zero-initialise. */
struct qemu_process {
	struct qemu_bound bound;
	VEC(struct process_block) blocks; /* ascending, disjoint */
	const struct gdbrsp_wait *limits; /* of a read; NULL: none */
	struct qemu_present present;
	struct qemu_areas areas; /* loaded when first a page is not there */
	bool denied;		 /* some ERR_REFUSED was for want of rights */
};

void qemu_process_deinit(struct qemu_process *p);

/*
 * Hold that process, in place of any other, and nothing that was learnt of
 * that one.  ERR_REFUSED: there is none, or we may not read it, or this host
 * cannot hold one; p has none then.
 */
int qemu_process_bind(struct qemu_process *p, pid_t pid, struct err *err);

/*
 * Answer all n reads: what the process has by process_vm_readv(2), so many at
 * once as one call takes, and after each it is looked at whether that was the
 * process that is bound.  (Reads by its descriptor prove the same, each by a
 * call of its own: 3 to 4 times slower where pieces are of 8 to 4,096 bytes,
 * while that look takes some 5 us a batch.)  No page that the host never backed
 * is touched, for that would back it: it is zeros where the memory is
 * anonymous, and else what its file has there (areas.h; what is AREA_OPAQUE is
 * read).  MEM_FAILED: a piece that is not in the blocks, or that the process
 * does not map (asked for alone), or that is AREA_TO_COME.
 *
 * 0; ERR_REFUSED: that process is gone, and no byte of another one is left in
 * any dst; or we may not read it (ptrace(2),
 * PTRACE_MODE_ATTACH_REALCREDS) or its pagemap; ERR_INTERRUPTED; ERR_NOMEM.
 * After an error no status counts.
 */
int qemu_process_read(struct qemu_process *p, struct mem_read *reads, size_t n,
		      struct err *err);

/* Pages may have come since the last read: the guest was written to. */
void qemu_process_forget(struct qemu_process *p);

/*
 * Which of the PRESENT_PAGES pages around pa, whose host virtual address is
 * *hva, the process has; *pages is 0 where pa is in no block.  Errors likewise.
 */
int qemu_process_pages(struct qemu_process *p, uint64_t pa, uint64_t *hva,
		       uint64_t *pages, struct err *err);

/*
 * Whether each block may be a guest's memory (qemu_areas_refuse()):
 * ERR_REFUSED where one is not.  Errors likewise.
 */
int qemu_process_check(struct qemu_process *p, struct err *err);

#endif
