/* SPDX-License-Identifier: BSD-2-Clause */
/* Counts the memory of BPF maps as the kernel does: by what each kind is. */
#include "kernel/fs/bpf_map_kinds.h"

#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_ARRAY_ELEM = WANTS_OF(READER_BPF_MAP_KINDS),
	FIELD_HTAB_BUCKETS,
	FIELD_HTAB_ELEM,
	FIELD_HTAB_COUNT,
	FIELD_HTAB_PERCPU,
	FIELD_HTAB_PCOUNT,
	FIELD_HTAB_SHARES,
	FIELD_HTAB_LOCKED,
	FIELD_TRIE_DATA,
	FIELD_TRIE_ENTRIES,
	FIELD_RINGBUF,
	FIELD_RINGBUF_PAGES,
	FIELD_RINGBUF_CONSUMER,
	FIELD_BLOOM_MASK,
	FIELD_STACK_BUCKETS,
	FIELD_DTAB_ITEMS,
	FIELD_DTAB_BUCKETS,
	FIELD_SHTAB_BUCKETS,
	FIELD_SHTAB_COUNT,
	FIELD_SHTAB_ELEM,
	FIELD_STORAGE_BUCKETS,
	FIELD_XSK_COUNT,
	STRUCT_ARRAY,
	STRUCT_HTAB,
	STRUCT_BUCKET,
	STRUCT_TRIE_NODE,
	STRUCT_RINGBUF_MAP,
	STRUCT_QUEUE,
	STRUCT_BLOOM,
	STRUCT_STACK,
	STRUCT_STACK_BUCKET,
	STRUCT_DTAB,
	STRUCT_DTAB_NETDEV,
	STRUCT_CPU_MAP,
	STRUCT_STAB,
	STRUCT_SHTAB,
	STRUCT_SHTAB_BUCKET,
	STRUCT_STORAGE,
	STRUCT_STORAGE_BUCKET,
	STRUCT_CGROUP_STORAGE,
	STRUCT_REUSEPORT,
	STRUCT_XSK,
	STRUCT_XSK_NODE
};

