/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what maps of BPF add to fdinfo, on structures written by hand. */
#include <check.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/open_file_kit.h"
#include "unit/system_kit.h"

#define SHOW_MAP 0xffffffff81001000u
#define USAGE(n) (0xffffffff81010000u + (n)*0x100)
#define CPUS	 (DIRECT + 0x30000)
#define MAP_OPS	 (DIRECT + 0x31000)
#define OWNER	 (DIRECT + 0x31100)
#define RINGBUF	 (DIRECT + 0x31200)
#define AUX(n)	 (DIRECT + 0x31400 + (n)*0x40)
#define STATS	 (DIRECT + 0x32000) /* of CPU 0; the other's 0x1000 on */
#define OWN	 64		    /* where what a kind of map has begins */

static struct fake_kernel f;

/* Functions that count maps, by USAGE(). */
static const char *const functions[] = {
	"array_map_mem_usage",
	"htab_map_mem_usage",
	"trie_mem_usage",
	"ringbuf_map_mem_usage",
	"queue_stack_map_mem_usage",
	"bloom_map_mem_usage",
	"stack_map_mem_usage",
	"dev_map_mem_usage",
	"cpu_map_mem_usage",
	"sock_map_mem_usage",
	"sock_hash_mem_usage",
	"bpf_local_storage_map_mem_usage",
	"cgroup_storage_map_usage",
	"reuseport_array_mem_usage",
	"xsk_map_mem_usage",
};
enum {
	ARRAY,
	HTAB,
	TRIE,
	RINGBUFS,
	QUEUE,
	BLOOM,
	STACKS,
	DEVS,
	CPUMAP,
	SOCKMAP,
	SOCKHASH,
	STORAGE,
	CGROUP,
	REUSEPORT,
	XSK,
	FUNCTIONS
};

