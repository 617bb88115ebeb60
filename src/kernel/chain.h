/* SPDX-License-Identifier: BSD-2-Clause */
/* Chains of hash tables, all of them in step. */
#ifndef KERNEL_CHAIN_H
#define KERNEL_CHAIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/* A link of a chain: struct hlist_node, or hlist_nulls_node. */
struct chain_link {
	size_t chain; /* index of the first link */
	size_t at;    /* which of its links */
	uint64_t link;
};

struct chains {
	VEC(struct chain_link) v; /* chain after chain, in order */
	uint64_t torn_at;	  /* a link that is not as it should be; or 0 */
	bool cut;		  /* there are more than `most` */
};

/*
 * Follow n chains from their first links on, each to its end: 0, or a number
 * whose bit 0 is set (include/linux/list.h, list_nulls.h); 8 bytes of a link
 * tell the next one.  At most `most` links in all; a batch for every link of
 * the longest.  The caller frees with chains_deinit(), also after an error.
 */
int chains_read(struct kernel *k, const uint64_t *firsts, size_t n, size_t most,
		struct chains *out, struct err *err);
void chains_deinit(struct chains *c);

#endif
