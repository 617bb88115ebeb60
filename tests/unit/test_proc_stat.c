/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what CPUs did: stat, uptime, loadavg, softirqs and interrupts, on
 * memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/proc_kit.h"
#include "unit/system_kit.h"

/* Per-CPU variables of CPU 0; those of the next one are 0x1000 behind. */
#define CPUSTAT	  (DIRECT + 0x20000)
#define TICK	  (DIRECT + 0x20100)
#define QUEUE	  (DIRECT + 0x20200)
#define KSTAT	  (DIRECT + 0x20300)
#define IRQSTAT	  (DIRECT + 0x20400)
#define COUNT(i)  (DIRECT + 0x20500 + (i)*4ULL)
#define POLLS	  (DIRECT + 0x20600)
#define CPUS	  (DIRECT + 0x1000)
#define CLOCK	  (DIRECT + 0x1200)
#define WORDS	  (DIRECT + 0x1300)
#define NAMES	  (DIRECT + 0x1400)
#define TEXT(i)	  (DIRECT + 0x1500 + (i)*0x20ULL)
#define TREE	  (DIRECT + 0x2000)
#define XNODE	  (DIRECT + 0x2100)
#define MNODE	  (DIRECT + 0x2800)
#define IRQ(i)	  (DIRECT + 0x3000 + (i)*0x80ULL)
#define CHIP	  (DIRECT + 0x3800)
#define ACTION(i) (DIRECT + 0x3900 + (i)*0x20ULL)
#define PIDNS	  (DIRECT + 0x3a00)

#define SECOND	  1000000000ULL

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void put_cpus(void)
{
	system_kit_cpus(&f, CPUS, 3, 5);
}

/* Uptime 100 s, of which 20 s asleep; the clock is 1000 s ahead. */
static void put_clock(void)
{
	fake_field("timekeeper.offs_real", 0, 8);
	fake_field("timekeeper.offs_boot", 8, 8);
	fake_field("timekeeper.tkr_mono.base", 16, 8);
	fake_field("timekeeper.tkr_mono.xtime_nsec", 24, 8);
	fake_field("timekeeper.tkr_mono.shift", 32, 4);
	fake_field("tk_data.timekeeper", 16, 8);
	fake_symbol("timekeeper_data", CLOCK);
	fake_put64(&f, CLOCK + 16, 1020 * SECOND);
	fake_put64(&f, CLOCK + 24, 20 * SECOND);
	fake_put64(&f, CLOCK + 32, 80 * SECOND - 10000000);
	fake_put64(&f, CLOCK + 40, 10000000ULL << 8);
	fake_put32(&f, CLOCK + 48, 8);
}

static void put_times(void)
{
	static const char *const names[] = {
		"USER", "NICE",	   "SYSTEM", "IDLE",  "IOWAIT",
		"IRQ",	"SOFTIRQ", "STEAL",  "GUEST", "GUEST_NICE"};
	char name[64];
	uint64_t i, cpu;

	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "cpu_usage_stat.CPUTIME_%s",
			 names[i]);
		fake_constant(name, (int64_t)i);
		for (cpu = 0; cpu < 3; cpu++)
			fake_put64(&f, CPUSTAT + cpu * 0x1000 + i * 8,
				   (i + 1) * (cpu + 1) * SECOND);
	}
	fake_field("kernel_cpustat.cpustat", 0, 80);
	fake_field("rq.nr_running", 0, 4);
	fake_field("rq.nr_switches", 8, 8);
	fake_field("rq.nr_iowait", 16, 4);
	fake_symbol("kernel_cpustat", CPUSTAT);
	fake_symbol("runqueues", QUEUE);
	for (cpu = 0; cpu < 3; cpu++) {
		fake_put32(&f, QUEUE + cpu * 0x1000, (uint32_t)cpu + 1);
		fake_put64(&f, QUEUE + cpu * 0x1000 + 8, 100);
		fake_put32(&f, QUEUE + cpu * 0x1000 + 16, cpu == 2);
	}
}

