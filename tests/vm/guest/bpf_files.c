/* SPDX-License-Identifier: BSD-2-Clause */
/* A scene about descriptors of BPF: maps, programs, links, types. */
#include "guest.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* What headers of older kernels lack (include/uapi/linux/bpf.h). */
enum {
	TYPE_USER_RINGBUF = 31,
	PROGRAM_NETFILTER = 32,
	LINK_NETFILTER = 45,
	LINK_TCX_INGRESS = 46,
};

#define FLAG_NO_PREALLOC 1u
#define FLAG_MMAPABLE	 (1u << 10)

#define INT_TYPE	 1 /* the one type that load_types() has */

static int bpf(int command, const union bpf_attr *attr)
{
	return syscall(SYS_bpf, command, attr, sizeof(*attr));
}

/* A new attribute that is all zeros. */
static union bpf_attr *nothing(void)
{
	static union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	return &attr;
}

/* A program that returns a number. */
static int load(int type, int attach, uint32_t target, int returns)
{
	const struct bpf_insn insns[] = {
		{.code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = returns},
		{.code = BPF_JMP | BPF_EXIT},
	};
	union bpf_attr *attr = nothing();

	attr->prog_type = type;
	attr->expected_attach_type = attach;
	attr->attach_btf_id = target;
	attr->insns = (uintptr_t)insns;
	attr->insn_cnt = sizeof(insns) / sizeof(insns[0]);
	attr->license = (uintptr_t) "GPL";
	return bpf(BPF_PROG_LOAD, attr);
}

static int load_types(void)
{
	static const struct {
		struct btf_header header;
		struct btf_type type;
		uint32_t encoding;
		char names[5];
	} types = {{.magic = BTF_MAGIC,
		    .version = BTF_VERSION,
		    .hdr_len = sizeof(struct btf_header),
		    .type_len = 16,
		    .str_off = 16,
		    .str_len = sizeof(types.names)},
		   {.name_off = 1, .info = BTF_KIND_INT << 24, .size = 4},
		   32,
		   "\0int"};
	union bpf_attr *attr = nothing();

	attr->btf = (uintptr_t)&types;
	attr->btf_size = sizeof(struct btf_header) + 16 + sizeof(types.names);
	return bpf(BPF_BTF_LOAD, attr);
}

/* Of all kinds, and with elements where what they take depends on that. */
static const struct map_kind {
	int type;
	uint32_t key, value, entries, flags;
	uint32_t elements;
} map_kinds[] = {
	{BPF_MAP_TYPE_ARRAY, 4, 12, 5, 0, 0},
	{BPF_MAP_TYPE_ARRAY, 4, 8, 600, FLAG_MMAPABLE, 0},
	{BPF_MAP_TYPE_PERCPU_ARRAY, 4, 12, 3, 0, 0},
	{BPF_MAP_TYPE_HASH, 4, 8, 100, 0, 3},
	{BPF_MAP_TYPE_HASH, 4, 8, 10, FLAG_NO_PREALLOC, 3},
	{BPF_MAP_TYPE_HASH, 4, 8, 10000, FLAG_NO_PREALLOC, 50},
	{BPF_MAP_TYPE_PERCPU_HASH, 4, 4, 10, 0, 2},
	{BPF_MAP_TYPE_PERCPU_HASH, 4, 4, 10, FLAG_NO_PREALLOC, 2},
	{BPF_MAP_TYPE_LRU_HASH, 4, 4, 10, 0, 2},
	{BPF_MAP_TYPE_LRU_PERCPU_HASH, 4, 4, 10, 0, 2},
	{BPF_MAP_TYPE_LPM_TRIE, 8, 4, 10, FLAG_NO_PREALLOC, 2},
	{BPF_MAP_TYPE_RINGBUF, 0, 0, 8192, 0, 0},
	{TYPE_USER_RINGBUF, 0, 0, 4096, 0, 0},
	{BPF_MAP_TYPE_QUEUE, 0, 4, 7, 0, 0},
	{BPF_MAP_TYPE_STACK, 0, 8, 3, 0, 0},
	{BPF_MAP_TYPE_BLOOM_FILTER, 0, 4, 100, 0, 0},
	{BPF_MAP_TYPE_STACK_TRACE, 4, 128, 20, 0, 0},
	{BPF_MAP_TYPE_DEVMAP, 4, 4, 3, 0, 1},
	{BPF_MAP_TYPE_DEVMAP_HASH, 4, 4, 5, 0, 1},
	{BPF_MAP_TYPE_CPUMAP, 4, 4, 1, 0, 0},
	{BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 4, 8, 3, 0, 0},
	{BPF_MAP_TYPE_XSKMAP, 4, 4, 3, 0, 0},
	{BPF_MAP_TYPE_ARRAY_OF_MAPS, 4, 4, 3, 0, 0},
	{BPF_MAP_TYPE_HASH_OF_MAPS, 4, 4, 3, 0, 0},
	{BPF_MAP_TYPE_PERF_EVENT_ARRAY, 4, 4, 2, 0, 0},
	{BPF_MAP_TYPE_CGROUP_ARRAY, 4, 4, 2, 0, 0},
	{BPF_MAP_TYPE_CGROUP_STORAGE, 8, 8, 0, 0, 0},
	{BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE, 8, 8, 0, 0, 0},
	{BPF_MAP_TYPE_SOCKMAP, 4, 4, 4, 0, 0},
	{BPF_MAP_TYPE_SOCKHASH, 4, 4, 4, 0, 0},
	{BPF_MAP_TYPE_SK_STORAGE, 4, 4, 0, FLAG_NO_PREALLOC, 0},
	{BPF_MAP_TYPE_PROG_ARRAY, 4, 4, 2, 0, 0},
};