static const struct want want_table[] = {
	FIELD(ARRAY_ELEM, "bpf_array", OPTIONAL, "elem_size"),
	FIELD(HTAB_BUCKETS, "bpf_htab", OPTIONAL, "n_buckets"),
	FIELD(HTAB_ELEM, "bpf_htab", OPTIONAL, "elem_size"),
	FIELD(HTAB_COUNT, "bpf_htab", OPTIONAL, "count"),
	FIELD(HTAB_PERCPU, "bpf_htab", OPTIONAL, "use_percpu_counter"),
	FIELD(HTAB_PCOUNT, "bpf_htab", OPTIONAL, "pcount.count"),
	FIELD(HTAB_SHARES, "bpf_htab", OPTIONAL, "pcount.counters"),
	FIELD(HTAB_LOCKED, "bpf_htab", OPTIONAL, "map_locked"), /* 6.12 */
	FIELD(TRIE_DATA, "lpm_trie", OPTIONAL, "data_size"),
	FIELD(TRIE_ENTRIES, "lpm_trie", OPTIONAL, "n_entries"),
	FIELD(RINGBUF, "bpf_ringbuf_map", OPTIONAL, "rb"),
	FIELD(RINGBUF_PAGES, "bpf_ringbuf", OPTIONAL, "nr_pages"),
	FIELD(RINGBUF_CONSUMER, "bpf_ringbuf", OPTIONAL, "consumer_pos"),
	FIELD(BLOOM_MASK, "bpf_bloom_filter", OPTIONAL, "bitset_mask"),
	FIELD(STACK_BUCKETS, "bpf_stack_map", OPTIONAL, "n_buckets"),
	FIELD(DTAB_ITEMS, "bpf_dtab", OPTIONAL, "items"),
	FIELD(DTAB_BUCKETS, "bpf_dtab", OPTIONAL, "n_buckets"),
	FIELD(SHTAB_BUCKETS, "bpf_shtab", OPTIONAL, "buckets_num"),
	FIELD(SHTAB_COUNT, "bpf_shtab", OPTIONAL, "count"),
	FIELD(SHTAB_ELEM, "bpf_shtab", OPTIONAL, "elem_size"),
	FIELD(STORAGE_BUCKETS, "bpf_local_storage_map", OPTIONAL, "bucket_log"),
	FIELD(XSK_COUNT, "xsk_map", OPTIONAL, "count"),
	STRUCT(ARRAY, "bpf_array", OPTIONAL),
	STRUCT(HTAB, "bpf_htab", OPTIONAL),
	STRUCT(BUCKET, "bucket", OPTIONAL),
	STRUCT(TRIE_NODE, "lpm_trie_node", OPTIONAL),
	STRUCT(RINGBUF_MAP, "bpf_ringbuf_map", OPTIONAL),
	STRUCT(QUEUE, "bpf_queue_stack", OPTIONAL),
	STRUCT(BLOOM, "bpf_bloom_filter", OPTIONAL),
	STRUCT(STACK, "bpf_stack_map", OPTIONAL),
	STRUCT(STACK_BUCKET, "stack_map_bucket", OPTIONAL),
	STRUCT(DTAB, "bpf_dtab", OPTIONAL),
	STRUCT(DTAB_NETDEV, "bpf_dtab_netdev", OPTIONAL),
	STRUCT(CPU_MAP, "bpf_cpu_map", OPTIONAL),
	STRUCT(STAB, "bpf_stab", OPTIONAL),
	STRUCT(SHTAB, "bpf_shtab", OPTIONAL),
	STRUCT(SHTAB_BUCKET, "bpf_shtab_bucket", OPTIONAL),
	STRUCT(STORAGE, "bpf_local_storage_map", OPTIONAL),
	STRUCT(STORAGE_BUCKET, "bpf_local_storage_map_bucket", OPTIONAL),
	STRUCT(CGROUP_STORAGE, "bpf_cgroup_storage_map", OPTIONAL),
	STRUCT(REUSEPORT, "reuseport_array", OPTIONAL),
	STRUCT(XSK, "xsk_map", OPTIONAL),
	STRUCT(XSK_NODE, "xsk_map_node", OPTIONAL),
};

const struct wants bpf_map_kinds_wants = {.reader = "the memory of BPF maps",
					  .v = want_table,
					  .n = WANTS_N(want_table)};

/* include/uapi/linux/bpf.h */
#define GUEST_NO_PREALLOC 1u
#define GUEST_MMAPABLE	  (1u << 10)

#define POINTER		  8u /* bytes, as is a struct llist_node */

static uint64_t round_to(uint64_t bytes, uint64_t to)
{
	return (bytes + to - 1) / to * to;
}

/* round_up(value_size, 8) * num_possible_cpus(), of 32 bits */
static uint32_t map_values(const struct bpf_map *m, uint64_t cpus)
{
	return (uint32_t)(round_to(m->value_size, 8) * cpus);
}

/* elem_size */
static uint64_t use_of_array(struct bpf_map_use *u)
{
	uint64_t bytes = u->map->entries * u->v[0];

	if (u->map->type == BPF_MAP_PERCPU_ARRAY)
		return u->size + u->map->entries * (uint64_t)POINTER +
		       bytes * u->cpus;
	if (u->map->flags & GUEST_MMAPABLE)
		return round_to(u->size, PAGE_SIZE_4K) +
		       round_to(bytes, PAGE_SIZE_4K);
	return u->size + bytes;
}

/*
 * Elements beyond those that were asked for: one for each CPU.  Hashes of maps
 * have none in 7.2, where a function got its name that another had.
 */
static uint64_t htab_extra(struct bpf_map_use *u)
{
	uint64_t va;

	if (u->map->type != BPF_MAP_HASH_OF_MAPS)
		return u->cpus;
	if (profile_symbol(u->p, "htab_map_update_elem_in_place", &va))
		return 0;
	u->unknown |=
		!profile_symbol(u->p, "__htab_percpu_map_update_elem", &va);
	return u->cpus;
}

