/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of sysctls, on a tree that is written by hand. */
#include "proc/sys.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "proc/proc.h"
#include "unit/fake_kernel.h"

#define ROOT	    (DIRECT + 0x1000) /* sysctl_table_root */
#define NET	    (DIRECT + 0x1100) /* the initial struct net */
#define HEAD(i)	    (DIRECT + 0x2000 + (i)*0x40ULL)
#define NODE(i, j)  (DIRECT + 0x3000 + (i)*0x200ULL + (j)*0x20ULL)
#define TABLE(i, j) (DIRECT + 0x5000 + (i)*0x400ULL + (j)*0x40ULL)
#define NAMES	    (DIRECT + 0x8000) /* 32 bytes each */
#define DATA	    (DIRECT + 0x9000)
#define HANDLER(i)  (0xffffffff81000000ULL + (i)*0x100ULL)

/* What the trees are made of. */
enum {
	DIR_KERNEL,
	DIR_NET,     /* in the tree of all */
	DIR_OWN_NET, /* in that of the namespace */
	KERNEL,
	LINKS,
	OWN
};

static struct fake_kernel f;
static struct sys sys;
static unsigned int n_names;

static void put_header(unsigned int i)
{
	fake_put64(&f, HEAD(i), TABLE(i, 0));
	fake_put64(&f, HEAD(i) + 8, NODE(i, 0));
}

static void put_entry(unsigned int i, unsigned int j, const char *name,
		      uint32_t mode)
{
	uint64_t at = NAMES + n_names++ * 32;

	fake_puts(&f, at, name);
	fake_put64(&f, NODE(i, j) + 24, HEAD(i));
	fake_put64(&f, TABLE(i, j), at);
	fake_put32(&f, TABLE(i, j) + 20, mode);
}

static void put_value(unsigned int i, unsigned int j, unsigned int handler,
		      uint64_t data, uint32_t maxlen)
{
	fake_put64(&f, TABLE(i, j) + 8, data);
	fake_put32(&f, TABLE(i, j) + 16, maxlen);
	fake_put64(&f, TABLE(i, j) + 24, HANDLER(handler));
}

static void put_children(unsigned int i, unsigned int j, uint64_t left,
			 uint64_t right)
{
	fake_put64(&f, NODE(i, j) + 16, left);
	fake_put64(&f, NODE(i, j) + 8, right);
}

static void put_types(void)
{
	fake_field("ctl_node.node.rb_left", 16, 8);
	fake_field("ctl_node.node.rb_right", 8, 8);
	fake_field("ctl_node.header", 24, 8);
	fake_field("ctl_dir.header.ctl_table", 0, 8);
	fake_field("ctl_dir.header.node", 8, 8);
	fake_field("ctl_dir.header.unregistering", 16, 8);
	fake_field("ctl_dir.root.rb_node", 24, 8);
	fake_field("ctl_table.procname", 0, 8);
	fake_field("ctl_table.data", 8, 8);
	fake_field("ctl_table.maxlen", 16, 4);
	fake_field("ctl_table.mode", 20, 2);
	fake_field("ctl_table.proc_handler", 24, 8);
	fake_field("ctl_table_root.default_set.dir.root.rb_node", 0x10, 8);
	fake_field("net.sysctls.dir.root.rb_node", 0x18, 8);
	fake_sizeof("ctl_node", 0x20);
	fake_sizeof("ctl_table", 0x40);
	fake_symbol("sysctl_table_root", ROOT);
	fake_symbol("init_net", NET);
}

/*
 *   kernel/ b-c, b/  net/ link, own
 */