static void put_softirqs(void)
{
	uint64_t cpu;

	fake_field("kernel_stat.irqs_sum", 0, 8);
	fake_field("kernel_stat.softirqs", 8, 8);
	fake_symbol("kstat", KSTAT);
	fake_symbol("softirq_to_name", NAMES);
	fake_put64(&f, NAMES, TEXT(0));
	fake_put64(&f, NAMES + 8, TEXT(1));
	fake_puts(&f, TEXT(0), "HI");
	fake_puts(&f, TEXT(1), "TIMER");
	for (cpu = 0; cpu < 3; cpu++) {
		fake_put64(&f, KSTAT + cpu * 0x1000, 1000);
		fake_put32(&f, KSTAT + cpu * 0x1000 + 8, (uint32_t)cpu);
		fake_put32(&f, KSTAT + cpu * 0x1000 + 12, 20);
	}
}

/* Numbers 1, with two who share it, and 3, which nobody asked for. */
static void put_irqs(void)
{
	fake_field("irq_desc.irq_data.irq", 0, 4);
	fake_field("irq_desc.status_use_accessors", 4, 4);
	fake_field("irq_desc.kstat_irqs", 8, 8);
	fake_field("irq_desc.irq_data.hwirq", 16, 8);
	fake_field("irq_desc.irq_data.chip", 24, 8);
	fake_field("irq_desc.irq_data.domain", 32, 8);
	fake_field("irq_desc.action", 40, 8);
	fake_field("irq_desc.name", 48, 8);
	fake_field("irqaction.next", 0, 8);
	fake_field("irqaction.name", 8, 8);
	fake_field("irq_chip.name", 0, 8);
	fake_field("xarray.xa_head", 8, 8);
	fake_field("xa_node.shift", 0, 1);
	fake_field("xa_node.slots", 40, 64 * 8);
	fake_symbol("irq_desc_tree", TREE);
	fake_symbol("nr_irqs", WORDS);
	fake_put32(&f, WORDS, 5);
	fake_put64(&f, TREE + 8, XNODE | 2);
	fake_put64(&f, XNODE + 40 + 8, IRQ(1));
	fake_put64(&f, XNODE + 40 + 24, IRQ(3));
	fake_put32(&f, IRQ(1), 1);
	fake_put64(&f, IRQ(1) + 8, COUNT(1));
	fake_put64(&f, IRQ(1) + 16, 9);
	fake_put64(&f, IRQ(1) + 24, CHIP);
	fake_put64(&f, IRQ(1) + 32, DIRECT);
	fake_put64(&f, IRQ(1) + 40, ACTION(0));
	fake_put64(&f, IRQ(1) + 48, TEXT(2));
	fake_put32(&f, IRQ(3), 3);
	fake_put64(&f, CHIP, TEXT(3));
	fake_put64(&f, ACTION(0), ACTION(1));
	fake_put64(&f, ACTION(0) + 8, TEXT(4));
	fake_put64(&f, ACTION(1) + 8, TEXT(5));
	fake_puts(&f, TEXT(2), "edge");
	fake_puts(&f, TEXT(3), "IO-APIC");
	fake_puts(&f, TEXT(4), "i8042");
	fake_puts(&f, TEXT(5), "other");
	fake_put32(&f, COUNT(1), 7);
	fake_put32(&f, COUNT(1) + 0x1000, 8);
	fake_put32(&f, COUNT(1) + 0x2000, 9);
}

static void put_cpu_irqs(void)
{
	fake_field("irq_cpustat_t.__nmi_count", 4, 4);
	fake_field("irq_cpustat_t.irq_tlb_count", 8, 4);
	fake_symbol("irq_stat", IRQSTAT);
	fake_symbol("mce_poll_count", POLLS);
	fake_symbol("irq_err_count", WORDS + 8);
	fake_put32(&f, WORDS + 8, 2);
	fake_put32(&f, IRQSTAT + 4, 30);
	fake_put32(&f, IRQSTAT + 8, 5);
	fake_put32(&f, POLLS + 0x2000, 40);
}