/* n_buckets, elem_size; and more is how many elements there are */
static uint64_t use_of_htab(struct bpf_map_use *u)
{
	const struct bpf_map *m = u->map;
	bool lru = m->type == BPF_MAP_LRU_HASH ||
		   m->type == BPF_MAP_LRU_PERCPU_HASH;
	bool percpu = m->type == BPF_MAP_PERCPU_HASH ||
		      m->type == BPF_MAP_LRU_PERCPU_HASH;
	bool ahead = !(m->flags & GUEST_NO_PREALLOC);
	uint64_t n = ahead ? m->entries : u->more;
	uint64_t bytes = u->size + u->part * u->v[0];

	if (profile_field(u->p, FIELD_HTAB_LOCKED)->present)
		bytes += 4 * u->cpus * 8; /* HASHTAB_MAP_LOCK_COUNT */
	if (ahead && !percpu && !lru) {
		n += htab_extra(u);
		bytes += POINTER * u->cpus;
	}
	bytes += u->v[1] * n;
	if (!ahead)
		bytes += POINTER * n * (percpu ? 3 : 1);
	if (percpu)
		bytes += map_values(m, u->cpus) * n;
	return bytes;
}

/* data_size, n_entries; its size is that of a node */
static uint64_t use_of_trie(struct bpf_map_use *u)
{
	return (u->size + u->v[0] + u->map->value_size) * u->v[1];
}

#define RINGBUF_POSITIONS 2u /* pages of them */

/* more is how many pages it has */
static uint64_t use_of_ringbuf(struct bpf_map_use *u)
{
	const struct profile_field *consumer =
		profile_field(u->p, FIELD_RINGBUF_CONSUMER);
	uint64_t head = consumer->offset / PAGE_SIZE_4K + RINGBUF_POSITIONS;

	u->unknown |= !consumer->present;
	return u->size + u->more * PAGE_SIZE_4K +
	       (head + 2 * (u->map->entries / PAGE_SIZE_4K)) * POINTER;
}

static uint64_t use_of_queue(struct bpf_map_use *u)
{
	return u->size + ((uint64_t)u->map->entries + 1) * u->map->value_size;
}

/* bitset_mask */
static uint64_t use_of_bloom(struct bpf_map_use *u)
{
	return u->size + round_to((u->v[0] + 1 + 7) / 8, 8);
}

/* n_buckets */
static uint64_t use_of_stacks(struct bpf_map_use *u)
{
	return u->size + u->v[0] * POINTER +
	       u->map->entries * (u->part + u->map->value_size);
}

/* items, n_buckets */
static uint64_t use_of_devices(struct bpf_map_use *u)
{
	bool hash = u->map->type == BPF_MAP_DEVMAP_HASH;

	return u->size + (hash ? u->v[1] : u->map->entries) * POINTER +
	       u->v[0] * u->part;
}

/* A pointer for each entry, and what many of them have. */
static uint64_t use_of_pointers(struct bpf_map_use *u)
{
	return u->size + u->map->entries * (uint64_t)POINTER +
	       u->v[0] * u->part;
}

/* buckets_num, count, elem_size */
static uint64_t use_of_socket_hash(struct bpf_map_use *u)
{
	return u->size + u->v[0] * u->part + u->v[1] * u->v[2];
}

/* bucket_log */
static uint64_t use_of_storage(struct bpf_map_use *u)
{
	u->unknown |= u->v[0] >= 32;
	return u->size + (u->unknown ? 0 : u->part << u->v[0]);
}

static uint64_t use_of_itself(struct bpf_map_use *u)
{
	return u->size;
}

/* How map_mem_usage() of each kind counts (kernel/bpf/, net/core/sock_map.c,
 * net/xdp/xskmap.c; 6.12, 7.2). */
