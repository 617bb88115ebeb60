/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory policies: on which nodes of memory something gets its pages. */
#ifndef KERNEL_MEMPOLICY_H
#define KERNEL_MEMPOLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"

/* include/uapi/linux/mempolicy.h, the same in all versions. */
enum mempolicy_mode {
	MEMPOLICY_DEFAULT,
	MEMPOLICY_PREFERRED,
	MEMPOLICY_BIND,
	MEMPOLICY_INTERLEAVE,
	MEMPOLICY_LOCAL,
	MEMPOLICY_PREFERRED_MANY,      /* 5.15 */
	MEMPOLICY_WEIGHTED_INTERLEAVE, /* 6.9 */
	MEMPOLICY_MODES
};

#define MEMPOLICY_STATIC    0x8000u
#define MEMPOLICY_RELATIVE  0x4000u
#define MEMPOLICY_BALANCING 0x2000u /* 5.12 */

/* Words of 64 bits in a nodemask_t (NODES_SHIFT is 10 at most). */
#define MEMPOLICY_WORDS 16

/*
 * One struct mempolicy, as mpol_to_str() of mm/mempolicy.c sees it: that of
 * the system is the default one, a preferred node is one of `nodes`, and none
 * is LOCAL (which was a flag of PREFERRED up to 5.13).
 */
struct mempolicy {
	bool known; /* false: it cannot be read, or not be judged */
	enum mempolicy_mode mode;
	uint32_t flags; /* of the three above */
	uint64_t nodes[MEMPOLICY_WORDS];
};

/*
 * Read the struct mempolicy at n addresses, each into one of `out`, which are
 * zeroed: one batch.  ERR_NO_LINUX where the kernel has none (no CONFIG_NUMA).
 */
int mempolicies_read(struct kernel *k, const uint64_t *addrs, size_t n,
		     struct mempolicy *out, struct err *err);

/*
 * Append "default", or "bind=static:0-1", as mpol_to_str() prints it into the
 * 64 bytes that show_numa_map() (fs/proc/task_mmu.c) and shmem_show_mpol()
 * (mm/shmem.c) have, 5.10 to 7.2: cut behind 63 letters; "unknown" of one that
 * is not known.
 */
void mempolicy_put(const struct mempolicy *p, struct buf *out);

#endif
