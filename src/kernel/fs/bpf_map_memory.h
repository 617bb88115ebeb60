/* SPDX-License-Identifier: BSD-2-Clause */
/* How much memory BPF maps take; a part of bpf_map.h. */
#ifndef KERNEL_BPF_MAP_MEMORY_H
#define KERNEL_BPF_MAP_MEMORY_H

#include "kernel/fs/bpf_map.h"

/* Kinds of maps that are counted in ways of their own (enum bpf_map_type of
 * include/uapi/linux/bpf.h). */
enum {
	BPF_MAP_PROG_ARRAY = 3,
	BPF_MAP_PERF_EVENT_ARRAY,
	BPF_MAP_PERCPU_HASH,
	BPF_MAP_PERCPU_ARRAY,
	BPF_MAP_CGROUP_ARRAY = 8,
	BPF_MAP_LRU_HASH,
	BPF_MAP_LRU_PERCPU_HASH,
	BPF_MAP_ARRAY_OF_MAPS = 12,
	BPF_MAP_HASH_OF_MAPS,
	BPF_MAP_PERCPU_CGROUP_STORAGE = 21,
	BPF_MAP_DEVMAP_HASH = 25
};

/*
 * Set maps[i].memory of n maps whose other members are: from 6.4 on, where
 * functions[i] is the map_mem_usage() of each, by what that is known to count;
 * else, where functions is NULL, by their sizes.  A map of which it is not
 * known is not known.  The batches of cpus_read(), two, and one of shares that
 * CPUs have.
 */
int bpf_map_memory_read(struct kernel *k, const uint64_t *addrs,
			const uint64_t *functions, size_t n,
			struct bpf_map *maps, struct err *err);

#endif