const struct bpf_map_kind bpf_map_kinds[BPF_MAP_KINDS] = {
	{.function = "array_map_mem_usage",
	 .size = STRUCT_ARRAY,
	 .fields = {FIELD_ARRAY_ELEM},
	 .n = 1,
	 .count = use_of_array},
	{.function = "htab_map_mem_usage",
	 .size = STRUCT_HTAB,
	 .part = STRUCT_BUCKET,
	 .fields = {FIELD_HTAB_BUCKETS, FIELD_HTAB_ELEM, FIELD_HTAB_COUNT,
		    FIELD_HTAB_PERCPU, FIELD_HTAB_PCOUNT, FIELD_HTAB_SHARES},
	 .n = 6,
	 .elements = true,
	 .count = use_of_htab},
	{.function = "trie_mem_usage",
	 .size = STRUCT_TRIE_NODE,
	 .fields = {FIELD_TRIE_DATA, FIELD_TRIE_ENTRIES},
	 .n = 2,
	 .count = use_of_trie},
	{.function = "ringbuf_map_mem_usage",
	 .size = STRUCT_RINGBUF_MAP,
	 .fields = {FIELD_RINGBUF},
	 .n = 1,
	 .next = FIELD_RINGBUF_PAGES,
	 .count = use_of_ringbuf},
	{.function = "queue_stack_map_mem_usage",
	 .size = STRUCT_QUEUE,
	 .count = use_of_queue},
	{.function = "bloom_map_mem_usage",
	 .size = STRUCT_BLOOM,
	 .fields = {FIELD_BLOOM_MASK},
	 .n = 1,
	 .count = use_of_bloom},
	{.function = "stack_map_mem_usage",
	 .size = STRUCT_STACK,
	 .part = STRUCT_STACK_BUCKET,
	 .fields = {FIELD_STACK_BUCKETS},
	 .n = 1,
	 .count = use_of_stacks},
	{.function = "dev_map_mem_usage",
	 .size = STRUCT_DTAB,
	 .part = STRUCT_DTAB_NETDEV,
	 .fields = {FIELD_DTAB_ITEMS, FIELD_DTAB_BUCKETS},
	 .n = 2,
	 .count = use_of_devices},
	{.function = "cpu_map_mem_usage",
	 .size = STRUCT_CPU_MAP,
	 .count = use_of_pointers},
	{.function = "sock_map_mem_usage",
	 .size = STRUCT_STAB,
	 .count = use_of_pointers},
	{.function = "sock_hash_mem_usage",
	 .size = STRUCT_SHTAB,
	 .part = STRUCT_SHTAB_BUCKET,
	 .fields = {FIELD_SHTAB_BUCKETS, FIELD_SHTAB_COUNT, FIELD_SHTAB_ELEM},
	 .n = 3,
	 .count = use_of_socket_hash},
	{.function = "bpf_local_storage_map_mem_usage",
	 .size = STRUCT_STORAGE,
	 .part = STRUCT_STORAGE_BUCKET,
	 .fields = {FIELD_STORAGE_BUCKETS},
	 .n = 1,
	 .count = use_of_storage},
	{.function = "cgroup_storage_map_usage",
	 .size = STRUCT_CGROUP_STORAGE,
	 .count = use_of_itself},
	{.function = "reuseport_array_mem_usage",
	 .size = STRUCT_REUSEPORT,
	 .count = use_of_pointers},
	{.function = "xsk_map_mem_usage",
	 .size = STRUCT_XSK,
	 .part = STRUCT_XSK_NODE,
	 .fields = {FIELD_XSK_COUNT},
	 .n = 1,
	 .count = use_of_pointers},
};

uint64_t bpf_map_footprint(const struct bpf_map *m, uint64_t cpus)
{
	uint32_t value = m->value_size;

	switch (m->type) {
	case BPF_MAP_PERCPU_HASH:
	case BPF_MAP_LRU_PERCPU_HASH:
	case BPF_MAP_PERCPU_ARRAY:
	case BPF_MAP_PERCPU_CGROUP_STORAGE:
		value = map_values(m, cpus);
		break;
	case BPF_MAP_PERF_EVENT_ARRAY:
	case BPF_MAP_CGROUP_ARRAY:
	case BPF_MAP_ARRAY_OF_MAPS:
	case BPF_MAP_PROG_ARRAY:
	case BPF_MAP_HASH_OF_MAPS:
		value = sizeof(uint32_t);
		break;
	default:
		break;
	}
	return round_to(m->entries * round_to(m->key_size + value, 8),
			PAGE_SIZE_4K);
}
