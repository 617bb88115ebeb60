/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/schedstat, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/proc_kit.h"
#include "unit/system_kit.h"

#define VARS	  (DIRECT + 0x1000)
#define CPUS	  (VARS + 0x100)
#define RQ	  (DIRECT + 0x2000)
#define RQ_OF(i)  (RQ + (i)*0x1000ULL)
#define SD(i)	  (DIRECT + 0x6000 + (i)*0x200ULL)
#define NAME	  (DIRECT + 0x7000)
#define SPAN	  256
#define NOT_THERE (DIRECT + (2ULL << 30))

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

/* Members of a domain with an element for each kind of idleness, and not. */
static const char *const each[] = {
	"lb_count",  "lb_balanced",   "lb_failed",  "lb_imbalance_load",
	"lb_gained", "lb_hot_gained", "lb_nobusyq", "lb_nobusyg"};
static const char *const once[] = {
	"alb_count",	    "alb_failed",	"alb_pushed",
	"sbe_count",	    "sbe_balanced",	"sbe_pushed",
	"sbf_count",	    "sbf_balanced",	"sbf_pushed",
	"ttwu_wake_remote", "ttwu_move_affine", "ttwu_move_balance"};

static void domain_field(const char *member, uint32_t offset, uint32_t size)
{
	char name[64];

	snprintf(name, sizeof(name), "sched_domain.%s", member);
	fake_field(name, offset, size);
}

static void setup(void)
{
	static const struct fake_member list[] = {
		{"rq.sd", 0, 8},
		{"rq.yld_count", 8, 4},
		{"rq.sched_count", 12, 4},
		{"rq.sched_goidle", 16, 4},
		{"rq.ttwu_count", 20, 4},
		{"rq.ttwu_local", 24, 4},
		{"rq.rq_cpu_time", 32, 8},
		{"rq.rq_sched_info.run_delay", 40, 8},
		{"rq.rq_sched_info.pcount", 48, 8},
		{"sched_domain.parent", 0, 8},
		{"sched_domain.name", 8, 8},
		{"sched_domain.span", SPAN, 0},
	};
	size_t i;

	fake_kernel_init(&f);
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	for (i = 0; i < 8; i++)
		domain_field(each[i], 16 + (uint32_t)i * 12, 12);
	for (i = 0; i < 12; i++)
		domain_field(once[i], 112 + (uint32_t)i * 4, 4);
	system_kit_cpus(&f, CPUS, 3, 5);
	fake_symbol("jiffies", VARS + 8);
	fake_symbol("runqueues", RQ);
	fake_put64(&f, VARS + 8, 4294900174);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static const char *read_text(void)
{
	struct err err = {0};

	ck_assert_msg(!proc_kit_read(&f, &proc_schedstat, &values, &text, &err),
		      "%s", err.text);
	return text.data;
}

/* CPU 0 and 2; the latter has two domains. */
static void put_queues(void)
{
	unsigned int i;

	for (i = 0; i < 5; i++)
		fake_put32(&f, RQ_OF(0) + 8 + 4 * i, i + 1);
	for (i = 0; i < 3; i++)
		fake_put64(&f, RQ_OF(0) + 32 + 8 * i, 5000000000 + i);
	fake_put64(&f, RQ_OF(2), SD(0));
	fake_put64(&f, SD(0), SD(1));
	fake_put64(&f, SD(0) + 8, NAME);
	fake_puts(&f, NAME, "SMT");
	fake_put64(&f, SD(0) + SPAN, 4);
	fake_put64(&f, SD(1) + SPAN, 5);
	for (i = 0; i < 24; i++) /* element i % 3 of member i / 3 */
		fake_put32(&f, SD(0) + 16 + 4 * i, 100 * (i % 3) + i / 3);
	for (i = 0; i < 12; i++)
		fake_put32(&f, SD(0) + 112 + 4 * i, 900 + i);
}

#define QUEUES                                                \
	"timestamp 4294900174\n"                              \
	"cpu0 1 0 2 3 4 5 5000000000 5000000001 5000000002\n" \
	"cpu2 0 0 0 0 0 0 0 0 0\n"
#define ONCE  " 900 901 902 903 904 905 906 907 908 909 910 911\n"
#define ZEROS " 0 0 0 0 0 0 0 0"

START_TEST(queues_and_domains)
{
	put_queues();
	ck_assert_str_eq(read_text(),
			 "version 15\n" QUEUES
			 "domain0 4 0 1 2 3 4 5 6 7 100 101 102 103 104 105 "
			 "106 107 200 201 202 203 204 205 206 207" ONCE
			 "domain1 5" ZEROS ZEROS ZEROS ZEROS " 0 0 0 0\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
	fake_constant("cpu_idle_type.CPU_IDLE", 1);
	ck_assert(!strncmp(read_text(), "version 16\n", 11));
}
END_TEST

/* More is counted, domains have names, and the span is behind them. */
START_TEST(version_17)
{
	put_queues();
	domain_field("lb_imbalance_util", 176, 12);
	domain_field("lb_imbalance_task", 188, 12);
	domain_field("lb_imbalance_misfit", 200, 12);
	fake_put32(&f, SD(0) + 176, 51);
	fake_put32(&f, SD(0) + 188, 52);
	fake_put32(&f, SD(0) + 200, 53);
	fake_no_field("sched_domain.span");
	fake_sizeof("sched_domain", SPAN);
	read_text();
	ck_assert_ptr_nonnull(
		strstr(text.data, "version 17\n" QUEUES
				  "domain0 SMT 4 0 1 2 3 51 52 53 4 5 6 7 "
				  "100 101 102 103 0 0 0 104 105 106 107 200"));
}
END_TEST

/* Domains of two CPUs take no more batches than those of one. */
START_TEST(batches)
{
	uint64_t before, one;

	put_queues();
	before = f.memory.machine.stats.batches;
	read_text();
	one = f.memory.machine.stats.batches - before;
	fake_put64(&f, RQ_OF(0), SD(2));
	fake_put64(&f, SD(2), SD(3));
	before = f.memory.machine.stats.batches;
	read_text();
	ck_assert_uint_eq(f.memory.machine.stats.batches - before, one);
}
END_TEST

START_TEST(damage)
{
	put_queues();
	fake_put64(&f, SD(1), SD(0)); /* a circle */
	ck_assert_ptr_nonnull(strstr(read_text(), "domain1 5"));
	ck_assert(values.parts->torn);
	fake_put64(&f, RQ_OF(2), NOT_THERE);
	ck_assert_ptr_null(strstr(read_text(), "domain"));
	ck_assert(values.parts->torn);
	fake_put64(&f, CPUS + SYSTEM_KIT_OFFSETS, NOT_THERE);
	ck_assert_ptr_null(strstr(read_text(), "cpu0"));
	ck_assert_ptr_nonnull(strstr(values.parts->why.data, "CPU 0"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc/schedstat");
	TCase *t = tcase_create("schedstat");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, queues_and_domains);
	tcase_add_test(t, version_17);
	tcase_add_test(t, batches);
	tcase_add_test(t, damage);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