static void set_element(int map, const void *key, const void *value)
{
	union bpf_attr *attr = nothing();

	attr->map_fd = map;
	attr->key = (uintptr_t)key;
	attr->value = (uintptr_t)value;
	NEED(bpf(BPF_MAP_UPDATE_ELEM, attr) == 0);
}

/* -1: this kernel has none of that kind. */
static int make_map(const struct map_kind *kind, int inner, int types)
{
	union bpf_attr *attr = nothing();
	uint32_t i;
	int fd;

	attr->map_type = kind->type;
	attr->key_size = kind->key;
	attr->value_size = kind->value;
	attr->max_entries = kind->entries;
	attr->map_flags = kind->flags;
	if (kind->type == BPF_MAP_TYPE_ARRAY_OF_MAPS ||
	    kind->type == BPF_MAP_TYPE_HASH_OF_MAPS)
		attr->inner_map_fd = inner;
	if (kind->type == BPF_MAP_TYPE_SK_STORAGE) {
		attr->btf_fd = types;
		attr->btf_key_type_id = INT_TYPE;
		attr->btf_value_type_id = INT_TYPE;
	}
	fd = bpf(BPF_MAP_CREATE, attr);
	for (i = 0; fd >= 0 && i < kind->elements; i++) {
		const uint32_t key[] = {kind->key == 8 ? 32 : i, i};
		const uint32_t value[64] = {1}; /* of each CPU */

		set_element(fd, key, value);
	}
	return fd;
}

/* All kinds of them; the last one holds a program, whose kind is its own. */
static int make_maps(int types, int program)
{
	const uint32_t first = 0;
	int inner = -1, fd = -1, made = 0;

	for (size_t i = 0; i < sizeof(map_kinds) / sizeof(map_kinds[0]); i++) {
		fd = make_map(&map_kinds[i], inner, types);
		if (!i)
			inner = fd;
		made += fd >= 0;
	}
	set_element(fd, &first, &program);
	return made;
}

/* Counts how often a program has run, and for how long. */
static void run_counted(int program)
{
	static char packet[64];
	union bpf_attr *attr = nothing();
	int counting;

	attr->enable_stats.type = BPF_STATS_RUN_TIME;
	counting = bpf(BPF_ENABLE_STATS, attr);
	NEED(counting >= 0);
	attr = nothing();
	attr->test.prog_fd = program;
	attr->test.data_in = (uintptr_t)packet;
	attr->test.data_size_in = sizeof(packet);
	attr->test.repeat = 3;
	NEED(bpf(BPF_PROG_TEST_RUN, attr) == 0);
	close(counting);
}

/* What follows a type's twelve bytes, by its kind: of all, and of each part. */
static size_t type_rest(uint32_t info)
{
	static const uint8_t fixed[] = {[BTF_KIND_INT] = 4,
					[BTF_KIND_ARRAY] = 12,
					[BTF_KIND_VAR] = 4,
					[BTF_KIND_DECL_TAG] = 4};
	static const uint8_t each[] = {
		[BTF_KIND_STRUCT] = 12,	 [BTF_KIND_UNION] = 12,
		[BTF_KIND_ENUM] = 8,	 [BTF_KIND_FUNC_PROTO] = 8,
		[BTF_KIND_DATASEC] = 12, [19] = 12 /* BTF_KIND_ENUM64 */};
	uint32_t kind = BTF_INFO_KIND(info), n = BTF_INFO_VLEN(info);

	return (kind < sizeof(fixed) ? fixed[kind] : 0) +
	       (kind < sizeof(each) ? each[kind] * n : 0);
}

