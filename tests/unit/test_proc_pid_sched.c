/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/PID/sched, on memory written by hand: its text, and that many
 * processes take no more batches than one. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proc/proc.h"
#include "unit/fake_kernel.h"

#define TASKS	  4
#define TASK(n)	  (DIRECT + 0x10000 + (n)*0x400ULL)
#define SIGNAL(n) (DIRECT + 0x20000 + (n)*0x100ULL)
#define MM(n)	  (DIRECT + 0x28000 + (n)*0x100ULL)
#define VARS	  (DIRECT + 0x1000)
#define KEY	  (VARS + 8)
#define CLAMPS	  (VARS + 16)
#define OFFSETS	  (VARS + 0x100)
#define ONLINE	  (VARS + 0x200)
#define NODE_VAR  (VARS + 0x300)
#define NODES	  (VARS + 0x400)
#define NODE_DATA (VARS + 0x600)
#define GROUP	  (DIRECT + 0x3000)
#define OWN_GROUP (DIRECT + 0x3100)
#define FAULTS	  (DIRECT + 0x3200)
#define NUMA	  (DIRECT + 0x3300)
#define EXT	  (DIRECT + 0x3400)
#define PGDAT	  (DIRECT + 0x4000)
#define NOT_THERE (DIRECT + (2ULL << 30))

/* Members of 8 bytes, one behind the other, from FIRST on. */
#define FIRST 0x80
static const char *const members[] = {"se.exec_start",
				      "se.vruntime",
				      "se.sum_exec_runtime",
				      "se.nr_migrations",
				      "stats.sum_sleep_runtime",
				      "stats.wait_count",
				      "nvcsw",
				      "nivcsw",
				      "se.load.weight",
				      "se.avg.util_avg",
				      "se.avg.util_est.ewma",
				      "se.avg.util_est.enqueued",
				      "policy",
				      "prio",
				      "dl.runtime",
				      "dl.deadline",
				      "se.slice",
				      "sched_class",
				      "sched_task_group",
				      "numa_pages_migrated",
				      "numa_faults",
				      "total_numa_faults",
				      "numa_group"};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

static struct fake_kernel f;
static struct proc_values values;
static struct task tasks[TASKS];
static struct buf text;

static void name_of(size_t i, char name[80])
{
	snprintf(name, 80, "task_struct.%s", members[i]);
}

static void put(unsigned int n, const char *member, uint64_t value)
{
	size_t i;

	for (i = 0; strcmp(members[i], member); i++)
		;
	fake_put64(&f, TASK(n) + FIRST + 8 * i, value);
}