static void setup(void)
{
	unsigned int i;

	n_names = 0;
	fake_kernel_init(&f);
	put_types();
	for (i = DIR_KERNEL; i <= OWN; i++)
		put_header(i);
	put_entry(DIR_KERNEL, 0, "kernel", S_IFDIR | 0555);
	put_entry(DIR_NET, 0, "net", S_IFDIR | 0555);
	put_entry(DIR_OWN_NET, 0, "net", S_IFDIR | 0555);
	put_children(DIR_KERNEL, 0, 0, NODE(DIR_NET, 0));
	fake_put64(&f, ROOT + 0x10, NODE(DIR_KERNEL, 0));
	fake_put64(&f, NET + 0x18, NODE(DIR_OWN_NET, 0));
	fake_put64(&f, HEAD(DIR_KERNEL) + 24, NODE(KERNEL, 1));
	fake_put64(&f, HEAD(DIR_NET) + 24, NODE(LINKS, 0));
	fake_put64(&f, HEAD(DIR_OWN_NET) + 24, NODE(OWN, 0));
	put_entry(KERNEL, 0, "a", S_IFREG | 0644);
	put_entry(KERNEL, 1, "b", S_IFREG | 0644);
	put_entry(KERNEL, 2, "c", S_IFREG | 0200);
	put_children(KERNEL, 1, NODE(KERNEL, 2), NODE(KERNEL, 0));
	put_entry(LINKS, 0, "own", S_IFLNK | 0777);
	put_entry(OWN, 0, "own", S_IFREG | 0444);
	fake_symbol("proc_dointvec", HANDLER(0));
	for (i = 0; i < 3; i++)
		put_value(KERNEL, i, 0, DATA, 8);
	put_value(OWN, 0, 0, DATA + 4, 4);
	fake_put32(&f, DATA, 7);
	fake_put32(&f, DATA + 4, (uint32_t)-8);
}

static void teardown(void)
{
	sys_deinit(&sys);
	fake_kernel_deinit(&f);
}

/* There is no PID 1: the namespaces are the initial ones. */
static void look(void)
{
	struct task_ns ns = {.at = {[TASK_NS_NET] = NET}};

	sys_deinit(&sys);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(
		sysctls_read(&f.kernel, &ns, &sys.list, &sys.remarks, NULL), 0);
	ck_assert_int_eq(sysctl_values_read(&f.kernel, &sys.list, &ns,
					    &sys.values, NULL),
			 0);
}

/* The text of the one of that name; NULL: there is none, or it is not known. */
static const char *text_of(const char *name)
{
	static char text[64];
	struct buf b = {0};
	size_t i;

	for (i = 0; i < sys.list.v.n; i++)
		if (!strcmp(sysctl_name(&sys.list, i), name))
			break;
	if (i == sys.list.v.n || !sys_is_known(&sys, i))
		return NULL;
	sys_text(&sys, i, &b);
	ck_assert_uint_lt(b.len, sizeof(text));
	strcpy(text, b.data ? b.data : "");
	buf_deinit(&b);
	return text;
}

START_TEST(trees)
{
	static const char *const names[] = {"kernel/a", "kernel/b", "kernel/c",
					    "net/own"};
	size_t i;

	look();
	ck_assert_uint_eq(sys.list.v.n, 4);
	for (i = 0; i < 4; i++)
		ck_assert_str_eq(sysctl_name(&sys.list, i), names[i]);
	ck_assert_str_eq(text_of("kernel/a"), "7\t-8\n");
	ck_assert_str_eq(text_of("net/own"), "-8\n");
	/* only written to */
	ck_assert_ptr_null(text_of("kernel/c"));
	ck_assert_int_eq(sys.values.v[2].kind, SYSCTL_WRITE_ONLY);
	ck_assert_uint_eq(sys.remarks.n, 0);
}
END_TEST

/* A directory stands before a file whose name goes on, as "eth0" and "eth0.1"
 * do. */
START_TEST(order)
{
	fake_puts(&f, NAMES, "own");		/* for "kernel" */
	fake_puts(&f, NAMES + 32 * 2, "own.1"); /* and "net", the namespace's */
	look();
	ck_assert_str_eq(sysctl_name(&sys.list, 0), "own/a");
	ck_assert_str_eq(sysctl_name(&sys.list, 3), "own.1/own");
}
END_TEST

/* A handler shows the same bytes in its own way. */
START_TEST(kinds)
{
	static const struct {
		const char *handler, *text;
		uint32_t maxlen;
	} cases[] = {
		{"proc_douintvec", "4294967288\n", 4},
		{"proc_doulongvec_minmax", "34359738360\n", 8},
		{"proc_dou8vec_minmax", "248\n", 1},
		{"proc_rt6_multipath_hash_policy", "248\n", 1},
		{"proc_rt6_multipath_hash_policy", "-8\n", 4}, /* an int */
		{"proc_dobool", "1\n", 1},
		{"proc_dobool", "1\n", 4},
		{"proc_dointvec_jiffies", "-8\n", 4},
		{"proc_do_static_key", "1\n", 16},
		{"vmstat_refresh", "", 4},
		{"ipv4_local_port_range", "4294967288\t7\n", 8},
		{"proc_watchdog", NULL, 4}, /* made by code */
	};
	unsigned int i;

	fake_put32(&f, DATA, (uint32_t)-8);
	fake_put32(&f, DATA + 4, 7);
	fake_field("clocksource.mult", 0, 4);
	fake_field("clocksource.shift", 4, 4);
	fake_symbol("clocksource_jiffies", DATA + 0x40);
	fake_put32(&f, DATA + 0x40, 1000000000u);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		fake_symbol(cases[i].handler, HANDLER(i + 1));
		put_value(KERNEL, 0, i + 1, DATA, cases[i].maxlen);
		look();
		if (cases[i].text)
			ck_assert_str_eq(text_of("kernel/a"), cases[i].text);
		else
			ck_assert_ptr_null(text_of("kernel/a"));
	}
	ck_assert_str_eq(sys.values.v[0].handler, "proc_watchdog");
}
END_TEST

