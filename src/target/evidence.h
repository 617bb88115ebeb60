/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a process and a guest are compared: pages in use, by lot. */
#ifndef TARGET_EVIDENCE_H
#define TARGET_EVIDENCE_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "machine/machine.h"
#include "target/process.h"

/* Pieces to compare are of this size, less than a packet, or whole pages. */
#define EVIDENCE_PIECE 256u
#define EVIDENCE_MAX   PAGE_SIZE_4K

struct evidence_place {
	uint64_t pa;
	size_t len;
};

/* Zero-initialise. */
struct evidence {
	VEC(struct evidence_place) at;
};

void evidence_deinit(struct evidence *e);

/*
 * Choose pieces of every range and of the page tables of some vCPUs, on pages
 * that the process has: to look at another one would have the host back it.
 * No two runs choose the same.  A range of which nothing is known to be in use
 * has no piece; it is asked whether the process maps it.  ERR_REFUSED: it does
 * not, or what target_process_read() says.
 */
int evidence_pick(struct target_process *p, const struct machine *m,
		  struct evidence *e, struct err *err);

#endif
