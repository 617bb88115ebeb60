/* SPDX-License-Identifier: BSD-2-Clause */
/* Tries of IPv4 routes: the leaves of each. */
#ifndef KERNEL_FIB_TRIE_H
#define KERNEL_FIB_TRIE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

struct fib_leaf {
	size_t trie; /* index */
	uint32_t key;
	uint64_t first; /* of its aliases: a chain */
};

struct fib_leaves {
	VEC(struct fib_leaf) v; /* by trie, then by key */
};

/*
 * Those of n tries, which begin at struct trie (net/ipv4/fib_trie.c), level by
 * level.  The caller frees with fib_leaves_deinit(), also after an error.
 */
int fib_leaves_read(struct kernel *k, const uint64_t *tries, size_t n,
		    struct fib_leaves *out, struct remarks *remarks,
		    struct err *err);
void fib_leaves_deinit(struct fib_leaves *l);

#endif
