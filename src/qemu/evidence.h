/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a process and a guest are compared: pages in use, by lot. */
#ifndef QEMU_EVIDENCE_H
#define QEMU_EVIDENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "machine/machine.h"
#include "qemu/process.h"

/* Pieces to compare are of this size, less than a packet, or whole pages. */
#define EVIDENCE_PIECE 256u

struct evidence_place {
	uint64_t pa;
	size_t len;
	bool fixed; /* whoever answers could have foretold it */
};

bool evidence_is_zero(const uint8_t *bytes, size_t len);

/* Ways down from the roots of page tables. */
#define EVIDENCE_WAYS 16u

/* Zero-initialise, but for `again`. */
struct evidence {
	bool again; /* all this was shown before: a place of each range will do
		     */
	VEC(struct evidence_place) at;
	size_t from;		      /* the first that is not compared yet */
	uint64_t ways[EVIDENCE_WAYS]; /* the next table of each; 0: it ends */
	unsigned int depth;
	bool few; /* of what was drawn by lot little is in use */
};

void evidence_deinit(struct evidence *e);

/*
 * Choose pieces of every range and of the page tables of some vCPUs, on pages
 * that the process has: to look at another one would have the host back it.
 * No two runs choose the same.  A range of which nothing is known to be in use
 * has no piece.  ERR_REFUSED: what qemu_process_read() says.
 */
int evidence_pick(struct qemu_process *p, const struct machine *m,
		  struct evidence *e, struct err *err);

/*
 * All places so far were compared, and are alike: add some of page tables, one
 * level further down, if there are few of the others; none comes (e->from is
 * e->at.n) at the end.  An address is taken only out of bytes that were
 * compared, so that no question tells the stub what it has not said itself.
 */
int evidence_go_on(struct qemu_process *p, const struct machine *m,
		   struct evidence *e, struct err *err);

#endif
