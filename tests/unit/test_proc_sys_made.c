/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of sysctls whose values functions of the kernel's make. */
#include "proc/sys.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "unit/fake_kernel.h"

#define NET	(DIRECT + 0x1000)
#define PID_NS	(DIRECT + 0x1800)
#define VARS	(DIRECT + 0x2000)
#define DATA	(DIRECT + 0x3000)
#define THINGS	(DIRECT + 0x4000) /* what pointers lead to */
#define CPU(i)	(DIRECT + 0x10000 + (i)*0x1000ULL)
#define HANDLER 0xffffffff81000000ULL

static struct fake_kernel f;
static struct sys sys;

static void put_fields(void)
{
	fake_fields(
		(const struct fake_member[]){
			{"pid_namespace.idr.idr_next", 0x10, 4},
			{"pid_namespace.memfd_noexec_scope", 0x14, 4},
			{"pid.numbers", 0x20, 0},
			{"Qdisc_ops.id", 0x10, 16},
			{"tcp_congestion_ops.list", 0, 16},
			{"tcp_congestion_ops.name", 0x20, 16},
			{"tcp_congestion_ops.flags", 0x18, 4},
			{"net.core.rps_default_mask", 0, 8},
			{"net.ipv4.tcp_fastopen_ctx", 8, 8},
			{"net.ipv4.tcp_death_row.hashinfo", 16, 8},
			{"net.ipv4.sysctl_fib_multipath_hash_seed.user_seed",
			 24, 4},
			{"net.nf.nf_loggers", 0x100, 24},
			{"inet_hashinfo.ehash_mask", 8, 4},
			{"tcp_fastopen_context.key", 0, 32},
			{"tcp_fastopen_context.num", 32, 4},
			{"rps_sock_flow_table.mask", 0, 4},
			{"nf_logger.name", 0, 8},
			{"kexec_load_limit.limit", 24, 4},
			{"hstate.max_huge_pages", 8, 8},
			{"ipv6_stable_secret.initialized", 0, 1},
			{"ipv6_stable_secret.secret", 4, 16},
			{"dqstats.counter", 64, 8 * 40},
			{"percpu_counter.count", 8, 8},
			{"percpu_counter.counters", 32, 8},
			{"softnet_data.flow_limit", 0x40, 8},
		},
		25);
	fake_sizeof("hstate", 0x40);
	fake_sizeof("sk_buff", 232);
	fake_sizeof("skb_shared_info", 320);
	fake_sizeof("percpu_counter", 40);
}

/* Two CPUs. */
static void setup(void)
{
	fake_kernel_init(&f);
	put_fields();
	fake_symbol("init_net", NET);
	fake_symbol("nr_cpu_ids", VARS);
	fake_symbol("__per_cpu_offset", VARS + 8);
	fake_put32(&f, VARS, 2);
	fake_put64(&f, VARS + 8, CPU(0));
	fake_put64(&f, VARS + 16, CPU(1));
}

static void teardown(void)
{
	sys_deinit(&sys);
	fake_kernel_deinit(&f);
}

/* Have one more sysctl. */
static void add(const char *name, unsigned int handler, uint64_t data,
		uint32_t maxlen)
{
	ck_assert_int_eq(vec_push(&sys.list.v, {.name = sys.list.names.len,
						.data = data,
						.handler = HANDLER + handler,
						.maxlen = maxlen,
						.mode = 0444}),
			 0);
	buf_add(&sys.list.names, name, strlen(name) + 1);
}

static void look(void)
{
	const struct task_ns ns = {
		.at = {[TASK_NS_NET] = NET, [TASK_NS_PID] = PID_NS}};

	machine_drop_cache(&f.memory.machine);
	sysctl_values_deinit(&sys.values);
	ck_assert_int_eq(sysctl_values_read(&f.kernel, &sys.list, &ns,
					    &sys.values, NULL),
			 0);
}

/* The text of the i-th; "?": it is not known. */
static const char *text_of(size_t i)
{
	static char text[512];
	struct buf b = {0};

	if (!sys_is_known(&sys, i))
		return "?";
	sys_text(&sys, i, &b);
	ck_assert_uint_lt(b.len, sizeof(text));
	strcpy(text, b.data ? b.data : "");
	buf_deinit(&b);
	return text;
}

/* What the only sysctl shows that has this handler. */
static const char *shown(const char *handler, uint64_t data, uint32_t maxlen)
{
	static unsigned int n;

	sys.list.v.n = 0;
	buf_reset(&sys.list.names);
	n += 0x10;
	fake_symbol(handler, HANDLER + n);
	add("net/netfilter/nf_log/2", n, data, maxlen);
	look();
	return text_of(0);
}

