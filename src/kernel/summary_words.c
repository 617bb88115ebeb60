/* SPDX-License-Identifier: BSD-2-Clause */
/* Fetches what sums up a kernel. */
#include "kernel/summary_words.h"

#include "base/cleanup.h"
#include "kernel/ahead.h"
#include "kernel/variables.h"

/* Bytes of each: as many as are mostly asked for; more does no harm. */
static const struct {
	const char *name;
	size_t size;
} words[] = {
	{"vm_zone_stat", 128},
	{"vm_node_stat", 640},
	{"vm_numa_event|vm_numa_stat", 64},
	{"_totalram_pages|totalram_pages", 8},
	{"totalreserve_pages", 8},
	{"total_swap_pages", 8},
	{"nr_swap_pages", 8},
	{"sysctl_overcommit_kbytes", 8},
	{"sysctl_overcommit_ratio", 4},
	{"nr_vmalloc_pages", 8},
	{"pcpu_nr_populated", 8},
	{"pcpu_nr_units", 4},
	{"num_poisoned_pages", 8},
	{"totalcma_pages", 8},
	{"zswap_stored_pages", 8},
	{"hugetlb_max_hstate", 4},
	{"default_hstate_idx", 4},
	{"direct_pages_count", 32},
	{"direct_gbpages", 4},
	{"blockdev_superblock", 8},
	{"vm_committed_as", 64},
	{"nr_cpu_ids", 4},
	{"__per_cpu_offset", 512},
	{"__cpu_online_mask", 8},
	{"__cpu_possible_mask", 8},
	{"node_data", 8192},
	{"node_states", 256},
	{"vm_dirty_bytes", 8},
	{"dirty_background_bytes", 8},
	{"vm_dirty_ratio", 4},
	{"dirty_background_ratio", 4},
	{"nr_memmap_pages", 8},
	{"nr_memmap_boot_pages", 8},
	{"vmstat_text", 1600},
	{"total_forks", 8},
	{"nr_threads", 4},
	{"avenrun", 24},
	{"tick_nohz_active", 4},
	{"timekeeper_data|tk_core", 320},
	{"nr_irqs|total_nr_irqs", 4},
	{"irq_desc_tree|sparse_irqs", 32},
	{"softirq_to_name", 80},
	{"system_vectors", 32},
	{"x86_platform_ipi_callback", 8},
	{"irq_err_count", 4},
	{"irq_mis_count", 4},
};

#define N_WORDS (sizeof(words) / sizeof(words[0]))

int summary_words_fetch(struct kernel *k, struct err *err)
{
	_cleanup_(ahead_deinit) struct ahead ahead = {0};
	uint64_t va;
	size_t i;

	for (i = 0; i < N_WORDS; i++)
		if (variable_find(k, words[i].name, &va) &&
		    ahead_add(&ahead, k, va, words[i].size))
			return err_nomem(err);
	return ahead_fetch(&ahead, k, err);
}