/* 250 of them in a second, as distributions have it. */
START_TEST(jiffies)
{
	fake_symbol("proc_dointvec_jiffies", HANDLER(1));
	fake_symbol("proc_dointvec_ms_jiffies", HANDLER(2));
	fake_symbol("proc_dointvec_userhz_jiffies", HANDLER(3));
	fake_symbol("neigh_proc_base_reachable_time", HANDLER(4));
	fake_put32(&f, DATA, 1000);
	put_value(KERNEL, 0, 1, DATA, 4);
	look();
	ck_assert_ptr_null(text_of("kernel/a")); /* their length is not known */
	fake_field("clocksource.mult", 0, 4);
	fake_field("clocksource.shift", 4, 4);
	fake_symbol("clocksource_jiffies", DATA + 0x40);
	fake_put32(&f, DATA + 0x40, 4000000u << 8);
	fake_put32(&f, DATA + 0x44, 8);
	look();
	ck_assert_uint_eq(sys.values.hz, 250);
	ck_assert_str_eq(text_of("kernel/a"), "4\n");
	put_value(KERNEL, 0, 2, DATA, 4);
	look();
	ck_assert_str_eq(text_of("kernel/a"), "4000\n");
	put_value(KERNEL, 0, 3, DATA, 4);
	look();
	ck_assert_str_eq(text_of("kernel/a"), "400\n");
	/* by the file's name */
	put_value(KERNEL, 0, 4, DATA, 4);
	look();
	ck_assert_str_eq(text_of("kernel/a"), "1000\n");
	fake_puts(&f, NAMES + 32 * 3, "base_reachable_time");
	look();
	ck_assert_str_eq(text_of("kernel/base_reachable_time"), "4\n");
	fake_puts(&f, NAMES + 32 * 3, "base_reachable_time_ms");
	look();
	ck_assert_str_eq(text_of("kernel/base_reachable_time_ms"), "4000\n");
}
END_TEST

START_TEST(strings_and_variables)
{
	fake_symbol("proc_dostring", HANDLER(1));
	fake_symbol("proc_taint", HANDLER(2));
	fake_symbol("tainted_mask", DATA + 8);
	fake_puts(&f, DATA, "none");
	fake_put64(&f, DATA + 8, 4096);
	put_value(KERNEL, 0, 1, DATA, 2);  /* cut there */
	put_value(KERNEL, 1, 1, 0xfff, 8); /* cannot be read */
	put_value(OWN, 0, 2, 0, 8);
	look();
	ck_assert_str_eq(text_of("kernel/a"), "no\n");
	ck_assert_ptr_null(text_of("kernel/b"));
	ck_assert_str_eq(text_of("net/own"), "4096\n");
	/* of two variables the one that there is */
	fake_symbol("sysctl_numa_balancing", HANDLER(3));
	put_value(OWN, 0, 3, 0, 4);
	look();
	ck_assert_ptr_null(text_of("net/own"));
	fake_symbol("sched_numa_balancing", DATA + 8);
	look();
	ck_assert_str_eq(text_of("net/own"), "1\n");
	fake_symbol("sysctl_numa_balancing_mode", DATA + 16);
	fake_put32(&f, DATA + 16, 2);
	look();
	ck_assert_str_eq(text_of("net/own"), "2\n");
}
END_TEST

