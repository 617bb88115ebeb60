/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks of all pages of a range. */
#ifndef WALK_RANGE_H
#define WALK_RANGE_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "machine/machine.h"
#include "walk/walk.h"

/* More would be more rows than anyone reads. */
#define WALK_RANGE_MAX (1ULL << 30)

/*
 * Pages that follow each other and go the same way: through the same tables, to
 * the same end, with the same bits, and to frames that follow each other.
 */
struct walk_run {
	struct walk walk; /* of the first */
	uint64_t len;	  /* bytes, from walk.va on */
};

struct walk_runs {
	VEC(struct walk_run) list;
};

/*
 * Walk every page of [at, at + len), which does not run over the end of 64
 * bits; a hole that one entry makes is one walk.  The caller frees with
 * walk_runs_deinit(), also after an error.
 */
int walk_range(struct machine *m, const struct walk_root *root, uint64_t at,
	       uint64_t len, struct walk_runs *out, struct err *err);
void walk_runs_deinit(struct walk_runs *runs);

#endif