START_TEST(data)
{
	fake_put64(&f, DATA, 0x0807060504030201);
	fake_put64(&f, DATA + 8, 0x000f0e0d0c0b0a09);
	ck_assert_str_eq(shown("proc_do_uuid", DATA, 0),
			 "01020304-0506-0708-090a-0b0c0d0e0f00\n");
	fake_put64(&f, DATA + 8, 0x000f0e0d0c0b0a00); /* none was made yet */
	ck_assert_str_eq(shown("proc_do_uuid", DATA, 0), "?");
	ck_assert_str_eq(shown("proc_do_uuid", 0, 0), "?");
	ck_assert_int_eq(sys.values.v->kind, SYSCTL_MADE);
	fake_put32(&f, DATA + 24, (uint32_t)-1);
	ck_assert_str_eq(shown("kexec_limit_handler", DATA, 4), "-1\n");
	fake_put32(&f, DATA, 212992);
	/* 1514 + 256 + 320 bytes */
	ck_assert_str_eq(shown("neigh_proc_dointvec_unres_qlen", DATA, 4),
			 "101\n");
	ck_assert_str_eq(
		shown("addrconf_sysctl_stable_secret", DATA + 0x40, 256), "?");
	ck_assert_int_eq(sys.values.v->kind, SYSCTL_UNSET);
	fake_put64(&f, DATA + 0x40, 0xb80d012000000001);
	fake_put32(&f, DATA + 0x50, 0x02000100);
	ck_assert_str_eq(
		shown("addrconf_sysctl_stable_secret", DATA + 0x40, 256),
		"2001:0db8:0000:0000:0000:0000:0001:0002\n");
	fake_put64(&f, DATA + 0x60, 0xc1);
	ck_assert_str_eq(shown("sysctl_sys_info_handler", DATA + 0x60, 8),
			 "tasks,all_bt,blocked_tasks\n");
	fake_put64(&f, DATA + 0x60, 0x100); /* one that is not known */
	ck_assert_str_eq(shown("sysctl_sys_info_handler", DATA + 0x60, 8), "?");
	ck_assert_str_eq(shown("proc_ipc_auto_msgmni", 0, 0), "0\n");
}
END_TEST

START_TEST(variables)
{
	fake_symbol("watchdog_enabled", VARS + 0x40);
	fake_put32(&f, VARS + 0x40, 2);
	ck_assert_str_eq(shown("proc_watchdog", 0, 4), "1\n");
	ck_assert_str_eq(shown("proc_nmi_watchdog", 0, 4), "0\n");
	ck_assert_str_eq(shown("proc_soft_watchdog", 0, 4), "1\n");
	fake_symbol("seccomp_actions_logged", VARS + 0x48);
	fake_put32(&f, VARS + 0x48, 0x91);
	ck_assert_str_eq(shown("seccomp_actions_logged_handler", 0, 0),
			 "kill_process user_notif trace\n");
	ck_assert_str_eq(shown("sysrq_sysctl_handler", 0, 4), "?");
	fake_symbol("sysrq_enabled", VARS + 0x50);
	fake_put32(&f, VARS + 0x50, 438);
	fake_symbol("sysrq_always_enabled", VARS + 0x54);
	ck_assert_str_eq(shown("sysrq_sysctl_handler", 0, 4), "438\n");
	fake_put32(&f, VARS + 0x54, 1);
	ck_assert_str_eq(shown("sysrq_sysctl_handler", 0, 4), "1\n");
	fake_symbol("usermodehelper_inheritable", VARS + 0x58);
	fake_put64(&f, VARS + 0x58, 0x1ffffffffff);
	ck_assert_str_eq(shown("proc_cap_handler", 2, 16), "4294967295\t511\n");
	ck_assert_str_eq(shown("proc_cap_handler", VARS + 0x58, 16),
			 "4294967295\t511\n");
	fake_put32(&f, PID_NS + 0x10, 213);
	fake_put32(&f, PID_NS + 0x14, 1);
	ck_assert_str_eq(shown("pid_ns_ctl_handler", 0, 4), "212\n");
	ck_assert_str_eq(shown("pid_mfd_noexec_dointvec_minmax", 0, 4), "1\n");
	fake_symbol("hstates", VARS + 0x80);
	fake_symbol("default_hstate_idx", VARS + 0x60);
	fake_put32(&f, VARS + 0x60, 1);
	fake_put64(&f, VARS + 0x80 + 0x40 + 8, 5);
	ck_assert_str_eq(shown("hugetlb_sysctl_handler", 0, 8), "5\n");
	fake_put32(&f, VARS + 0x60, 16); /* there are not so many */
	ck_assert_str_eq(shown("hugetlb_sysctl_handler", 0, 8), "?");
	fake_symbol("netdev_rss_key", VARS + 0x200);
	ck_assert_str_eq(shown("proc_do_rss_key", 0, 4), "?");
	fake_symbol("next", VARS + 0x240);
	ck_assert_uint_eq(strlen(shown("proc_do_rss_key", 0, 4)), 52 * 3);
}
END_TEST

