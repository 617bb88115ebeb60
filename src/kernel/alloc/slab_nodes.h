/* SPDX-License-Identifier: BSD-2-Clause */
/* Where slab caches keep what each node has. */
#ifndef KERNEL_SLAB_NODES_H
#define KERNEL_SLAB_NODES_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* Pointers of n caches: n_nodes of each; 0: it has none there. */
struct slab_pointers {
	uint64_t *v;
	size_t n_nodes;
};

/*
 * Read, of caches at these addresses, their struct kmem_cache_node, or struct
 * node_barn (6.18; none in kernels before): one batch, or two.  ERR_NO_LINUX
 * where they are kept in no way that is known.  The caller frees out->v, also
 * after an error.
 */
int slab_nodes_read(struct kernel *k, const uint64_t *caches, size_t n,
		    struct slab_pointers *out, struct err *err);
int slab_barns_read(struct kernel *k, const uint64_t *caches, size_t n,
		    struct slab_pointers *out, struct err *err);

#endif
