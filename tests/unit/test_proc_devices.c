/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of files about disks, consoles, users of keys and CPUs, on memory
 * written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit/proc_kit.h"

#define CLASS	   (DIRECT + 0x1000)
#define SUBSYS	   (DIRECT + 0x1100)
#define OTHER	   (DIRECT + 0x1200)
#define KSET	   (DIRECT + 0x1300)
#define WORD(i)	   (DIRECT + 0x1400 + (i)*8ULL)
#define PRIVATE(i) (DIRECT + 0x2000 + (i)*0x40ULL)
#define BDEV(i)	   (DIRECT + 0x3000 + (i)*0x100ULL)
#define DISK(i)	   (DIRECT + 0x4000 + (i)*0x200ULL)
#define CONSOLE(i) (DIRECT + 0x5000 + (i)*0x80ULL)
#define UART	   (DIRECT + 0x5400)
#define TTY	   (DIRECT + 0x5500)
#define USER(i)	   (DIRECT + 0x6000 + (i)*0x80ULL)
#define CPUINFO	   (DIRECT + 0x7000)
#define MAP	   (DIRECT + 0x7200)
#define CPUS	   (DIRECT + 0x7300)
#define FLAGS	   (DIRECT + 0x8000)
#define TEXT(i)	   (DIRECT + 0x9000 + (i)*0x20ULL)

/* Functions, of which only the addresses count. */
#define UART_TELLS (DIRECT + 0xa000)
#define VT_TELLS   (DIRECT + 0xa010)

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