static void map_fields(void)
{
	static const struct fake_member list[] = {
		{"bpf_map.ops", 0, 8},
		{"bpf_map.map_type", 8, 4},
		{"bpf_map.key_size", 12, 4},
		{"bpf_map.value_size", 16, 4},
		{"bpf_map.max_entries", 20, 4},
		{"bpf_map.map_flags", 24, 4},
		{"bpf_map.id", 28, 4},
		{"bpf_map.map_extra", 32, 8},
		{"bpf_map.frozen", 40, 1},
		{"bpf_map.owner", 48, 8},
		{"bpf_map_ops.map_mem_usage", 8, 8},
		{"bpf_map_owner.type", 0, 4},
		{"bpf_map_owner.jited", 4, 1},
		{"bpf_array.elem_size", OWN, 4},
		{"bpf_htab.n_buckets", OWN, 4},
		{"bpf_htab.elem_size", OWN + 4, 4},
		{"bpf_htab.count", OWN + 8, 4},
		{"bpf_htab.use_percpu_counter", OWN + 12, 1},
		{"bpf_htab.pcount.count", OWN + 16, 8},
		{"bpf_htab.pcount.counters", OWN + 24, 8},
		{"lpm_trie.data_size", OWN, 8},
		{"lpm_trie.n_entries", OWN + 8, 8},
		{"bpf_ringbuf_map.rb", OWN, 8},
		{"bpf_ringbuf.nr_pages", 4, 4},
		{"bpf_ringbuf.consumer_pos", 4096, 8},
		{"bpf_bloom_filter.bitset_mask", OWN, 4},
		{"bpf_stack_map.n_buckets", OWN, 4},
		{"bpf_dtab.items", OWN, 4},
		{"bpf_dtab.n_buckets", OWN + 4, 4},
		{"bpf_shtab.buckets_num", OWN, 4},
		{"bpf_shtab.count", OWN + 4, 4},
		{"bpf_shtab.elem_size", OWN + 8, 4},
		{"bpf_local_storage_map.bucket_log", OWN, 4},
		{"xsk_map.count", OWN, 4},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
}

static void map_sizes(void)
{
	static const struct {
		const char *name;
		uint32_t size;
	} list[] = {
		{"bpf_array", 100},
		{"bpf_htab", 200},
		{"bucket", 16},
		{"lpm_trie_node", 40},
		{"bpf_ringbuf_map", 80},
		{"bpf_queue_stack", 50},
		{"bpf_bloom_filter", 60},
		{"bpf_stack_map", 70},
		{"stack_map_bucket", 24},
		{"bpf_dtab", 90},
		{"bpf_dtab_netdev", 30},
		{"bpf_cpu_map", 33},
		{"bpf_stab", 44},
		{"bpf_shtab", 55},
		{"bpf_shtab_bucket", 8},
		{"bpf_local_storage_map", 66},
		{"bpf_local_storage_map_bucket", 16},
		{"bpf_cgroup_storage_map", 77},
		{"reuseport_array", 88},
		{"xsk_map", 99},
		{"xsk_map_node", 11},
	};
	size_t i;

	for (i = 0; i < sizeof(list) / sizeof(list[0]); i++)
		fake_sizeof(list[i].name, list[i].size);
	for (i = 0; i < FUNCTIONS; i++)
		fake_symbol(functions[i], (uint64_t)USAGE(i));
}

static void setup(void)
{
	fake_kernel_init(&f);
	open_file_kit_fields();
	map_fields();
	map_sizes();
	system_kit_cpus(&f, CPUS, 2, 3);
	fake_symbol("bpf_map_show_fdinfo", SHOW_MAP);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

/* What file 0 says; the caller's `out` holds it. */
static const char *say(struct buf *out)
{
	open_file_kit_say(&f, 0, 1, out, NULL);
	return out->data ? out->data : "";
}

/* File n is a map of a type, and its key is 4 bytes long. */
static void map(unsigned int n, uint32_t type, uint32_t value, uint32_t entries,
		uint32_t flags)
{
	open_file_kit_put(&f, n, SHOW_MAP);
	fake_put64(&f, DATA(n), MAP_OPS + n * 16ULL);
	fake_put32(&f, DATA(n) + 8, type);
	fake_put32(&f, DATA(n) + 12, 4);
	fake_put32(&f, DATA(n) + 16, value);
	fake_put32(&f, DATA(n) + 20, entries);
	fake_put32(&f, DATA(n) + 24, flags);
	fake_put32(&f, DATA(n) + 28, 7);
}

/* Of two CPUs; what a kind has is 32 bits each. */
static const struct {
	unsigned int function;
	uint32_t type, value, entries, flags;
	uint32_t own[4];
	unsigned int memory;
} kinds[] = {
	{ARRAY, 2, 12, 5, 0, {16}, 100 + 5 * 16},
	{ARRAY, 2, 8, 600, 0x400, {8}, 4096 + 8192},
	{ARRAY, 6, 12, 3, 0, {16}, 100 + 3 * 8 + 3 * 16 * 2},
	{HTAB, 1, 8, 10, 0, {16, 48}, 200 + 16 * 16 + 2 * 8 + 12 * 48},
	{HTAB, 1, 8, 10, 1, {16, 48, 3}, 200 + 16 * 16 + 3 * (48 + 8)},
	{HTAB, 1, 8, 10, 1, {16, 48, 3, 1}, 200 + 16 * 16 + 7 * (48 + 8)},
	{HTAB, 5, 4, 10, 0, {16, 48}, 200 + 16 * 16 + 10 * (48 + 2 * 8)},
	{HTAB, 5, 4, 10, 1, {16, 48, 2}, 200 + 256 + 2 * (48 + 24 + 2 * 8)},
	{HTAB, 9, 4, 10, 0, {16, 48}, 200 + 16 * 16 + 10 * 48},
	{HTAB, 10, 9, 10, 0, {16, 48}, 200 + 256 + 10 * (48 + 2 * 16)},
	{TRIE, 11, 4, 10, 1, {4, 0, 2}, 2 * (40 + 4 + 4)},
	{QUEUE, 22, 4, 7, 0, {0}, 50 + 8 * 4},
	{BLOOM, 30, 4, 100, 0, {0x3ff}, 60 + 128},
	{STACKS, 7, 128, 20, 0, {32}, 70 + 32 * 8 + 20 * (24 + 128)},
	{DEVS, 14, 4, 3, 0, {1, 8}, 90 + 3 * 8 + 30},
	{DEVS, 25, 4, 3, 0, {1, 8}, 90 + 8 * 8 + 30},
	{CPUMAP, 16, 4, 2, 0, {0}, 33 + 2 * 8},
	{SOCKMAP, 15, 4, 4, 0, {0}, 44 + 4 * 8},
	{SOCKHASH, 18, 4, 4, 0, {4, 2, 10}, 55 + 4 * 8 + 2 * 10},
	{STORAGE, 24, 4, 0, 1, {3}, 66 + 8 * 16},
	{CGROUP, 19, 8, 0, 0, {0}, 77},
	{REUSEPORT, 20, 8, 3, 0, {0}, 88 + 3 * 8},
	{XSK, 17, 4, 3, 0, {2}, 99 + 3 * 8 + 2 * 11},
};

START_TEST(memory_of_a_kind)
{
	struct buf out = {0};
	char wanted[40];
	size_t i;

	map(0, kinds[_i].type, kinds[_i].value, kinds[_i].entries,
	    kinds[_i].flags);
	fake_put64(&f, MAP_OPS + 8, USAGE(kinds[_i].function));
	for (i = 0; i < 4; i++)
		fake_put32(&f, DATA(0) + OWN + 4 * i, kinds[_i].own[i]);
	if (kinds[_i].own[3]) { /* 5, and what each CPU has beside that */
		fake_put64(&f, DATA(0) + OWN + 16, 5);
		fake_put64(&f, DATA(0) + OWN + 24, STATS);
		fake_put32(&f, STATS, 3);
		fake_put32(&f, STATS + 0x1000, (uint32_t)-1);
	}
	snprintf(wanted, sizeof(wanted), "\nmemlock:\t%u\n", kinds[_i].memory);
	ck_assert_msg(strstr(say(&out), wanted), "%s: %s", wanted, out.data);
	fake_put64(&f, MAP_OPS + 8, USAGE(FUNCTIONS)); /* another one */
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(memory_that_is_not_told)
{
	struct buf out = {0};

	map(0, 13, 4, 3, 0); /* hashes of maps changed, and nothing tells */
	fake_put64(&f, MAP_OPS + 8, USAGE(HTAB));
	ck_assert_str_eq(say(&out), "?");
	fake_symbol("__htab_percpu_map_update_elem", USAGE(50));
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t216\n"));
	fake_symbol("htab_map_update_elem_in_place", USAGE(50));
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t216\n"));
	fake_put32(&f, DATA(0) + OWN + 4, 10); /* of each element */
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t246\n"));
	fake_field("bpf_htab.map_locked", 8, 64); /* locks of all CPUs */
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t310\n"));
	map(0, 24, 4, 0, 1);
	fake_put64(&f, MAP_OPS + 8, USAGE(STORAGE));
	fake_put32(&f, DATA(0) + OWN, 32);
	ck_assert_str_eq(say(&out), "?");
	map(0, 27, 0, 8192, 0);
	fake_put64(&f, MAP_OPS + 8, USAGE(RINGBUFS));
	fake_put64(&f, DATA(0) + OWN, RINGBUF);
	fake_put32(&f, RINGBUF + 4, 5);
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t20616\n"));
	fake_put64(&f, DATA(0) + OWN, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(maps_of_older_kernels)
{
	struct buf out = {0};

	fake_no_field("bpf_map_ops.map_mem_usage");
	fake_no_field("bpf_map.owner");
	fake_no_field("bpf_map.map_extra");
	fake_field("bpf_array.aux", OWN + 8, 8);
	fake_field("bpf_array_aux.owner.type", 0, 4);
	fake_field("bpf_array_aux.owner.jited", 4, 1);
	map(0, 5, 12, 10, 0);
	ck_assert_str_eq(say(&out), "map_type:\t5\nkey_size:\t4\n"
				    "value_size:\t12\nmax_entries:\t10\n"
				    "map_flags:\t0x0\nmemlock:\t4096\n"
				    "map_id:\t7\nfrozen:\t0\n");
	map(0, 12, 1000, 1000, 0); /* of descriptors, of 4 bytes each */
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t8192\n"));
	map(0, 3, 4, 1000, 0);
	fake_put64(&f, DATA(0) + OWN + 8, AUX(0));
	fake_put32(&f, AUX(0), 6);
	ck_assert_ptr_nonnull(strstr(say(&out), "\nowner_prog_type:\t6\n"
						"owner_jited:\t0\n"));
	fake_put64(&f, DATA(0) + OWN + 8, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	fake_field("bpf_map.memory.pages", 56, 4);
	map(0, 5, 12, 10, 0);
	fake_put32(&f, DATA(0) + 56, 3);
	ck_assert_ptr_nonnull(strstr(say(&out), "\nmemlock:\t12288\n"));
	buf_deinit(&out);
}
END_TEST

START_TEST(whose_programs_are_in_maps)
{
	struct buf out = {0};

	map(0, 3, 4, 2, 0);
	fake_put64(&f, MAP_OPS + 8, USAGE(ARRAY));
	fake_put64(&f, DATA(0) + 32, 0xab);
	fake_put32(&f, DATA(0) + 40, 1);
	fake_put64(&f, DATA(0) + 48, OWNER);
	fake_put32(&f, OWNER, 1);
	fake_put32(&f, OWNER + 4, 1);
	ck_assert_str_eq(say(&out), "map_type:\t3\nkey_size:\t4\n"
				    "value_size:\t4\nmax_entries:\t2\n"
				    "map_flags:\t0x0\nmap_extra:\t0xab\n"
				    "memlock:\t100\nmap_id:\t7\nfrozen:\t1\n"
				    "owner_prog_type:\t1\nowner_jited:\t1\n");
	fake_put64(&f, DATA(0) + 48, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	fake_field("bpf_map.owner.type", 56, 4); /* there, and no pointer */
	fake_field("bpf_map.owner.jited", 60, 1);
	fake_put32(&f, DATA(0) + 56, 9);
	ck_assert_ptr_nonnull(strstr(say(&out), "\nowner_prog_type:\t9\n"
						"owner_jited:\t0\n"));
	fake_lose(READER_BPF_MAP);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

/* Many maps, of several kinds, take as many batches as one of each. */
START_TEST(maps_are_read_together)
{
	static const unsigned int of[] = {ARRAY, HTAB, RINGBUFS};
	struct buf out[15] = {{0}};
	uint64_t few, many;
	unsigned int i;

	for (i = 0; i < 15; i++) {
		map(i, 2, 4, 1, 0);
		fake_put64(&f, MAP_OPS + i * 16ULL + 8, USAGE(of[i % 3]));
		fake_put64(&f, DATA(i) + OWN, i % 3 == 2 ? RINGBUF : 0);
	}
	open_file_kit_say(&f, 0, 3, out, &few);
	open_file_kit_say(&f, 0, 15, out, &many);
	ck_assert_uint_eq(few, many);
	for (i = 0; i < 15; i++) {
		ck_assert_str_ne(out[i].data, "?");
		buf_deinit(&out[i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_fd_bpf_map");
	TCase *t = tcase_create("proc_fd_bpf_map");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, memory_of_a_kind, 0,
			    sizeof(kinds) / sizeof(kinds[0]));
	tcase_add_test(t, memory_that_is_not_told);
	tcase_add_test(t, maps_of_older_kernels);
	tcase_add_test(t, whose_programs_are_in_maps);
	tcase_add_test(t, maps_are_read_together);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
