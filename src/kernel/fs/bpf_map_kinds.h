/* SPDX-License-Identifier: BSD-2-Clause */
/* What the memory of each kind of BPF map is counted from; a part of
 * bpf_map_memory.h. */
#ifndef KERNEL_BPF_MAP_KINDS_H
#define KERNEL_BPF_MAP_KINDS_H

#include "kernel/fs/bpf_map_memory.h"

#define BPF_MAP_FIELDS 6

/* One map, of which all is there that its kind asks for. */
struct bpf_map_use {
	const struct profile *p;
	const struct bpf_map *map;
	uint64_t cpus; /* possible ones */
	uint64_t size; /* bytes of what it is itself */
	uint64_t part; /* and of each thing that it has many of; 0: of none */
	uint64_t v[BPF_MAP_FIELDS]; /* the fields of its kind */
	uint64_t more;		    /* what these led to */
	bool unknown;		    /* set where it cannot be told after all */
};

/* Of a kind with `elements` fields are how many there are, whether CPUs have
 * shares of that, and then the sum and the per-CPU pointer of these. */
enum {
	BPF_MAP_COUNT = 2,
	BPF_MAP_SHARED,
	BPF_MAP_SUM,
	BPF_MAP_SHARES
};

struct bpf_map_kind {
	const char *function; /* the kernel's own that counts it */
	uint32_t size, part;  /* ids of structures; part 0: none */
	uint32_t fields[BPF_MAP_FIELDS];
	size_t n;
	uint32_t next; /* more is this member, to which v[0] leads; 0: no */
	bool elements; /* more is how many elements it has */
	uint64_t (*count)(struct bpf_map_use *u);
};

#define BPF_MAP_KINDS 15

extern const struct bpf_map_kind bpf_map_kinds[BPF_MAP_KINDS];

/* A map's bytes where the kernel goes by its sizes alone (5.11 to 6.3;
 * kernel/bpf/syscall.c, bpf_map_memory_footprint()). */
uint64_t bpf_map_footprint(const struct bpf_map *m, uint64_t cpus);

#endif
