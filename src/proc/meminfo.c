/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/meminfo (fs/proc/meminfo.c, mm/hugetlb.c, mm/memtest.c). */
#include <inttypes.h>
#include <stdlib.h>

#include "kernel/alloc/meminfo.h"
#include "proc/proc.h"

/* Each with the blanks that the kernel has behind it. */
static const struct {
	const char *label;
	int width;
	bool is_count;
} lines[MEMINFO_LINES] = {
	[MEMINFO_TOTAL] = {"MemTotal:       ", 8, false},
	[MEMINFO_FREE] = {"MemFree:        ", 8, false},
	[MEMINFO_AVAILABLE] = {"MemAvailable:   ", 8, false},
	[MEMINFO_BUFFERS] = {"Buffers:        ", 8, false},
	[MEMINFO_CACHED] = {"Cached:         ", 8, false},
	[MEMINFO_SWAP_CACHED] = {"SwapCached:     ", 8, false},
	[MEMINFO_ACTIVE] = {"Active:         ", 8, false},
	[MEMINFO_INACTIVE] = {"Inactive:       ", 8, false},
	[MEMINFO_ACTIVE_ANON] = {"Active(anon):   ", 8, false},
	[MEMINFO_INACTIVE_ANON] = {"Inactive(anon): ", 8, false},
	[MEMINFO_ACTIVE_FILE] = {"Active(file):   ", 8, false},
	[MEMINFO_INACTIVE_FILE] = {"Inactive(file): ", 8, false},
	[MEMINFO_UNEVICTABLE] = {"Unevictable:    ", 8, false},
	[MEMINFO_MLOCKED] = {"Mlocked:        ", 8, false},
	[MEMINFO_SWAP_TOTAL] = {"SwapTotal:      ", 8, false},
	[MEMINFO_SWAP_FREE] = {"SwapFree:       ", 8, false},
	[MEMINFO_ZSWAP] = {"Zswap:          ", 8, false},
	[MEMINFO_ZSWAPPED] = {"Zswapped:       ", 8, false},
	[MEMINFO_DIRTY] = {"Dirty:          ", 8, false},
	[MEMINFO_WRITEBACK] = {"Writeback:      ", 8, false},
	[MEMINFO_ANON_PAGES] = {"AnonPages:      ", 8, false},
	[MEMINFO_MAPPED] = {"Mapped:         ", 8, false},
	[MEMINFO_SHMEM] = {"Shmem:          ", 8, false},
	[MEMINFO_KRECLAIMABLE] = {"KReclaimable:   ", 8, false},
	[MEMINFO_SLAB] = {"Slab:           ", 8, false},
	[MEMINFO_SRECLAIMABLE] = {"SReclaimable:   ", 8, false},
	[MEMINFO_SUNRECLAIM] = {"SUnreclaim:     ", 8, false},
	[MEMINFO_KERNEL_STACK] = {"KernelStack:    ", 8, false},
	[MEMINFO_PAGE_TABLES] = {"PageTables:     ", 8, false},
	[MEMINFO_SEC_PAGE_TABLES] = {"SecPageTables:  ", 8, false},
	[MEMINFO_NFS_UNSTABLE] = {"NFS_Unstable:   ", 8, false},
	[MEMINFO_BOUNCE] = {"Bounce:         ", 8, false},
	[MEMINFO_WRITEBACK_TMP] = {"WritebackTmp:   ", 8, false},
	[MEMINFO_COMMIT_LIMIT] = {"CommitLimit:    ", 8, false},
	[MEMINFO_COMMITTED_AS] = {"Committed_AS:   ", 8, false},
	[MEMINFO_VMALLOC_TOTAL] = {"VmallocTotal:   ", 8, false},
	[MEMINFO_VMALLOC_USED] = {"VmallocUsed:    ", 8, false},
	[MEMINFO_VMALLOC_CHUNK] = {"VmallocChunk:   ", 8, false},
	[MEMINFO_PERCPU] = {"Percpu:         ", 8, false},
	[MEMINFO_MEMTEST_BAD] = {"EarlyMemtestBad:   ", 5, false},
	[MEMINFO_CORRUPTED] = {"HardwareCorrupted: ", 5, false},
	[MEMINFO_ANON_HUGE] = {"AnonHugePages:  ", 8, false},
	[MEMINFO_SHMEM_HUGE] = {"ShmemHugePages: ", 8, false},
	[MEMINFO_SHMEM_PMD] = {"ShmemPmdMapped: ", 8, false},
	[MEMINFO_FILE_HUGE] = {"FileHugePages:  ", 8, false},
	[MEMINFO_FILE_PMD] = {"FilePmdMapped:  ", 8, false},
	[MEMINFO_CMA_TOTAL] = {"CmaTotal:       ", 8, false},
	[MEMINFO_CMA_FREE] = {"CmaFree:        ", 8, false},
	[MEMINFO_UNACCEPTED] = {"Unaccepted:     ", 8, false},
	[MEMINFO_BALLOON] = {"Balloon:        ", 8, false},
	[MEMINFO_GPU_ACTIVE] = {"GPUActive:      ", 8, false},
	[MEMINFO_GPU_RECLAIM] = {"GPUReclaim:     ", 8, false},
	[MEMINFO_HUGE_TOTAL] = {"HugePages_Total:   ", 5, true},
	[MEMINFO_HUGE_FREE] = {"HugePages_Free:    ", 5, true},
	[MEMINFO_HUGE_RSVD] = {"HugePages_Rsvd:    ", 5, true},
	[MEMINFO_HUGE_SURP] = {"HugePages_Surp:    ", 5, true},
	[MEMINFO_HUGE_SIZE] = {"Hugepagesize:   ", 8, false},
	[MEMINFO_HUGETLB] = {"Hugetlb:        ", 8, false},
	[MEMINFO_DIRECT_4K] = {"DirectMap4k:    ", 8, false},
	[MEMINFO_DIRECT_2M] = {"DirectMap2M:    ", 8, false},
	[MEMINFO_DIRECT_1G] = {"DirectMap1G:    ", 8, false},
};

static int proc_meminfo_read(struct kernel *k, struct proc_values *out,
			     struct err *err)
{
	struct meminfo *m = calloc(1, sizeof(*m));

	out->own = m;
	if (!m)
		return err_nomem(err);
	out->parts->records = MEMINFO_LINES;
	return meminfo_read(k, m, err);
}

static void proc_meminfo_text(const struct proc_values *v, size_t i,
			      size_t record, struct buf *out)
{
	const struct meminfo *m = v->own;

	(void)i;
	if (m->known[record])
		buf_printf(out, "%s%*" PRIu64 "%s\n", lines[record].label,
			   lines[record].width, m->v[record],
			   lines[record].is_count ? "" : " kB");
}

static void proc_meminfo_deinit(struct proc_values *v)
{
	free(v->own);
}

const struct proc_file proc_meminfo = {
	.name = "meminfo",
	.scope = PROC_SYSTEM,
	.read = proc_meminfo_read,
	.text = proc_meminfo_text,
	.deinit = proc_meminfo_deinit,
};