static void setup(void)
{
	fake_kernel_init(&f);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static int read_file(const struct proc_file *file, struct err *err)
{
	return proc_kit_read(&f, file, &values, &text, err);
}

static void expect(const struct proc_file *file, const char *want)
{
	struct err err = {0};

	ck_assert_msg(!read_file(file, &err), "%s", err.text);
	ck_assert_str_eq(text.data ? text.data : "", want);
	ck_assert_msg(!values.parts->why.len, "%s", values.parts->why.data);
}

static void expect_torn(const struct proc_file *file, const char *why)
{
	struct err err = {0};

	ck_assert_msg(!read_file(file, &err), "%s", err.text);
	ck_assert(values.parts->torn);
	ck_assert_msg(strstr(values.parts->why.data, why), "%s",
		      values.parts->why.data);
}

/* Four devices of the class, whose struct device are 0x80 behind BDEV. */
static void put_class(bool at_hand)
{
	const uint64_t links[] = {PRIVATE(0) + 0x10, PRIVATE(1) + 0x10,
				  PRIVATE(2) + 0x10, PRIVATE(3) + 0x10};
	const uint64_t classes[] = {OTHER + 0x40, SUBSYS + 0x40};
	int i;

	fake_field("subsys_private.klist_devices.k_list", 0x10, 16);
	fake_field("subsys_private.subsys.kobj.entry", 0x40, 16);
	fake_field("subsys_private.class", 0x60, 8);
	fake_field("kset.list", 8, 16);
	fake_field("device_private.knode_class.n_node", 0x10, 16);
	fake_field("device_private.device", 0x30, 8);
	fake_symbol("block_class", CLASS);
	if (at_hand) {
		fake_field("class.p", 8, 8);
		fake_put64(&f, CLASS + 8, SUBSYS);
	} else {
		fake_symbol("class_kset", WORD(0));
		fake_put64(&f, WORD(0), KSET);
		fake_ring(&f, KSET + 8, classes, 2);
		fake_put64(&f, SUBSYS + 0x60, CLASS);
	}
	fake_ring(&f, SUBSYS + 0x10, links, 4);
	for (i = 0; i < 4; i++)
		fake_put64(&f, PRIVATE(i) + 0x30, BDEV(i) + 0x80);
}

static void put_disk(int i, const char *name)
{
	fake_puts(&f, DISK(i), name);
	fake_put32(&f, DISK(i) + 0x20, 0);
	fake_put32(&f, DISK(i) + 0x24, 16);
}

static void put_disks(void)
{
	fake_field("gendisk.disk_name", 0, 32);
	fake_field("gendisk.flags", 0x20, 4);
	fake_field("gendisk.minors", 0x24, 4);
	put_disk(0, "nvme0n1");
	put_disk(1, "vda");
}

static void put_bdev(int i, int disk, uint32_t part, uint64_t sectors)
{
	fake_put64(&f, BDEV(i), sectors);
	fake_put64(&f, BDEV(i) + 8, DISK(disk));
	fake_put32(&f, BDEV(i) + 16, part | 0x300);
	fake_put32(&f, BDEV(i) + 20, 259u << 20 | (uint32_t)i);
}

/* The second partition came before the first; the second disk is empty. */
static void put_bdevs(void)
{
	fake_field("block_device.bd_device", 0x80, 0x40);
	fake_field("block_device.bd_nr_sectors", 0, 8);
	fake_field("block_device.bd_disk", 8, 8);
	fake_field("block_device.bd_partno", 16, 4);
	fake_field("block_device.bd_dev", 20, 4);
	fake_constant("GENHD_FL_HIDDEN", 2);
	put_disks();
	put_bdev(0, 0, 0, 8192);
	put_bdev(1, 1, 0, 0);
	put_bdev(2, 0, 2, 4096);
	put_bdev(3, 0, 1, 2048);
}

START_TEST(disks_and_partitions)
{
	put_class(_i);
	put_bdevs();
	expect(&proc_partitions, "major minor  #blocks  name\n\n"
				 " 259        0       4096 nvme0n1\n"
				 " 259        3       1024 nvme0n1p1\n"
				 " 259        2       2048 nvme0n1p2\n");
	fake_put32(&f, DISK(0) + 0x20, 2);
	expect(&proc_partitions, "major minor  #blocks  name\n\n");
	fake_put64(&f, BDEV(3) + 8, 0x1234);
	expect_torn(&proc_partitions, "a disk cannot be read");
	fake_put64(&f, PRIVATE(1) + 0x18, 0x1234);
	expect_torn(&proc_partitions, "devices is torn");
}
END_TEST

static void put_stats(uint64_t at)
{
	uint64_t i;

	fake_field("block_device.bd_stats", 24, 8);
	fake_field("disk_stats.nsecs", 0, 32);
	fake_field("disk_stats.sectors", 32, 32);
	fake_field("disk_stats.ios", 64, 32);
	fake_field("disk_stats.merges", 96, 32);
	fake_field("disk_stats.io_ticks", 128, 8);
	fake_field("disk_stats.in_flight", 136, 16);
	fake_sizeof("disk_stats", 152);
	fake_field("gendisk.queue", 0x28, 8);
	fake_field("request_queue.mq_ops", 0, 8);
	fake_field("request_queue.q_usage_counter.percpu_count_ptr", 8, 8);
	fake_field("clocksource.mult", 0, 4);
	fake_field("clocksource.shift", 4, 4);
	fake_symbol("clocksource_jiffies", WORD(4));
	fake_put64(&f, WORD(4), 4000000ULL << 8 | 8ULL << 32);
	fake_put64(&f, BDEV(0) + 24, at);
	for (i = 0; i < 4; i++) {
		fake_put64(&f, at + i * 8, (i + 1) * 1000000);
		fake_put64(&f, at + 32 + i * 8, 100 + i);
		fake_put64(&f, at + 64 + i * 8, 10 + i);
		fake_put64(&f, at + 96 + i * 8, i);
	}
	fake_put64(&f, at + 128, 25);
	fake_put64(&f, at + 136, 2);
	fake_put64(&f, at + 144, 1);
}

static void put_one_cpu(void)
{
	fake_symbol("nr_cpu_ids", CPUS);
	fake_symbol("__per_cpu_offset", CPUS + 8);
	fake_symbol("__cpu_online_mask", CPUS + 16);
	fake_symbol("__cpu_possible_mask", CPUS + 24);
	fake_put32(&f, CPUS, 1);
	fake_put64(&f, CPUS + 16, 1);
	fake_put64(&f, CPUS + 24, 1);
}

/* One disk has a queue of its own kind, and something under way. */
START_TEST(what_disks_did)
{
	uint64_t at = DIRECT + 0xb000, queue = DIRECT + 0xb200,
		 users = DIRECT + 0xb300;
	int i;

	put_class(true);
	put_bdevs();
	put_one_cpu();
	put_stats(at);
	for (i = 1; i < 4; i++)
		fake_put64(&f, BDEV(i) + 24, at + 0x100);
	fake_put64(&f, DISK(0) + 0x28, queue);
	fake_put64(&f, DISK(1) + 0x28, queue);
	fake_put64(&f, queue + 8, users);
	expect(&proc_diskstats,
	       " 259       0 nvme0n1 10 0 100 1 11 1 101 2 3 100 10 "
	       "12 2 102 3 13 4\n"
	       " 259       3 nvme0n1p1 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
	       " 259       2 nvme0n1p2 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n"
	       " 259       1 vda 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n");
	/* 25 ticks of a third of 10 ms are 83.3 ms, which are rounded up */
	fake_put64(&f, WORD(4), 3333333ULL << 8 | 8ULL << 32);
	ck_assert_int_eq(read_file(&proc_diskstats, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text.data, " 3 84 10 "));
	/* several queues: idle, and not */
	fake_put64(&f, queue, DIRECT);
	ck_assert_int_eq(read_file(&proc_diskstats, NULL), 0);
	ck_assert(!values.parts->torn);
	fake_put64(&f, users, 1);
	expect_torn(&proc_diskstats, "requests are under way cannot be told");
	fake_symbol("bdev_count_inflight", DIRECT);
	ck_assert_int_eq(read_file(&proc_diskstats, NULL), 0);
	ck_assert(!values.parts->torn);
}
END_TEST

/* 5.10: partitions by their devices' parents, the first one in its disk. */
START_TEST(disks_of_old)
{
	static const uint32_t numbers[] = {0, 1};
	int i;

	put_class(true);
	fake_field("hd_struct.__dev", 0x40, 0x40);
	fake_field("hd_struct.nr_sects", 8, 8);
	fake_field("hd_struct.partno", 0x10, 4);
	fake_field("device.devt", 0x20, 4);
	fake_field("device.parent", 0x28, 8);
	fake_field("gendisk.part0", 0x40, 0x80);
	put_disks();
	for (i = 0; i < 2; i++) {
		uint64_t at = i ? BDEV(0) : DISK(1) + 0x40;

		fake_put64(&f, PRIVATE(i) + 0x30, at + 0x40);
		fake_put64(&f, at + 8, 2000 + (uint64_t)i * 2);
		fake_put32(&f, at + 0x10, numbers[i]);
		fake_put32(&f, at + 0x60, 8u << 20 | (uint32_t)i);
		fake_put64(&f, at + 0x68, i ? DISK(1) + 0x80 : 0);
	}
	/* the others are of disks that are empty */
	for (i = 2; i < 4; i++)
		fake_put64(&f, PRIVATE(i) + 0x30, DISK(0) + 0x80);
	expect(&proc_partitions, "major minor  #blocks  name\n\n"
				 "   8        0       1000 vda\n"
				 "   8        1       1001 vda1\n");
	fake_put32(&f, DISK(1) + 0x20, 1u << 5);
	expect(&proc_partitions, "major minor  #blocks  name\n\n");
	fake_put32(&f, DISK(1) + 0x20, 1);
	fake_put32(&f, DISK(1) + 0x24, 0);
	expect(&proc_partitions, "major minor  #blocks  name\n\n");
}
END_TEST

static void put_console(int i, const char *name, uint64_t tells, uint64_t next)
{
	fake_puts(&f, CONSOLE(i), name);
	fake_put64(&f, CONSOLE(i) + 16, 1);
	fake_put64(&f, CONSOLE(i) + 40, tells);
	fake_put32(&f, CONSOLE(i) + 48, 0x17 | (uint32_t)i << 16);
	fake_put64(&f, CONSOLE(i) + 56, UART);
	fake_put64(&f, CONSOLE(i) + 64, next);
}

START_TEST(all_consoles)
{
	uint64_t inside = _i ? 64 : 0;

	fake_field("console.name", 0, 16);
	fake_field("console.write", 16, 8);
	fake_field("console.read", 24, 8);
	fake_field("console.unblank", 32, 8);
	fake_field("console.device", 40, 8);
	fake_field("console.flags", 48, 2);
	fake_field("console.index", 50, 2);
	fake_field("console.data", 56, 8);
	fake_field(_i ? "console.node.next" : "console.next", 64, 8);
	fake_field("uart_driver.tty_driver", 8, 8);
	fake_field("tty_driver.major", 0, 4);
	fake_field("tty_driver.minor_start", 4, 4);
	fake_symbol(_i ? "console_list" : "console_drivers", WORD(0));
	fake_symbol("console_driver", WORD(1));
	fake_symbol("uart_console_device", UART_TELLS);
	fake_symbol("vt_console_device", VT_TELLS);
	fake_put64(&f, WORD(0), CONSOLE(0) + inside);
	fake_put64(&f, WORD(1), TTY);
	fake_put64(&f, UART + 8, TTY);
	fake_put32(&f, TTY, 4);
	fake_put32(&f, TTY + 4, 64);
	put_console(0, "ttyS", UART_TELLS, CONSOLE(1) + inside);
	put_console(1, "tty", VT_TELLS, CONSOLE(2) + inside);
	put_console(2, "netcon", 0, 0);
	expect(&proc_consoles, "ttyS0                -W- (EC p a)    4:64\n"
			       "tty1                 -W- (EC p a)    4:64\n"
			       "netcon2              -W- (EC p a)\n");
	fake_constant("cons_flags.CON_NBCON", 256);
	fake_put64(&f, CONSOLE(1) + 40, 0);
	fake_put64(&f, CONSOLE(1) + 16, 0);
	fake_put32(&f, CONSOLE(1) + 48, 0x107 | 1 << 16);
	expect(&proc_consoles, "ttyS0                -W- (EC  p a)    4:64\n"
			       "tty1                 -W- (EC Np  )\n"
			       "netcon2              -W- (EC  p a)\n");
	fake_put64(&f, CONSOLE(2) + 40, DIRECT + 0xa020);
	expect_torn(&proc_consoles, "netcon2");
	fake_put64(&f, CONSOLE(2) + 40, 0);
	fake_put64(&f, CONSOLE(2) + 64, CONSOLE(0) + inside);
	expect_torn(&proc_consoles, "torn");
}
END_TEST

static void put_user(int i, uint32_t uid, uint64_t left, uint64_t right)
{
	fake_put64(&f, USER(i) + 8, right);
	fake_put64(&f, USER(i) + 16, left);
	fake_put32(&f, USER(i) + 24, 11 + (uint32_t)i);
	fake_put32(&f, USER(i) + 28, 10);
	fake_put32(&f, USER(i) + 32, 9);
	fake_put32(&f, USER(i) + 36, uid);
	fake_put32(&f, USER(i) + 40, 3);
	fake_put32(&f, USER(i) + 44, 40);
}

START_TEST(users_of_keys)
{
	static const char *const quota[] = {
		"key_quota_root_maxkeys", "key_quota_root_maxbytes",
		"key_quota_maxkeys", "key_quota_maxbytes"};
	uint32_t i;

	fake_field("key_user.node", 0, 24);
	fake_field("key_user.node.rb_right", 8, 8);
	fake_field("key_user.node.rb_left", 16, 8);
	fake_field("key_user.usage", 24, 4);
	fake_field("key_user.nkeys", 28, 4);
	fake_field("key_user.nikeys", 32, 4);
	fake_field("key_user.uid", 36, 4);
	fake_field("key_user.qnkeys", 40, 4);
	fake_field("key_user.qnbytes", 44, 4);
	fake_symbol("key_user_tree", WORD(8));
	for (i = 0; i < 4; i++) {
		ck_assert_int_eq(read_file(&proc_key_users, NULL),
				 ERR_NO_LINUX);
		fake_symbol(quota[i], WORD(i));
		fake_put32(&f, WORD(i), 100 + i);
	}
	expect(&proc_key_users, "");
	fake_put64(&f, WORD(8), USER(0));
	put_user(0, 1000, USER(1), USER(2));
	put_user(1, 0, 0, 0);
	put_user(2, 65534, 0, 0);
	expect(&proc_key_users, "    0:    12 10/9 3/100 40/101\n"
				" 1000:    11 10/9 3/102 40/103\n"
				"65534:    13 10/9 3/102 40/103\n");
	fake_put64(&f, USER(2) + 8, USER(0));
	expect_torn(&proc_key_users, "circle");
	fake_put64(&f, USER(2) + 8, 0x1234);
	expect_torn(&proc_key_users, "cannot be read");
}
END_TEST

static void put_cpu_fields(void)
{
	static const struct {
		const char *name;
		uint32_t at, size;
	} fields[] = {
		{"cpuinfo_x86.x86_model", 0, 1},
		{"cpuinfo_x86.x86", 1, 1},
		{"cpuinfo_x86.x86_stepping", 2, 1},
		{"cpuinfo_x86.x86_tlbsize", 4, 4},
		{"cpuinfo_x86.x86_virt_bits", 8, 1},
		{"cpuinfo_x86.x86_phys_bits", 9, 1},
		{"cpuinfo_x86.cpuid_level", 12, 4},
		{"cpuinfo_x86.x86_capability", 16, 8},
		{"cpuinfo_x86.x86_vendor_id", 32, 16},
		{"cpuinfo_x86.x86_model_id", 48, 64},
		{"cpuinfo_x86.topo.apicid", 112, 4},
		{"cpuinfo_x86.topo.initial_apicid", 116, 4},
		{"cpuinfo_x86.topo.pkg_id", 120, 4},
		{"cpuinfo_x86.topo.core_id", 124, 4},
		{"cpuinfo_x86.x86_cache_size", 128, 4},
		{"cpuinfo_x86.x86_cache_alignment", 132, 4},
		{"cpuinfo_x86.x86_power", 136, 4},
		{"cpuinfo_x86.loops_per_jiffy", 144, 8},
		{"cpuinfo_x86.x86_clflush_size", 152, 2},
		{"cpuinfo_x86.booted_cores", 154, 2},
		{"cpuinfo_x86.cpu_index", 156, 2},
		{"cpuinfo_x86.microcode", 160, 4},
		{"clocksource.mult", 0, 4},
		{"clocksource.shift", 4, 4},
	};
	size_t i;

	for (i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
		fake_field(fields[i].name, fields[i].at, fields[i].size);
}

/* One word of capabilities, one of bugs. */
static void put_cpu(void)
{
	put_one_cpu();
	fake_symbol("cpu_info", CPUINFO);
	fake_symbol("cpu_core_map", MAP);
	fake_put64(&f, MAP, 1);
	fake_put32(&f, CPUINFO, 107 | 15 << 8 | 1 << 16);
	fake_put32(&f, CPUINFO + 4, 1024);
	fake_put32(&f, CPUINFO + 8, 48 | 40 << 8);
	fake_put32(&f, CPUINFO + 12, 13);
	fake_put32(&f, CPUINFO + 16, 1 << 4 | 1);
	fake_put32(&f, CPUINFO + 20, 1 << 2);
	fake_puts(&f, CPUINFO + 32, "AuthenticAMD");
	fake_puts(&f, CPUINFO + 48, "QEMU Virtual CPU");
	fake_put32(&f, CPUINFO + 128, 512);
	fake_put32(&f, CPUINFO + 132, 64);
	fake_put32(&f, CPUINFO + 136, 1 << 8 | 1 << 2 | 1 << 20);
	fake_put64(&f, CPUINFO + 144, 8381228);
	fake_put32(&f, CPUINFO + 152, 64 | 1 << 16);
	fake_put32(&f, CPUINFO + 160, 0x1000065);
	fake_symbol("clocksource_jiffies", WORD(0));
	fake_put64(&f, WORD(0), 4000000ULL << 8 | 8ULL << 32);
	fake_symbol("cpu_khz", WORD(1));
	fake_put32(&f, WORD(1), 2095307);
}

static void put_flag(uint64_t table, int bit, int number, const char *name)
{
	fake_put64(&f, table + (uint64_t)bit * 8, TEXT(number));
	fake_puts(&f, TEXT(number), name);
}

static void put_flags(void)
{
	fake_symbol("x86_cap_flags", FLAGS);
	fake_symbol("x86_bug_flags", FLAGS + 0x100);
	fake_symbol("x86_power_flags", FLAGS + 0x200);
	fake_symbol("cpuinfo_op", FLAGS + 0x300);
	put_flag(FLAGS, 0, 0, "fpu");
	put_flag(FLAGS, 1, 1, "vme");
	put_flag(FLAGS, 4, 2, "tsc");
	put_flag(FLAGS + 0x100, 2, 3, "spectre_v1");
	put_flag(FLAGS + 0x200, 2, 4, "vid");
	put_flag(FLAGS + 0x200, 8, 5, "");
}

START_TEST(one_cpu)
{
	put_cpu_fields();
	put_cpu();
	put_flags();
	expect(&proc_cpuinfo,
	       "processor\t: 0\nvendor_id\t: AuthenticAMD\n"
	       "cpu family\t: 15\nmodel\t\t: 107\n"
	       "model name\t: QEMU Virtual CPU\nstepping\t: 1\n"
	       "microcode\t: 0x1000065\ncpu MHz\t\t: 2095.307\n"
	       "cache size\t: 512 KB\nphysical id\t: 0\nsiblings\t: 1\n"
	       "core id\t\t: 0\ncpu cores\t: 1\napicid\t\t: 0\n"
	       "initial apicid\t: 0\nfpu\t\t: yes\nfpu_exception\t: yes\n"
	       "cpuid level\t: 13\nwp\t\t: yes\nflags\t\t: fpu tsc\n"
	       "bugs\t\t: spectre_v1\nbogomips\t: 4190.61\n"
	       "TLB size\t: 1024 4K pages\n"
	       "clflush size\t: 64\ncache_alignment\t: 64\n"
	       "address sizes\t: 40 bits physical, 48 bits virtual\n"
	       "power management: vid [20]\n\n");
	/* a driver may have changed it */
	fake_symbol("cpufreq_driver", WORD(2));
	fake_put64(&f, WORD(2), DIRECT);
	ck_assert_int_eq(read_file(&proc_cpuinfo, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text.data, "cpu MHz\t\t: Unknown\n"));
}
END_TEST

/* 64 CPUs, all of one package, or half: their masks look like pointers. */
START_TEST(siblings_of_many)
{
	static const char *const want[] = {
		"siblings\t: 64\n", "siblings\t: 32\n", "siblings\t: 3\n"};
	const uint64_t masks[] = {UINT64_MAX, 0xffffffff00000000, TEXT(8)};

	put_cpu_fields();
	put_cpu();
	put_flags();
	fake_put32(&f, CPUS, 64);
	fake_symbol("__per_cpu_offset", CPUS + 0x200);
	fake_put64(&f, CPUS + 24, 1);
	fake_put64(&f, TEXT(8), 7);
	fake_put64(&f, MAP, masks[_i]);
	if (_i == 2)
		fake_symbol("alloc_cpumask_var_node", DIRECT);
	ck_assert_int_eq(read_file(&proc_cpuinfo, NULL), 0);
	ck_assert_ptr_nonnull(strstr(text.data, want[_i]));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_devices");
	TCase *t = tcase_create("proc_devices");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, disks_and_partitions, 0, 2);
	tcase_add_test(t, what_disks_did);
	tcase_add_test(t, disks_of_old);
	tcase_add_loop_test(t, all_consoles, 0, 2);
	tcase_add_test(t, users_of_keys);
	tcase_add_test(t, one_cpu);
	tcase_add_loop_test(t, siblings_of_many, 0, 3);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
