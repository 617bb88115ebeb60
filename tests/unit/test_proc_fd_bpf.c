/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what programs, types and links of BPF add to fdinfo, on structures
 * written by hand. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/open_file_kit.h"
#include "unit/system_kit.h"

#define SHOW_PROG  0xffffffff81002000u
#define SHOW_TYPES 0xffffffff81003000u
#define SHOW_LINK  0xffffffff81004000u
#define SHOW(n)	   (0xffffffff81010000u + (n)*0x100)
#define CPUS	   (DIRECT + 0x30000)
#define AUX(n)	   (DIRECT + 0x31400 + (n)*0x40)
#define STATS	   (DIRECT + 0x32000) /* of CPU 0; the other's 0x1000 on */
#define PROG	   (DIRECT + 0x34000)
#define LINK_OPS   (DIRECT + 0x34100)
#define AT(n)	   (DIRECT + 0x34200 + (n)*0x80)
#define NAMES	   (DIRECT + 0x35000)
#define TEXT(n)	   (DIRECT + 0x35100 + (n)*0x80)

static struct fake_kernel f;

static void link_fields(void)
{
	static const struct fake_member list[] = {
		{"bpf_link.type", 0, 4},
		{"bpf_link.id", 4, 4},
		{"bpf_link.ops", 8, 8},
		{"bpf_link.prog", 16, 8},
		{"bpf_link_ops.show_fdinfo", 0, 8},
		{"bpf_raw_tp_link.btp", 32, 8},
		{"bpf_raw_tp_link.cookie", 48, 8},
		{"bpf_raw_event_map.tp", 0, 8},
		{"tracepoint.name", 8, 8},
		{"bpf_tracing_link.trampoline", 32, 8},
		{"bpf_tracing_link.attach_type", 40, 4},
		{"bpf_tracing_link.link.node.cookie", 48, 8},
		{"bpf_trampoline.key", 0, 8},
		{"bpf_cgroup_link.cgroup", 32, 8},
		{"bpf_cgroup_link.type", 40, 4},
		{"cgroup.kn", 0, 8},
		{"kernfs_node.id", 8, 8},
		{"bpf_netns_link.net", 32, 8},
		{"bpf_netns_link.type", 40, 4},
		{"net.ns.inum", 0, 4},
		{"bpf_iter_link.tinfo", 32, 8},
		{"bpf_iter_target_info.reg_info", 0, 8},
		{"bpf_iter_reg.target", 8, 8},
		{"bpf_iter_reg.show_fdinfo", 16, 8},
		{"bpf_xdp_link.dev", 32, 8},
		{"tcx_link.dev", 32, 8},
		{"tcx_link.location", 40, 4},
		{"net_device.ifindex", 0, 4},
		{"sockmap_link.map", 32, 8},
		{"sockmap_link.attach_type", 40, 4},
		{"bpf_struct_ops_link.map", 32, 8},
		{"bpf_map.id", 0, 4},
		{"bpf_nf_link.hook_ops.pf", 32, 1},
		{"bpf_nf_link.hook_ops.hooknum", 36, 4},
		{"bpf_nf_link.hook_ops.priority", 40, 4},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
}

/* Functions that show links, by SHOW(). */
static const char *const functions[] = {
	"bpf_raw_tp_link_show_fdinfo",
	"bpf_tracing_link_show_fdinfo",
	"bpf_cgroup_link_show_fdinfo",
	"bpf_netns_link_show_fdinfo",
	"bpf_iter_link_show_fdinfo",
	"bpf_xdp_link_show_fdinfo",
	"tcx_link_fdinfo",
	"sock_map_link_show_fdinfo",
	"bpf_struct_ops_map_link_show_fdinfo",
	"bpf_nf_link_show_info",
};
enum {
	RAW,
	TRACING,
	CGROUP,
	NETNS,
	ITER,
	XDP,
	TCX,
	SOCKMAP,
	STRUCT_OPS,
	NETFILTER,
	FUNCTIONS
};

static void setup(void)
{
	static const struct fake_member list[] = {
		{"bpf_prog.pages", 0, 2},
		{"bpf_prog.type", 4, 4},
		{"bpf_prog.tag", 8, 8},
		{"bpf_prog.aux", 16, 8},
		{"bpf_prog.stats", 24, 8},
		{"bpf_prog_aux.id", 0, 4},
		{"bpf_prog_stats.cnt", 0, 8},
		{"bpf_prog_stats.nsecs", 8, 8},
		{"bpf_prog_stats.misses", 16, 8},
		{"btf.id", 12, 4},
	};
	size_t i;

	fake_kernel_init(&f);
	open_file_kit_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_bits("bpf_prog.jited", 2, 0, 1);
	fake_sizeof("bpf_prog_stats", 32);
	link_fields();
	system_kit_cpus(&f, CPUS, 2, 3);
	fake_symbol("bpf_prog_show_fdinfo", SHOW_PROG);
	fake_symbol("bpf_btf_show_fdinfo", SHOW_TYPES);
	fake_symbol("bpf_link_show_fdinfo", SHOW_LINK);
	for (i = 0; i < FUNCTIONS; i++)
		fake_symbol(functions[i], (uint64_t)SHOW(i));
	fake_symbol("bpf_link_type_strs", NAMES);
	fake_symbol("what_comes_next", NAMES + 4 * 8);
	fake_put64(&f, NAMES + 8, TEXT(0));
	fake_puts(&f, TEXT(0), "one");
	fake_puts(&f, TEXT(1), "some_text");
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

static void program(uint64_t at)
{
	fake_put32(&f, at, 1u << 16 | 2); /* jited; pages */
	fake_put32(&f, at + 4, 6);
	fake_put64(&f, at + 8, 0xefcdab8967452301u);
	fake_put64(&f, at + 16, AUX(0));
	fake_put64(&f, at + 24, STATS);
	fake_put32(&f, AUX(0), 12);
}

START_TEST(what_programs_have_counted)
{
	struct buf out = {0};

	open_file_kit_put(&f, 0, SHOW_PROG);
	program(DATA(0));
	fake_put32(&f, AUX(0) + 4, 30);
	fake_put64(&f, AUX(0) + 8, STATS + 64);
	fake_put64(&f, STATS, 3);
	fake_put64(&f, STATS + 8, 500);
	fake_put64(&f, STATS + 0x1000, 4);
	fake_put64(&f, STATS + 0x1008, 600);
	fake_put64(&f, STATS + 0x1010, 1);
#define PROGRAM(runs)                                                  \
	"prog_type:\t6\nprog_jited:\t1\nprog_tag:\t0123456789abcdef\n" \
	"memlock:\t8192\nprog_id:\t12\n" runs
	ck_assert_str_eq(say(&out), PROGRAM("run_time_ns:\t1100\nrun_cnt:\t7\n"
					    "recursion_misses:\t1\n"));
	fake_field("bpf_prog_aux.verified_insns", 4, 4);
	ck_assert_str_eq(say(&out), PROGRAM("run_time_ns:\t1100\nrun_cnt:\t7\n"
					    "recursion_misses:\t1\n"
					    "verified_insns:\t30\n"));
	fake_no_field("bpf_prog.stats");
	fake_no_field("bpf_prog_stats.misses");
	fake_no_field("bpf_prog_aux.verified_insns");
	fake_field("bpf_prog_aux.stats", 8, 8);
	ck_assert_str_eq(say(&out), PROGRAM("run_time_ns:\t0\nrun_cnt:\t0\n"));
	fake_put64(&f, AUX(0) + 8, 0);
	ck_assert_str_eq(say(&out), "?");
	fake_put64(&f, AUX(0) + 8, STATS);
	fake_put64(&f, CPUS + SYSTEM_KIT_ONLINE, 0); /* no CPU is */
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(types)
{
	struct buf out = {0};

	open_file_kit_put(&f, 0, SHOW_TYPES);
	fake_put32(&f, DATA(0) + 12, 9);
	ck_assert_str_eq(say(&out), "btf_id:\t9\n");
	fake_no_field("btf.id");
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

/* File n is a link of type 1 that leads to AT(0), and from there on. */
static void attach(unsigned int n, unsigned int function)
{
	open_file_kit_put(&f, n, SHOW_LINK);
	program(PROG);
	fake_put32(&f, DATA(n), 1);
	fake_put32(&f, DATA(n) + 4, 5);
	fake_put64(&f, DATA(n) + 8, LINK_OPS + 8ULL * function);
	fake_put64(&f, DATA(n) + 16, PROG);
	fake_put64(&f, DATA(n) + 32, AT(0));
	fake_put32(&f, DATA(n) + 40, 46);
	fake_put64(&f, DATA(n) + 48, 77);
	fake_put64(&f, LINK_OPS + 8ULL * function,
		   function < FUNCTIONS ? SHOW(function) : 0);
	fake_put64(&f, AT(0), AT(1));
	fake_put64(&f, AT(1) + 8, TEXT(1));
}

#define LINK                                                          \
	"link_type:\tone\nlink_id:\t5\nprog_tag:\t0123456789abcdef\n" \
	"prog_id:\t12\n"

/* Where AT(0) is, as the lower half of what AT(0) holds is a number, too. */
static const struct {
	unsigned int function;
	uint64_t first; /* what AT(0) holds; 0: where AT(1) is */
	const char *text;
	const char *detached; /* what it says when it leads nowhere */
} links[] = {
	{RAW, 0, "tp_name:\tsome_text\n", NULL},
	{TRACING, 0, "attach_type:\t46\n", "attach_type:\t46\n"},
	{NETNS, 9, "netns_ino:\t9\nattach_type:\t46\n",
	 "netns_ino:\t0\nattach_type:\t46\n"},
	{ITER, 0, "target_name:\tsome_text\n", NULL},
	{XDP, 9, "ifindex:\t9\n", "ifindex:\t0\n"},
	{TCX, 9, "ifindex:\t9\nattach_type:\t46 (ingress)\n",
	 "ifindex:\t0\nattach_type:\t46 (ingress)\n"},
	{SOCKMAP, 9, "map_id:\t9\nattach_type:\t46\n",
	 "map_id:\t0\nattach_type:\t46\n"},
	{STRUCT_OPS, 9, "map_id:\t9\n", ""},
	{FUNCTIONS, 9, "", ""},
};

START_TEST(what_a_link_is_attached_to)
{
	struct buf out = {0};

	attach(0, links[_i].function);
	if (links[_i].first)
		fake_put64(&f, AT(0), links[_i].first);
	ck_assert_int_eq(strncmp(say(&out), LINK, strlen(LINK)), 0);
	ck_assert_str_eq(out.data + strlen(LINK), links[_i].text);
	fake_put64(&f, DATA(0) + 32, 0);
	say(&out);
	if (links[_i].detached)
		ck_assert_str_eq(out.data + strlen(LINK), links[_i].detached);
	else
		ck_assert_str_eq(out.data, "?");
	fake_put64(&f, DATA(0) + 32, NOWHERE);
	if (links[_i].function < FUNCTIONS)
		ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(links_with_more_to_say)
{
	struct buf out = {0};

	attach(0, CGROUP);
	fake_put64(&f, AT(1) + 8, 0x100000001);
	ck_assert_str_eq(say(&out), LINK "cgroup_id:\t4294967297\n"
					 "attach_type:\t46\n");
	attach(0, NETFILTER);
	fake_put32(&f, DATA(0) + 32, 2);
	fake_put32(&f, DATA(0) + 36, 1);
	fake_put32(&f, DATA(0) + 40, (uint32_t)-128);
	ck_assert_str_eq(say(&out), LINK "pf:\t2\thooknum:\t1\tprio:\t-128\n");
	fake_field("bpf_attr.path_fd", 0, 4);
	fake_field("bpf_link_info.tracing.cookie", 0, 8);
	fake_field("bpf_link_info.raw_tracepoint.cookie", 0, 8);
	attach(0, TRACING);
	fake_put64(&f, AT(0), 7ULL << 32 | 0x80000008u);
	ck_assert_str_eq(say(&out), LINK "attach_type:\t46\n"
					 "target_obj_id:\t7\n"
					 "target_btf_id:\t8\ncookie:\t77\n");
	attach(0, RAW);
	ck_assert_str_eq(say(&out), LINK "tp_name:\tsome_text\ncookie:\t77\n");
	attach(0, ITER); /* one that says more itself */
	fake_put64(&f, AT(1) + 16, SHOW(50));
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

START_TEST(links_of_other_kinds)
{
	struct buf out = {0};

	attach(0, FUNCTIONS);
	fake_put64(&f, DATA(0) + 16, 0);
	ck_assert_str_eq(say(&out), "link_type:\tone\nlink_id:\t5\n");
	fake_put32(&f, DATA(0), 3);
	ck_assert_str_eq(say(&out), "link_type:\t<3>\nlink_id:\t5\n");
	fake_put32(&f, DATA(0), 0x80000001);
	ck_assert_str_eq(say(&out), "link_type:\t<2147483649>\nlink_id:\t5\n");
	fake_put32(&f, DATA(0), 8);
	ck_assert_str_eq(say(&out), "link_type:\t<8>\nlink_id:\t5\n");
	fake_field("bpf_link.flags", 24, 4); /* then these decide its name */
	ck_assert_str_eq(say(&out), "?");
	fake_put32(&f, DATA(0), 1);
	fake_put64(&f, LINK_OPS + 8ULL * FUNCTIONS, SHOW(50));
	ck_assert_str_eq(say(&out), "?");
	fake_put64(&f, LINK_OPS + 8ULL * FUNCTIONS, 0);
	fake_put64(&f, DATA(0) + 16, NOWHERE);
	ck_assert_str_eq(say(&out), "?");
	fake_lose(READER_BPF_LINK);
	ck_assert_str_eq(say(&out), "?");
	buf_deinit(&out);
}
END_TEST

/* Many links, of all kinds, take as many batches as one that goes farthest. */
START_TEST(links_are_read_together)
{
	struct buf out[FUNCTIONS] = {{0}};
	uint64_t few, many;
	unsigned int i;

	for (i = 0; i < FUNCTIONS; i++)
		attach(i, i);
	open_file_kit_say(&f, RAW, 1, out, &few);
	open_file_kit_say(&f, 0, FUNCTIONS, out, &many);
	ck_assert_uint_eq(few, many);
	for (i = 0; i < FUNCTIONS; i++) {
		ck_assert_str_ne(out[i].data, "?");
		buf_deinit(&out[i]);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_fd_bpf");
	TCase *t = tcase_create("proc_fd_bpf");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, what_programs_have_counted);
	tcase_add_test(t, types);
	tcase_add_loop_test(t, what_a_link_is_attached_to, 0,
			    sizeof(links) / sizeof(links[0]));
	tcase_add_test(t, links_with_more_to_say);
	tcase_add_test(t, links_of_other_kinds);
	tcase_add_test(t, links_are_read_together);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