static void setup(void)
{
	fake_kernel_init(&f);
	put_cpus();
	put_clock();
	put_times();
	put_softirqs();
	put_irqs();
	put_cpu_irqs();
	fake_symbol("total_forks", WORDS + 16);
	fake_put64(&f, WORDS + 16, 116);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static void read_file(const struct proc_file *file)
{
	struct err err = {0};

	ck_assert_msg(!proc_kit_read(&f, file, &values, &text, &err), "%s",
		      err.text);
}

static void expect(const struct proc_file *file, const char *want)
{
	read_file(file);
	ck_assert_str_eq(text.data, want);
	ck_assert_uint_eq(values.parts->why.len, 0);
}

START_TEST(all_of_stat)
{
	/* intr: 3 * 1000, NMI 30, MCP 40, ERR 2 */
	expect(&proc_stat,
	       "cpu  600 1200 1800 2400 3000 3600 4200 4800 5400 6000\n"
	       "cpu0 100 200 300 400 500 600 700 800 900 1000\n"
	       "cpu2 300 600 900 1200 1500 1800 2100 2400 2700 3000\n"
	       "intr 3072 0 24 0 0 0\n"
	       "ctxt 300\n"
	       "btime 1000\n"
	       "processes 116\n"
	       "procs_running 4\n"
	       "procs_blocked 1\n"
	       "softirq 63 3 60\n");
}
END_TEST

/* Idle CPUs without ticks: their times are kept apart. */
START_TEST(idle_without_ticks)
{
	fake_field("tick_sched.idle_entrytime", 8, 8);
	fake_field("tick_sched.idle_sleeptime", 16, 8);
	fake_field("tick_sched.iowait_sleeptime", 24, 8);
	if (_i)
		fake_field("tick_sched.flags", 0, 8);
	else
		fake_bits("tick_sched.idle_active", 0, 2, 1);
	fake_symbol("tick_cpu_sched", TICK);
	fake_symbol("tick_nohz_active", WORDS + 24);
	fake_put32(&f, WORDS + 24, 1);
	fake_put32(&f, TICK, 4);
	fake_put64(&f, TICK + 8, 79 * SECOND);
	fake_put64(&f, TICK + 16, 10 * SECOND);
	fake_put64(&f, TICK + 24, 5 * SECOND);
	/* the other one waits for a device */
	fake_put32(&f, TICK + 0x2000, 4);
	fake_put64(&f, TICK + 0x2000 + 8, 78 * SECOND);
	fake_put64(&f, TICK + 0x2000 + 16, 20 * SECOND);
	fake_put64(&f, TICK + 0x2000 + 24, 6 * SECOND);
	/* 11 and 20, and 8 of the CPU that is offline */
	expect(&proc_uptime, "100.00 39.00\n");
	fake_put64(&f, TICK + 8, 81 * SECOND); /* ahead of the clock */
	expect(&proc_uptime, "100.00 38.00\n");
}
END_TEST

/* 7.x: what has passed since is added to what was counted. */
START_TEST(idle_of_today)
{
	fake_field("kernel_cpustat.cpustat", 0, 80);
	fake_field("kernel_cpustat.idle_elapse", 80, 1);
	fake_field("kernel_cpustat.idle_entrytime", 88, 8);
	fake_field("kernel_cpustat.idle_stealtime", 96, 16);
	fake_put32(&f, CPUSTAT + 80, 1);
	fake_put64(&f, CPUSTAT + 88, 70 * SECOND);
	fake_put64(&f, CPUSTAT + 96, 3 * SECOND);
	/* 4 + 8 + 12, and 10 - 3 */
	expect(&proc_uptime, "100.00 31.00\n");
}
END_TEST

START_TEST(load)
{
	fake_symbol("avenrun", WORDS + 0x40);
	fake_symbol("nr_threads", WORDS + 0x60);
	fake_symbol("init_pid_ns", PIDNS);
	fake_field("pid_namespace.idr.idr_next", 24, 4);
	fake_put64(&f, WORDS + 0x40, 2048 + 1014);
	fake_put64(&f, WORDS + 0x48, 10 * 2048);
	fake_put64(&f, WORDS + 0x50, 2038);
	fake_put32(&f, WORDS + 0x60, 83);
	fake_put32(&f, PIDNS + 24, 117);
	expect(&proc_loadavg, "1.50 10.00 1.00 4/83 116\n");
}
END_TEST

/* What hypervisors interrupt for is part of the sum since 6.5. */
START_TEST(interrupts_of_hypervisors)
{
	fake_field("irq_cpustat_t.irq_hv_callback_count", 12, 4);
	fake_put32(&f, IRQSTAT + 12, 1000);
	read_file(&proc_stat);
	ck_assert_ptr_nonnull(strstr(text.data, "\nintr 3072 0 24"));
	fake_symbol("sparse_irqs", TREE);
	read_file(&proc_stat);
	ck_assert_ptr_nonnull(strstr(text.data, "\nintr 4072 0 24"));
}
END_TEST

START_TEST(soft_interrupts)
{
	expect(&proc_softirqs,
	       "                    CPU0       CPU1       CPU2       \n"
	       "          HI:          0          1          2\n"
	       "       TIMER:         20         20         20\n");
}
END_TEST

START_TEST(lines_of_interrupts)
{
	expect(&proc_interrupts,
	       "           CPU0       CPU2       \n"
	       "  1:          7          9   IO-APIC   9-edge      i8042, "
	       "other\n"
	       "NMI:         30          0   Non-maskable interrupts\n"
	       "TLB:          5          0   TLB shootdowns\n"
	       "MCP:          0         40   Machine check polls\n"
	       "ERR:          2\n");
}
END_TEST

/* What nobody asked for is shown once it came; what is hidden is not. */
/* A chip that prints its name; and devices in a circle. */
START_TEST(interrupts_with_words_of_their_own)
{
	fake_field("irq_chip.irq_print_chip", 8, 8);
	read_file(&proc_interrupts);
	ck_assert(!values.parts->torn);
	fake_put64(&f, CHIP + 8, DIRECT);
	read_file(&proc_interrupts);
	ck_assert_ptr_null(strstr(text.data, "i8042"));
	ck_assert(values.parts->torn);
	ck_assert_ptr_nonnull(
		strstr(values.parts->why.data, "interrupt 1 is left out"));
	fake_put64(&f, CHIP + 8, 0);
	fake_put64(&f, ACTION(1), ACTION(0));
	read_file(&proc_interrupts);
	ck_assert_ptr_nonnull(
		strstr(values.parts->why.data, "more devices have interrupts"));
}
END_TEST

START_TEST(interrupts_of_nobody)
{
	fake_put64(&f, IRQ(3) + 8, COUNT(2));
	fake_put32(&f, COUNT(2) + 0x2000, 1);
	fake_put32(&f, IRQ(1) + 4, 1u << 20);
	expect(&proc_interrupts,
	       "           CPU0       CPU2       \n"
	       "  3:          0          1      None    \n"
	       "NMI:         30          0   Non-maskable interrupts\n"
	       "TLB:          5          0   TLB shootdowns\n"
	       "MCP:          0         40   Machine check polls\n"
	       "ERR:          2\n");
}
END_TEST

/* The kernel's own table of what CPUs count. */
START_TEST(interrupts_of_today)
{
	fake_field("irq_cpustat_t.counts", 4, 8);
	fake_field("irq_stat_info.symbol", 8, 8);
	fake_field("irq_stat_info.text", 16, 8);
	fake_sizeof("irq_stat_info", 24);
	fake_symbol("irq_stat_info", WORDS + 0x80);
	ck_assert_int_eq(
		proc_read(&proc_interrupts, &f.kernel, NULL, 1, &values, NULL),
		ERR_NO_LINUX);
	fake_symbol("irq_stat_count_show", WORDS + 0x70);
	fake_symbol("irq_proc_constraints", WORDS + 0x78);
	fake_put64(&f, WORDS + 0x70, 1);
	/* print_header, num_prec; chip_width is the symbol's behind it */
	fake_put64(&f, WORDS + 0x78, 4ULL << 32);
	fake_put64(&f, WORDS + 0x80, 8);
	fake_put64(&f, WORDS + 0x88, TEXT(6));
	fake_put64(&f, WORDS + 0x90, TEXT(7));
	fake_puts(&f, TEXT(6), "NMI");
	fake_puts(&f, TEXT(7), "  Non-maskable interrupts\n");
	fake_put32(&f, IRQ(1) + 4, 1u << 22);
	expect(&proc_interrupts,
	       "            CPU0       CPU2       \n"
	       "   1:          7          9  IO-APIC     9-edge      i8042, "
	       "other\n"
	       " NMI:         30          0  Non-maskable interrupts\n");
}
END_TEST

/* The tree that 6.5 and later have: the first range of it is number 0. */
START_TEST(interrupts_in_a_maple_tree)
{
	static const uint64_t numbers[] = {0, 1, 0, 3};
	size_t i;

	fake_field("maple_tree.ma_root", 8, 8);
	fake_field("maple_range_64.pivot", 8, 15 * 8);
	fake_field("maple_range_64.slot", 128, 16 * 8);
	fake_field("maple_range_64.meta.end", 248, 1);
	fake_symbol("sparse_irqs", TREE + 0x40);
	fake_put64(&f, TREE + 0x48, MNODE | 1 << 3 | 2);
	for (i = 0; i < 4; i++) {
		fake_put64(&f, MNODE + 8 + i * 8, i);
		fake_put64(&f, MNODE + 128 + i * 8,
			   i == 2 ? 0 : IRQ(numbers[i]));
	}
	fake_put64(&f, MNODE + 248, 4); /* the rest is empty */
	fake_put64(&f, IRQ(0) + 8, COUNT(2));
	fake_put32(&f, COUNT(2), 6);
	expect(&proc_interrupts,
	       "           CPU0       CPU2       \n"
	       "  0:          6          0      None    \n"
	       "  1:          7          9   IO-APIC   9-edge      i8042, "
	       "other\n"
	       "NMI:         30          0   Non-maskable interrupts\n"
	       "TLB:          5          0   TLB shootdowns\n"
	       "MCP:          0         40   Machine check polls\n"
	       "ERR:          2\n");
}
END_TEST

START_TEST(a_descriptor_that_is_another)
{
	fake_put32(&f, IRQ(3), 4);
	ck_assert_int_eq(
		proc_read(&proc_stat, &f.kernel, NULL, 1, &values, NULL), 0);
	ck_assert(values.parts->torn);
	ck_assert_ptr_nonnull(strstr(values.parts->why.data, "interrupt 3"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_stat");
	TCase *t = tcase_create("proc_stat");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, all_of_stat);
	tcase_add_loop_test(t, idle_without_ticks, 0, 2);
	tcase_add_test(t, idle_of_today);
	tcase_add_test(t, load);
	tcase_add_test(t, interrupts_of_hypervisors);
	tcase_add_test(t, soft_interrupts);
	tcase_add_test(t, lines_of_interrupts);
	tcase_add_test(t, interrupts_with_words_of_their_own);
	tcase_add_test(t, interrupts_of_nobody);
	tcase_add_test(t, interrupts_of_today);
	tcase_add_test(t, interrupts_in_a_maple_tree);
	tcase_add_test(t, a_descriptor_that_is_another);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
