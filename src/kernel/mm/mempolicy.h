/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory policies: on which nodes of memory VMAs get their pages. */
#ifndef KERNEL_MEMPOLICY_H
#define KERNEL_MEMPOLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/vma.h"
#include "kernel/task/task.h"

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
 * The policies of many VMAs: that of VMA j of lists[i] is v[of[first[i] + j]].
 * v[0] is the default one, and v[1] stands for all that are not known.
 */
struct vma_policies {
	struct mempolicy *v;
	size_t n;
	uint32_t *of;
	size_t *first;
};

/*
 * Read those of all VMAs of n lists, of the tasks that have them: a VMA's own
 * or, of shared memory, its file's (vm_ops.get_policy); else the task's, else
 * the default one.  Five batches, and one for each level of the trees that
 * files have.  ERR_NO_LINUX where the kernel has no policies (no CONFIG_NUMA).
 * The caller frees with vma_policies_deinit(), also after an error.
 */
int vma_policies_read(struct kernel *k, const struct task *tasks,
		      const struct vma_list *lists, size_t n,
		      struct vma_policies *out, struct err *err);
void vma_policies_deinit(struct vma_policies *p);

/* That of VMA j of lists[i]. */
const struct mempolicy *vma_policy(const struct vma_policies *p, size_t i,
				   size_t j);

#endif
