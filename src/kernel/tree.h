/* SPDX-License-Identifier: BSD-2-Clause */
/* Red-black trees of the kernel, level by level. */
#ifndef KERNEL_TREE_H
#define KERNEL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/*
 * A tree of struct rb_node below a struct rb_root, or rb_root_cached, which
 * begins with one (include/linux/rbtree_types.h).  Set `root`, its address (0:
 * there is no such tree), and `most`.  Afterwards `nodes` are the addresses of
 * its nodes, in its order; where it is damaged, or deeper than any
 * (RBTREE_DEPTH_MAX), without what is below there.
 */
struct tree {
	uint64_t root;
	size_t most; /* nodes; a larger tree is cut there */

	VEC(uint64_t) nodes;
	bool cut;
	bool torn;
	uint64_t torn_at; /* a node that cannot be read, or is there twice */
};

/*
 * Read n trees, all in step: a batch for every level of the deepest.
 * ERR_NO_LINUX: the kernel's types do not tell of red-black trees.
 */
int trees_read(struct kernel *k, struct tree *trees, size_t n, struct err *err);
void tree_deinit(struct tree *t);

#endif