static void setup(void)
{
	static const struct fake_member list[] = {
		{"task_struct.comm", 0, 16},
		{"task_struct.signal", 16, 8},
		{"signal_struct.nr_threads", 0, 4},
	};
	char name[80];
	size_t i;

	fake_kernel_init(&f);
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	for (i = 0; i < MEMBERS; i++) {
		name_of(i, name);
		fake_field(name, FIRST + 8 * (uint32_t)i, 8);
	}
	fake_no_field("task_struct.sched_class");
	fake_field("task_struct.stats", FIRST, 16);
	fake_symbol("sched_schedstats", KEY);
	for (i = 0; i < TASKS; i++) {
		tasks[i] = (struct task){
			.addr = TASK(i), .mm = MM(i), .pid = 10 + (uint32_t)i};
		fake_puts(&f, TASK(i), "a name of 15 by");
		fake_put64(&f, TASK(i) + 16, SIGNAL(i));
		fake_put32(&f, SIGNAL(i), 1 + (uint32_t)i);
	}
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

/* Read n tasks; the text of the last one. */
static const char *read_text(size_t n)
{
	struct err err = {0};

	buf_reset(&text);
	proc_values_deinit(&values);
	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(
		!proc_read(&proc_pid_sched, &f.kernel, tasks, n, &values, &err),
		"%s", err.text);
	proc_text(&values, n - 1, 0, &text);
	return text.data ? text.data : "";
}

#define RULE                               \
	"--------------------------------" \
	"-----------------------------------\n"

START_TEST(numbers)
{
	put(0, "se.exec_start", 4220123922);
	put(0, "se.vruntime", -1500001ULL);
	put(0, "se.nr_migrations", 3);
	put(0, "nvcsw", 5);
	put(0, "nivcsw", 2);
	put(0, "se.avg.util_est.enqueued", 0x80000011);
	put(0, "prio", 0xffffffff); /* of a deadline */
	put(0, "se.slice", 700000);
	ck_assert_str_eq(read_text(1),
			 "a name of 15 by (10, #threads: 1)\n" RULE
			 "se.exec_start                                :"
			 "          4220.123922\n"
			 "se.vruntime                                  :"
			 "            -1.500001\n"
			 "se.sum_exec_runtime                          :"
			 "             0.000000\n"
			 "se.nr_migrations                             :"
			 "                    3\n"
			 "nr_switches                                  :"
			 "                    7\n"
			 "nr_voluntary_switches                        :"
			 "                    5\n"
			 "nr_involuntary_switches                      :"
			 "                    2\n"
			 "se.load.weight                               :"
			 "                    0\n"
			 "se.avg.util_avg                              :"
			 "                    0\n"
			 "se.avg.util_est.ewma                         :"
			 "                    0\n"
			 "se.avg.util_est.enqueued                     :"
			 "                   17\n"
			 "policy                                       :"
			 "                    0\n"
			 "prio                                         :"
			 "                   -1\n"
			 "se.slice                                     :"
			 "               700000\n"
			 "clock-delta                                  :"
			 "                    0\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

static void has(const char *name, const char *value)
{
	char line[96];

	snprintf(line, sizeof(line), "\n%-45s:%21s\n", name, value);
	ck_assert_msg(strstr(read_text(1), line), "%s in %s", line, text.data);
}

static void lacks(const char *name)
{
	ck_assert_msg(!strstr(read_text(1), name), "%s", text.data);
}

/* Only while they are counted; of no switch, an average of -1. */
START_TEST(statistics)
{
	put(0, "se.sum_exec_runtime", 9000000);
	put(0, "se.nr_migrations", 2);
	put(0, "stats.wait_count", 12);
	lacks("wait_count");
	fake_put32(&f, KEY, 1);
	has("wait_count", "12");
	has("avg_atom", "0.000001");
	has("avg_per_cpu", "4.500000");
	fake_no_field("task_struct.stats"); /* up to 5.15 */
	has("se.statistics.wait_count", "12");
	fake_put32(&f, KEY, 0);
	lacks("avg_atom");
}
END_TEST

START_TEST(policies)
{
	put(0, "policy", 6);
	put(0, "dl.deadline", 250);
	has("dl.deadline", "250");
	lacks("se.slice");
	put(0, "policy", 2);
	lacks("se.slice");
	put(0, "policy", 7);
	lacks("se.slice");
	fake_field("task_struct.sched_class", FIRST, 8);
	fake_symbol("ext_sched_class", EXT);
	has("ext.enabled", "0");
	has("se.slice", "0");
	fake_put64(&f, TASK(0) + FIRST, EXT);
	has("ext.enabled", "1");
}
END_TEST

/* A struct uclamp_se: 11 bits of a value, 3 of others, and one more. */
#define CLAMP(value, active) ((value) | (active) << 14)

static void put_clamps(uint64_t at, uint32_t least, uint32_t most)
{
	fake_put32(&f, at, least);
	fake_put32(&f, at + 4, most);
}

START_TEST(clamps)
{
	fake_field("task_struct.uclamp_req", 32, 8);
	fake_field("task_struct.uclamp", 40, 8);
	fake_field("task_group.uclamp", 0, 8);
	fake_field("task_group.autogroup", 8, 8);
	fake_bits("uclamp_se.value", 0, 0, 11);
	fake_bits("uclamp_se.active", 1, 6, 1);
	fake_sizeof("uclamp_se", 4);
	fake_symbol("uclamp_default", CLAMPS);
	fake_symbol("root_task_group", GROUP);
	put_clamps(CLAMPS, 1024, 1000);
	put_clamps(TASK(0) + 32, CLAMP(100, 0), CLAMP(1024, 0));
	put(0, "sched_task_group", GROUP);
	has("uclamp.min", "100");
	has("uclamp.max", "1024");
	has("effective uclamp.min", "100");
	has("effective uclamp.max", "1000");
	put(0, "sched_task_group", OWN_GROUP);
	put_clamps(OWN_GROUP, CLAMP(200, 0), CLAMP(300, 0));
	has("effective uclamp.min", "200");
	has("effective uclamp.max", "300");
	fake_put64(&f, OWN_GROUP + 8, EXT); /* an autogroup */
	has("effective uclamp.min", "100");
	put_clamps(TASK(0) + 40, CLAMP(64, 0), CLAMP(127, 0));
	has("effective uclamp.min", "100");
	put_clamps(TASK(0) + 40, CLAMP(7, 1), CLAMP(8, 1));
	has("effective uclamp.max", "8");
}
END_TEST

/* One node of memory is online, and CPU 0 is on another one. */
static void put_nodes(void)
{
	static const struct fake_member list[] = {
		{"task_struct.numa_preferred_nid", 48, 4},
		{"task_struct.thread_info.cpu", 52, 4},
		{"mm_struct.numa_scan_seq", 0, 4},
		{"numa_group.gid", 0, 4},
		{"numa_group.faults", 8, 0},
		{"pglist_data.node_id", 0, 4},
		{"pglist_data.node_start_pfn", 0x100, 8},
		{"pglist_data.node_spanned_pages", 0x108, 8},
		{"pglist_data.node_present_pages", 0x110, 8},
		{"zone.zone_pgdat", 0x20, 8},
	};

	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("zone", 0x40);
	fake_constant("zone_type.__MAX_NR_ZONES", 1);
	fake_symbol("contig_page_data", PGDAT);
	fake_put64(&f, PGDAT + 0x20, PGDAT);
	fake_symbol("nr_cpu_ids", VARS);
	fake_symbol("__per_cpu_offset", OFFSETS);
	fake_symbol("__cpu_online_mask", ONLINE);
	fake_symbol("__cpu_possible_mask", ONLINE);
	fake_symbol("numa_node", NODE_VAR);
	fake_put32(&f, VARS, 1);
	fake_put64(&f, ONLINE, 1);
	fake_put32(&f, NODE_VAR, 2);
}

START_TEST(nodes)
{
	put_nodes();
	fake_put32(&f, TASK(0) + 48, 0xffffffff);
	fake_put32(&f, MM(0), 0xfffffffe);
	put(0, "total_numa_faults", 40);
	has("mm->numa_scan_seq", "-2");
	has("numa_preferred_nid", "-1");
	has("total_numa_faults", "40");
	ck_assert_ptr_nonnull(strstr(
		text.data, "\ncurrent_node=2, numa_group_id=0\n"
			   "numa_faults node=0 task_private=0 task_shared=0 "
			   "group_private=0 group_shared=0\n"));
	put(0, "numa_faults", FAULTS);
	put(0, "numa_group", NUMA);
	fake_put64(&f, FAULTS, 1);
	fake_put64(&f, FAULTS + 8, 2);
	fake_put32(&f, NUMA, 77);
	fake_put64(&f, NUMA + 8, 3);
	fake_put64(&f, NUMA + 16, 4);
	ck_assert_ptr_nonnull(strstr(
		read_text(1), "\ncurrent_node=2, numa_group_id=77\n"
			      "numa_faults node=0 task_private=2 task_shared=1 "
			      "group_private=4 group_shared=3\n"));
	tasks[0].mm = 0;
	lacks("mm->numa_scan_seq");
}
END_TEST

START_TEST(damage)
{
	put_nodes();
	put(0, "numa_faults", NOT_THERE);
	lacks("se.exec_start");
	ck_assert_uint_gt(values.parts->why.len, 0);
	put(0, "numa_faults", 0);
	ck_assert_uint_gt(strlen(read_text(1)), 0);
	tasks[0].addr = NOT_THERE;
	lacks("se.exec_start");
	ck_assert_uint_gt(strlen(read_text(2)), 0); /* the others are there */
	ck_assert_uint_gt(values.parts[0].why.len, 0);
	ck_assert_uint_eq(values.parts[1].why.len, 0);
}
END_TEST

START_TEST(batches)
{
	uint64_t before, one;
	unsigned int i;

	put_nodes();
	for (i = 0; i < TASKS; i++)
		put(i, "numa_faults", FAULTS);
	read_text(1);
	before = f.memory.machine.stats.batches;
	read_text(1);
	one = f.memory.machine.stats.batches - before;
	before = f.memory.machine.stats.batches;
	read_text(TASKS);
	ck_assert_uint_eq(f.memory.machine.stats.batches - before, one);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc/pid_sched");
	TCase *t = tcase_create("sched");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, numbers);
	tcase_add_test(t, statistics);
	tcase_add_test(t, policies);
	tcase_add_test(t, clamps);
	tcase_add_test(t, nodes);
	tcase_add_test(t, damage);
	tcase_add_test(t, batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
