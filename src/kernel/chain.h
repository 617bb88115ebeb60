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
#include "kernel/remarks.h"

/* An object of a chain. */
struct chain_link {
	size_t of; /* which chain */
	size_t nr; /* which of its objects */
	uint64_t at;
};

struct chains {
	VEC(struct chain_link) links; /* chain after chain, in order */
	uint64_t torn_at; /* what is damaged or leads in a circle; or 0 */
	bool cut;	  /* there are more than `most` */
};

/*
 * How objects lead on: by the address of the next one at `next`, or of its
 * member there where `inside`, as a hlist_node has it.  A chain ends with 0; or
 * with `nulls`, as that of hlist_nulls_nodes, with an odd number
 * (include/linux/list.h, list_nulls.h).
 */
struct chain_kind {
	uint32_t next;
	bool inside, nulls;
	size_t most;
};

/* Links of hash tables: struct hlist_node, or hlist_nulls_node. */
#define CHAIN_OF_LINKS(limit)                                \
	{                                                    \
		.inside = true, .nulls = true, .most = limit \
	}

/*
 * Follow n chains from their first objects on (0: there is none), all in step:
 * a batch for each further object of the longest.  At most `most` objects in
 * all.  The caller frees with chains_deinit(), also after an error.
 */
int chains_read(struct kernel *k, const uint64_t *firsts, size_t n,
		const struct chain_kind *kind, struct chains *out,
		struct err *err);
void chains_deinit(struct chains *c);

/* Remark that those chains, of `what` ("sockets"), are torn, or are cut. */
void chains_remark(const struct chains *c, const char *what,
		   struct remarks *remarks);

#endif
