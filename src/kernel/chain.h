/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains of objects that lead only forward: hash tables, and lists of old. */
#ifndef KERNEL_CHAIN_H
#define KERNEL_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/* An object of a chain. */
struct chain_link {
	size_t of; /* which chain */
	uint64_t at;
};

struct chains {
	VEC(struct chain_link) links; /* of each chain in its order */
	bool torn; /* one is damaged, leads in a circle, or goes too far */
	uint64_t torn_at;
};

/*
 * Follow n chains from their first objects on (0: there is none), all in step:
 * a batch for each further object of the longest.  Objects have the address of
 * the next one at `next`, or of its member there where `inside`, as a
 * hlist_node has it.  At most `most` objects.  The caller frees with
 * chains_deinit(), also after an error.
 */
struct chain_kind {
	uint32_t next;
	bool inside;
	size_t most;
};

int chains_read(struct kernel *k, const uint64_t *firsts, size_t n,
		const struct chain_kind *kind, struct chains *out,
		struct err *err);
void chains_deinit(struct chains *c);

#endif
