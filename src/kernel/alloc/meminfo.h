/* SPDX-License-Identifier: BSD-2-Clause */
/* How memory is used, as the kernel sums it up. */
#ifndef KERNEL_MEMINFO_H
#define KERNEL_MEMINFO_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/alloc/vm_counters.h"
#include "kernel/kernel.h"

/* The lines of /proc/meminfo, in their order (fs/proc/meminfo.c). */
enum meminfo_line {
	MEMINFO_TOTAL,
	MEMINFO_FREE,
	MEMINFO_AVAILABLE,
	MEMINFO_BUFFERS,
	MEMINFO_CACHED,
	MEMINFO_SWAP_CACHED,
	MEMINFO_ACTIVE,
	MEMINFO_INACTIVE,
	MEMINFO_ACTIVE_ANON,
	MEMINFO_INACTIVE_ANON,
	MEMINFO_ACTIVE_FILE,
	MEMINFO_INACTIVE_FILE,
	MEMINFO_UNEVICTABLE,
	MEMINFO_MLOCKED,
	MEMINFO_SWAP_TOTAL,
	MEMINFO_SWAP_FREE,
	MEMINFO_ZSWAP,
	MEMINFO_ZSWAPPED,
	MEMINFO_DIRTY,
	MEMINFO_WRITEBACK,
	MEMINFO_ANON_PAGES,
	MEMINFO_MAPPED,
	MEMINFO_SHMEM,
	MEMINFO_KRECLAIMABLE,
	MEMINFO_SLAB,
	MEMINFO_SRECLAIMABLE,
	MEMINFO_SUNRECLAIM,
	MEMINFO_KERNEL_STACK,
	MEMINFO_PAGE_TABLES,
	MEMINFO_SEC_PAGE_TABLES,
	MEMINFO_NFS_UNSTABLE,
	MEMINFO_BOUNCE,
	MEMINFO_WRITEBACK_TMP,
	MEMINFO_COMMIT_LIMIT,
	MEMINFO_COMMITTED_AS,
	MEMINFO_VMALLOC_TOTAL,
	MEMINFO_VMALLOC_USED,
	MEMINFO_VMALLOC_CHUNK,
	MEMINFO_PERCPU,
	MEMINFO_MEMTEST_BAD,
	MEMINFO_CORRUPTED,
	MEMINFO_ANON_HUGE,
	MEMINFO_SHMEM_HUGE,
	MEMINFO_SHMEM_PMD,
	MEMINFO_FILE_HUGE,
	MEMINFO_FILE_PMD,
	MEMINFO_CMA_TOTAL,
	MEMINFO_CMA_FREE,
	MEMINFO_UNACCEPTED,
	MEMINFO_BALLOON,
	MEMINFO_GPU_ACTIVE,
	MEMINFO_GPU_RECLAIM,
	MEMINFO_HUGE_TOTAL, /* this and three more are counts of huge pages */
	MEMINFO_HUGE_FREE,
	MEMINFO_HUGE_RSVD,
	MEMINFO_HUGE_SURP,
	MEMINFO_HUGE_SIZE,
	MEMINFO_HUGETLB,
	MEMINFO_DIRECT_4K,
	MEMINFO_DIRECT_2M,
	MEMINFO_DIRECT_1G,
	MEMINFO_LINES
};

struct meminfo {
	uint64_t v[MEMINFO_LINES]; /* in KiB, but for the counts */
	bool known[MEMINFO_LINES]; /* this kernel has such a line */
};

/*
 * Read all of them (docs/facts/kernel.md, "Memory in use"): as many batches
 * whatever there is, but for a list of block devices.  ERR_NO_LINUX,
 * ERR_UNREADABLE.
 */
int meminfo_read(struct kernel *k, struct meminfo *out, struct err *err);

/*
 * Take the lines that counters make up, of the system or of one node: nothing
 * is read.  *out begins with zeros; "Cached" is all that is cached then.
 */
void meminfo_take_counters(const struct kernel *k, const struct vm_globals *g,
			   struct meminfo *out);

/* Of a line in KiB, its pages; and the line that a number of pages makes. */
uint64_t meminfo_pages(const struct meminfo *m, enum meminfo_line line);
void meminfo_put(struct meminfo *m, enum meminfo_line line, uint64_t pages);

/* Its part in meminfo_parts.c: what counters alone do not tell. */
int meminfo_read_parts(struct kernel *k, struct meminfo *out, struct err *err);

#endif