/* A handler is told the initial namespace's variable, and shows another's. */
START_TEST(namespaces)
{
	struct task_ns ns = {
		.at = {[TASK_NS_NET] = NET, [TASK_NS_UTS] = DATA + 0x100}};

	fake_symbol("proc_do_uts_string", HANDLER(1));
	fake_symbol("init_uts_ns", DATA);
	fake_puts(&f, DATA + 8, "initial");
	fake_puts(&f, DATA + 0x108, "other");
	put_value(KERNEL, 0, 1, DATA + 8, 8);
	look();
	ck_assert_str_eq(text_of("kernel/a"), "initial\n");
	sys_deinit(&sys);
	ck_assert_int_eq(
		sysctls_read(&f.kernel, &ns, &sys.list, &sys.remarks, NULL), 0);
	ck_assert_int_eq(sysctl_values_read(&f.kernel, &sys.list, &ns,
					    &sys.values, NULL),
			 0);
	ck_assert_str_eq(text_of("kernel/a"), "other\n");
}
END_TEST

/* From 6.8 on the table tells of the struct net, and not how long it is. */
START_TEST(ports)
{
	fake_symbol("ipv4_local_port_range", HANDLER(1));
	put_value(OWN, 0, 1, NET, 0);
	look();
	ck_assert_ptr_null(text_of("net/own"));
	fake_field("net.ipv4.ip_local_ports.range", 0x80, 4);
	fake_put32(&f, NET + 0x80, 60999u << 16 | 32768);
	look();
	ck_assert_str_eq(text_of("net/own"), "32768\t60999\n");
	/* two ints before, however long the table says that they are */
	fake_put32(&f, NET + 0x40, 5);
	fake_put32(&f, NET + 0x44, 6);
	put_value(OWN, 0, 1, NET + 0x40, 1);
	look();
	ck_assert_str_eq(text_of("net/own"), "5\t6\n");
	fake_symbol("ipv4_ping_group_range", HANDLER(2));
	put_value(OWN, 0, 2, NET + 0x40, 0);
	look();
	ck_assert_str_eq(text_of("net/own"), "5\t6\n");
}
END_TEST

START_TEST(damage)
{
	fake_put64(&f, NODE(KERNEL, 0) + 8, NODE(KERNEL, 1)); /* a ring */
	fake_put64(&f, NODE(KERNEL, 2) + 8, 0x123);
	look();
	ck_assert_uint_eq(sys.remarks.n, 2);
	ck_assert_uint_eq(sys.list.v.n, 4);
	fake_put64(&f, NODE(KERNEL, 2) + 24, HEAD(OWN)); /* another's */
	fake_puts(&f, NAMES + 32 * 3, "../a");
	look();
	ck_assert_uint_eq(sys.remarks.n, 4);
	ck_assert_uint_eq(sys.list.v.n, 2);
	fake_put64(&f, HEAD(OWN) + 16, 1); /* it is being taken away */
	look();
	ck_assert_ptr_null(text_of("net/own"));
}
END_TEST

/* A name that does not end, and a node that lies between two of its array. */
START_TEST(names_and_nodes)
{
	static const char name[] = "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef"
				   "0123456789abcdef0123456789abcdef";

	fake_puts(&f, NAMES + 32 * 20, name);
	fake_put64(&f, TABLE(KERNEL, 0), NAMES + 32 * 20);
	look();
	ck_assert_uint_eq(sys.remarks.n, 1);
	ck_assert_uint_eq(sys.list.v.n, 3);
	fake_puts(&f, NAMES + 32 * 20 + 126, ""); /* the longest that counts */
	look();
	ck_assert_uint_eq(sys.remarks.n, 0);
	ck_assert_uint_eq(sys.list.v.n, 4);
	fake_put64(&f, HEAD(KERNEL) + 8, NODE(KERNEL, 0) + 8);
	look();
	ck_assert_uint_eq(sys.remarks.n, 3);
	ck_assert_uint_eq(sys.list.v.n, 1);
}
END_TEST

/* As many batches however many there are in a level. */
START_TEST(batches)
{
	uint64_t few, many;
	struct machine *m = &f.memory.machine;

	fake_put64(&f, NODE(KERNEL, 1) + 8, 0);
	few = m->stats.batches;
	look();
	few = m->stats.batches - few;
	fake_put64(&f, NODE(KERNEL, 1) + 8, NODE(KERNEL, 0));
	many = m->stats.batches;
	look();
	many = m->stats.batches - many;
	ck_assert_uint_eq(many, few);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sys");
	TCase *t = tcase_create("proc_sys");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, trees);
	tcase_add_test(t, order);
	tcase_add_test(t, kinds);
	tcase_add_test(t, jiffies);
	tcase_add_test(t, strings_and_variables);
	tcase_add_test(t, namespaces);
	tcase_add_test(t, ports);
	tcase_add_test(t, damage);
	tcase_add_test(t, names_and_nodes);
	tcase_add_test(t, batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
