/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory policies as the kernel prints them (mm/mempolicy.c, mpol_to_str()). */
#ifndef PROC_POLICY_H
#define PROC_POLICY_H

#include "base/buf.h"
#include "kernel/mm/mempolicy.h"

/*
 * Append "default", or "bind=static:0-1", cut behind 63 letters as numa_maps
 * has it (fs/proc/task_mmu.c, show_numa_map(), 5.10 to 7.2); "unknown" of one
 * that is not known.
 */
void proc_policy_text(const struct mempolicy *p, struct buf *out);

#endif