/* The number of a function among the kernel's types; 0: none. */
static uint32_t find_function(const char *name)
{
	int fd = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	struct stat stat;
	uint32_t id, at = 0, found = 0;
	char *btf;

	NEED(fd >= 0 && fstat(fd, &stat) == 0);
	btf = malloc(stat.st_size);
	for (off_t got = 0, n; got < stat.st_size; got += n) {
		n = read(fd, btf + got, stat.st_size - got);
		NEED(n > 0);
	}
	close(fd);
	const struct btf_header *header = (const void *)btf;
	const char *types = btf + header->hdr_len + header->type_off;
	const char *names = btf + header->hdr_len + header->str_off;

	for (id = 1; at < header->type_len && !found; id++) {
		const struct btf_type *type = (const void *)(types + at);

		if (BTF_INFO_KIND(type->info) == BTF_KIND_FUNC &&
		    !strcmp(names + type->name_off, name))
			found = id;
		at += sizeof(*type) + type_rest(type->info);
	}
	free(btf);
	return found;
}

/* By name, or where the program says itself. */
static int open_tracepoint(int program, const char *name)
{
	union bpf_attr *attr = nothing();

	NEED(program >= 0);
	attr->raw_tracepoint.name = (uintptr_t)name;
	attr->raw_tracepoint.prog_fd = program;
	return bpf(BPF_RAW_TRACEPOINT_OPEN, attr);
}

static int make_link(int program, int target, int type)
{
	union bpf_attr *attr = nothing();
	/* pf, hooknum, priority: behind what headers have of older ones */
	const int32_t netfilter[] = {2, 1, -128};

	attr->link_create.prog_fd = program;
	attr->link_create.target_fd = target;
	attr->link_create.attach_type = type;
	if (type == LINK_NETFILTER)
		memcpy((char *)attr + 16, netfilter, sizeof(netfilter));
	return bpf(BPF_LINK_CREATE, attr);
}

/* The root of control groups, which are nowhere mounted afterwards. */
static int open_root_group(void)
{
	static const char at[] = "/tmp/root_group";
	int fd;

	NEED(mkdir(at, 0700) == 0 && mount("none", at, "cgroup2", 0, "") == 0);
	fd = open(at, O_RDONLY | O_DIRECTORY);
	NEED(fd >= 0 && umount2(at, MNT_DETACH) == 0 && rmdir(at) == 0);
	return fd;
}

/* Those that all kernels have, and how many others there are. */
static int make_links(void)
{
	const struct map_kind sockets = {BPF_MAP_TYPE_SOCKMAP, 4, 4, 4, 0, 0};
	int net = open("/proc/self/ns/net", O_RDONLY);
	int group = open_root_group();

	NEED(open_tracepoint(load(BPF_PROG_TYPE_RAW_TRACEPOINT, 0, 0, 0),
			     "module_load") >= 0);
	NEED(open_tracepoint(load(BPF_PROG_TYPE_TRACING, BPF_TRACE_FENTRY,
				  find_function("bpf_fentry_test1"), 0),
			     NULL) >= 0);
	NEED(make_link(load(BPF_PROG_TYPE_TRACING, BPF_TRACE_ITER,
			    find_function("bpf_iter_bpf_map"), 0),
		       0, BPF_TRACE_ITER) >= 0);
	NEED(make_link(load(BPF_PROG_TYPE_CGROUP_SKB, BPF_CGROUP_INET_EGRESS, 0,
			    1),
		       group, BPF_CGROUP_INET_EGRESS) >= 0);
	NEED(make_link(load(BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, 0, 1), net,
		       BPF_SK_LOOKUP) >= 0);
	NEED(make_link(load(BPF_PROG_TYPE_XDP, BPF_XDP, 0, 2), 1, BPF_XDP) >=
	     0);
	close(net);
	close(group);
	return (make_link(
			load(BPF_PROG_TYPE_SCHED_CLS, LINK_TCX_INGRESS, 0, -1),
			1, LINK_TCX_INGRESS) >= 0) +
	       (make_link(load(PROGRAM_NETFILTER, LINK_NETFILTER, 0, 1), 0,
			  LINK_NETFILTER) >= 0) +
	       (make_link(load(BPF_PROG_TYPE_SK_SKB, BPF_SK_SKB_VERDICT, 0, 1),
			  make_map(&sockets, -1, -1), BPF_SK_SKB_VERDICT) >= 0);
}

/* Programs that see the network let all of it pass. */
static void bpf_files(void)
{
	int types, program, maps, links;
	const struct rlimit all = {RLIM_INFINITY, RLIM_INFINITY};

	/* up to 5.10 it is locked memory that they take */
	NEED(setrlimit(RLIMIT_MEMLOCK, &all) == 0);
	types = load_types();
	program = load(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0, 7);
	NEED(types >= 0 && program >= 0);
	run_counted(program);
	maps = make_maps(types, program);
	links = make_links();
	publish("bpf_files", getpid(), "maps=%d links=%d", maps, links);
}

const struct scene bpf_scenes[] = {
	{"bpf_files", bpf_files},
	{NULL, NULL},
};