START_TEST(pointers)
{
	fake_put64(&f, DATA, THINGS);
	fake_put64(&f, THINGS, 0x8000000000000007);
	fake_put64(&f, THINGS + 8, 0x31);
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA, 128),
			 "0-2,63-64,68-69\n");
	/* bits that the table does not tell of, and no bitmap */
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA, 69),
			 "0-2,63-64,68\n");
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA, 2), "0-1\n");
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA + 8, 128), "");
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA, 0), "?");
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA, UINT32_MAX), "?");
	fake_put64(&f, DATA, 0x1000); /* nowhere */
	ck_assert_str_eq(shown("proc_do_large_bitmap", DATA, 128), "?");
	ck_assert_int_eq(sys.values.v->kind, SYSCTL_UNREADABLE);
	fake_symbol("default_qdisc_ops", VARS + 0x40);
	ck_assert_str_eq(shown("set_default_qdisc", 0, 16), "?");
	fake_put64(&f, VARS + 0x40, THINGS + 0x100);
	fake_puts(&f, THINGS + 0x110, "pfifo_fast");
	ck_assert_str_eq(shown("set_default_qdisc", 0, 16), "pfifo_fast\n");
	fake_symbol("cad_pid", VARS + 0x48);
	fake_put64(&f, VARS + 0x48, THINGS + 0x200);
	fake_put32(&f, THINGS + 0x220, 1);
	ck_assert_str_eq(shown("proc_do_cad_pid", 0, 4), "1\n");
	fake_symbol("rps_sock_flow_table", VARS + 0x50);
	ck_assert_str_eq(shown("rps_sock_flow_sysctl", 0, 4), "0\n");
	fake_put64(&f, VARS + 0x50, THINGS + 0x300);
	fake_put32(&f, THINGS + 0x300, 1023);
	ck_assert_str_eq(shown("rps_sock_flow_sysctl", 0, 4), "1024\n");
}
END_TEST

START_TEST(namespaces)
{
	ck_assert_str_eq(shown("rps_default_mask_sysctl", 0, 0), "0\n");
	fake_put64(&f, NET, THINGS);
	fake_put64(&f, THINGS, 0xff); /* more CPUs than there are */
	ck_assert_str_eq(shown("rps_default_mask_sysctl", 0, 0), "3\n");
	ck_assert_str_eq(shown("proc_tcp_fastopen_key", 0, 0),
			 "00000000-00000000-00000000-00000000\n");
	fake_put64(&f, NET + 8, THINGS + 0x40);
	fake_put32(&f, THINGS + 0x40, 1);
	fake_put32(&f, THINGS + 0x50, 0xdeadbeef);
	fake_put32(&f, THINGS + 0x60, 1);
	ck_assert_str_eq(shown("proc_tcp_fastopen_key", 0, 0),
			 "00000001-00000000-00000000-00000000\n");
	fake_put32(&f, THINGS + 0x60, 2);
	ck_assert_str_eq(shown("proc_tcp_fastopen_key", 0, 0),
			 "00000001-00000000-00000000-00000000,"
			 "deadbeef-00000000-00000000-00000000\n");
	fake_put64(&f, NET + 16, THINGS + 0x80);
	fake_put32(&f, THINGS + 0x88, 4095);
	ck_assert_str_eq(shown("proc_tcp_ehash_entries", 0, 4), "4096\n");
	fake_put32(&f, NET + 24, 77);
	ck_assert_str_eq(shown("proc_fib_multipath_hash_seed", 0, 4), "77\n");
	ck_assert_str_eq(shown("nf_log_proc_dostring", 0, 64), "NONE\n");
	fake_put64(&f, NET + 0x110, THINGS + 0x100);
	fake_put64(&f, THINGS + 0x100, THINGS + 0x120);
	fake_puts(&f, THINGS + 0x120, "nf_log_syslog");
	ck_assert_str_eq(shown("nf_log_proc_dostring", 0, 64),
			 "nf_log_syslog\n");
}
END_TEST

/* Another logger's number than there is, and none. */
START_TEST(loggers)
{
	fake_symbol("nf_log_proc_dostring", HANDLER);
	add("net/netfilter/nf_log/2", 0, 0, 64);
	add("net/netfilter/nf_log/3", 0, 0, 64);
	add("net/netfilter/nf_log/-1", 0, 0, 64);
	add("net/netfilter/nf_log/x", 0, 0, 64);
	look();
	ck_assert_str_eq(text_of(0), "NONE\n");
	ck_assert_str_eq(text_of(1), "?");
	ck_assert_str_eq(text_of(2), "?");
	ck_assert_str_eq(text_of(3), "?");
}
END_TEST

