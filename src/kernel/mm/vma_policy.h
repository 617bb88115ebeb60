/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory policies of VMAs: on which nodes of memory they get their pages. */
#ifndef KERNEL_VMA_POLICY_H
#define KERNEL_VMA_POLICY_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/mm/vma.h"
#include "kernel/task/mempolicy.h"
#include "kernel/task/task.h"

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