START_TEST(lists)
{
	const uint64_t links[] = {THINGS, THINGS + 0x100};
	struct machine *m = &f.memory.machine;
	uint64_t batches;

	fake_symbol("tcp_cong_list", VARS + 0x40);
	fake_ring(&f, VARS + 0x40, links, 2);
	fake_puts(&f, THINGS + 0x20, "reno");
	fake_puts(&f, THINGS + 0x120, "cubic");
	fake_put32(&f, THINGS + 0x18, 1);
	ck_assert_str_eq(shown("proc_tcp_available_congestion_control", 0, 64),
			 "reno cubic\n");
	ck_assert_str_eq(shown("proc_allowed_congestion_control", 0, 64),
			 "reno\n");
	ck_assert_str_eq(shown("proc_tcp_available_ulp", 0, 64), "?");
	/* as many batches for many that show a list as for one */
	sys.list.v.n = 0;
	fake_symbol("proc_tcp_available_congestion_control", HANDLER);
	add("a", 0, 0, 64);
	batches = m->stats.batches;
	look();
	batches = m->stats.batches - batches;
	add("b", 0, 0, 64);
	add("c", 0, 0, 64);
	batches += m->stats.batches;
	look();
	ck_assert_uint_eq(m->stats.batches, batches);
	ck_assert_str_eq(text_of(2), "reno cubic\n");
	fake_put64(&f, THINGS, THINGS + 0x40); /* it leads astray */
	look();
	ck_assert_str_eq(text_of(0), "?");
}
END_TEST

START_TEST(sums)
{
	fake_symbol("nr_dentry", 0x10);
	fake_symbol("nr_dentry_unused", 0x18);
	fake_put64(&f, CPU(0) + 0x10, 100);
	fake_put64(&f, CPU(1) + 0x10, (uint64_t)-30);
	fake_put64(&f, CPU(0) + 0x18, (uint64_t)-1);
	fake_put64(&f, DATA + 16, 45);
	ck_assert_str_eq(shown("proc_nr_dentry", DATA, 24), "70\t0\t45\n");
	ck_assert_str_eq(shown("proc_nr_dentry", DATA, 48), "?");
	fake_symbol("nr_dentry_negative", 0x20);
	fake_put64(&f, CPU(1) + 0x20, 9);
	ck_assert_str_eq(shown("proc_nr_dentry", DATA, 48),
			 "70\t0\t45\t0\t9\t0\n");
	ck_assert_str_eq(shown("proc_nr_dentry", DATA, 0), "?");
	fake_symbol("dqstats", THINGS);
	fake_put64(&f, THINGS + 64 + 40 + 8, 10);
	fake_put64(&f, THINGS + 64 + 40 + 32, 0x40);
	fake_put32(&f, CPU(0) + 0x40, (uint32_t)-3);
	ck_assert_str_eq(shown("do_proc_dqstats", THINGS + 8, 8), "7\n");
	ck_assert_str_eq(shown("do_proc_dqstats", THINGS + 64, 8), "?");
	ck_assert_str_eq(shown("do_proc_dqstats", THINGS + 8, 0), "?");
	fake_symbol("softnet_data", 0x80);
	ck_assert_str_eq(shown("flow_limit_cpu_sysctl", 0, 0), "0\n");
	fake_put64(&f, CPU(1) + 0xc0, THINGS);
	ck_assert_str_eq(shown("flow_limit_cpu_sysctl", 0, 0), "2\n");
}
END_TEST

/* Each is as long as one may be; together they would be longer than all. */
START_TEST(totals)
{
	const size_t n = SYSCTL_BYTES_MAX_ALL / SYSCTL_BYTES_MAX + 3;
	size_t i, known = 0;

	fake_symbol("proc_do_large_bitmap", HANDLER);
	fake_put64(&f, DATA, DIRECT + 0x20000);
	for (i = 0; i < n; i++)
		add("bitmap", 0, DATA, SYSCTL_BYTES_MAX * 8);
	look();
	for (i = 0; i < n; i++)
		known += sys_is_known(&sys, i);
	ck_assert_uint_eq(known, n - 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_sys_made");
	TCase *t = tcase_create("proc_sys_made");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, data);
	tcase_add_test(t, variables);
	tcase_add_test(t, pointers);
	tcase_add_test(t, namespaces);
	tcase_add_test(t, loggers);
	tcase_add_test(t, lists);
	tcase_add_test(t, sums);
	tcase_add_test(t, totals);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
