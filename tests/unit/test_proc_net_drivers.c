/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of net/dev of devices whose drivers count in structs of their own. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/limits.h"
#include "kernel/net/net_devices.h"
#include "proc/net.h"
#include "types/btf.h"
#include "unit/btf_kit.h"
#include "unit/module_kit.h"
#include "unit/proc_kit.h"
#include "unit/system_kit.h"

#define NET	 (DIRECT + 0x20000)
#define VARS	 (DIRECT + 0x20800)
#define HEADS	 (DIRECT + 0x21000)
#define OPS(i)	 (DIRECT + 0x22000 + (i)*0x20ULL)
#define DEV(i)	 (DIRECT + 0x24000 + (i)*0x400ULL)
#define PRIV(i)	 (DEV(i) + 0x300) /* sizeof(net_device), rounded up to 32 */
#define QUEUE(i) (DIRECT + 0x30000 + (i)*0x100ULL)
#define CPU(i)	 (DIRECT + 0x40000 + (i)*0x1000ULL)
#define IMAGE(i) (CODE + 0x200 + (i)*0x10ULL)
#define QUEUES	 28 /* in a net_device: num_rx_queues */
#define SHARES	 32 /* lstats */

static struct fake_kernel f;
static struct proc_values v;
static struct buf all, base, split;

static const struct fake_member members[] = {
	{"net.dev_index_head", 8, 8},
	{"net_device.index_hlist", 0x180, 16},
	{"net_device.name", 0, 16},
	{"net_device.ifindex", 16, 4},
	{"net_device.netdev_ops", 40, 8},
	{"net_device.num_rx_queues", QUEUES, 4},
	{"net_device.lstats", SHARES, 8},
	{"net_device.core_stats", 56, 8},
	{"net_device.nd_net.net", 48, 8},
	{"net_device.stats", 64, 184},
	{"virtnet_info.max_queue_pairs", 0, 2},
	{"virtnet_info.sq", 8, 8},
	{"virtnet_info.rq", 16, 8},
	{"send_queue.stats.packets", 8, 8},
	{"send_queue.stats.bytes", 16, 8},
	{"send_queue.stats.tx_timeouts", 24, 8},
	{"receive_queue.stats.packets", 32, 8},
	{"receive_queue.stats.bytes", 40, 8},
	{"receive_queue.stats.drops", 48, 8},
	{"tun_struct.rx_frame_errors", 8, 8},
	{"vlan_dev_priv.vlan_pcpu_stats", 8, 8},
	{"macvlan_dev.pcpu_stats", 16, 8},
	{"vlan_pcpu_stats.rx_packets", 0, 8},
	{"vlan_pcpu_stats.rx_bytes", 8, 8},
	{"vlan_pcpu_stats.rx_multicast", 16, 8},
	{"vlan_pcpu_stats.tx_packets", 24, 8},
	{"vlan_pcpu_stats.tx_bytes", 32, 8},
	{"vlan_pcpu_stats.rx_errors", 40, 4},
	{"vlan_pcpu_stats.tx_dropped", 44, 4},
};

/* Types of the module: veth_rq.stats.vs is of five numbers. */
static void put_types(void)
{
	struct btf_kit kit = {0};
	uint32_t strings;

	kit_btf_int(&kit, "long", 8, 64);
	kit_btf_blob(&kit, 24, 0, &base);
	strings = (uint32_t)kit.strings.len;
	kit_btf_deinit(&kit);
	fake_btf(base.data, base.len, 0);
	kit = (struct btf_kit){.n = 1, .first_string = strings};
	kit_btf_type(&kit, "veth_stats", BTF_STRUCT, 5, false, 40);
	kit_btf_member(&kit, "rx_drops", 1, 0);
	kit_btf_member(&kit, "xdp_packets", 1, 64);
	kit_btf_member(&kit, "xdp_bytes", 1, 128);
	kit_btf_member(&kit, "xdp_tx_err", 1, 192);
	kit_btf_member(&kit, "peer_tq_xdp_xmit_err", 1, 256);
	kit_btf_struct(&kit, "veth_rq_stats", 48, "vs", 2);
	kit_btf_type(&kit, "veth_rq", BTF_STRUCT, 1, false, 0x100);
	kit_btf_member(&kit, "stats", 3, 64 * 8);
	kit_btf_type(&kit, "veth_priv", BTF_STRUCT, 3, false, 24);
	kit_btf_member(&kit, "peer", 1, 0);
	kit_btf_member(&kit, "dropped", 1, 64);
	kit_btf_member(&kit, "rq", 1, 128);
	kit_btf_blob(&kit, 24, 0, &split);
	kit_btf_deinit(&kit);
	kit_put_btf(&f, 0, split.data, split.len, 2, strings);
}

static void setup(void)
{
	kit_modules_init(&f);
	fake_task_fields();
	fake_field("task_struct.pid_links", 96, 64);
	fake_symbol("init_pid_ns", VARS + 0x100); /* it has no task */
	fake_symbol("init_net", NET);
	fake_fields(members, sizeof(members) / sizeof(members[0]));
	system_kit_net_counts();
	fake_sizeof("net_device", 0x2f1);
	fake_sizeof("send_queue", 0x100);
	fake_sizeof("receive_queue", 0x100);
	fake_symbol("nr_cpu_ids", VARS);
	fake_symbol("__per_cpu_offset", VARS + 8);
	fake_put32(&f, VARS, 2);
	fake_put64(&f, VARS + 8, CPU(0));
	fake_put64(&f, VARS + 16, CPU(1));
	fake_put64(&f, NET + 8, HEADS);
	fake_symbol("btf_modules", BTFS);
	kit_put_module(&f, 0, "veth", 2);
	kit_put_symbol(&f, 0, 1, TEXT(0) + 0x20, 1, "veth_get_stats64");
	base = split = (struct buf){0};
	put_types();
}

static void teardown(void)
{
	buf_deinit(&all);
	buf_deinit(&base);
	buf_deinit(&split);
	proc_values_deinit(&v);
	fake_kernel_deinit(&f);
}

/* A device that is counted by the function there. */
static void put_device(unsigned int i, const char *name, uint64_t function)
{
	fake_puts(&f, DEV(i), name);
	fake_put32(&f, DEV(i) + 16, i + 1);
	fake_put64(&f, DEV(i) + 40, OPS(i));
	fake_put64(&f, DEV(i) + 48, NET);
	fake_put64(&f, HEADS + (i + 1) * 8ULL, DEV(i) + 0x180);
	fake_put64(&f, OPS(i), function);
}

/* ... of the image. */
static void put_built_in(unsigned int i, const char *name, const char *function)
{
	fake_symbol(function, IMAGE(i));
	put_device(i, name, IMAGE(i));
}

static void put_stat(unsigned int i, enum net_stat stat, uint64_t value)
{
	fake_put64(&f, DEV(i) + 64 + stat * 8ULL, value);
}

/* Numbers of 8 bytes one behind the other. */
static void put_numbers(uint64_t at, const uint64_t *numbers, size_t n)
{
	for (; n; n--, at += 8)
		fake_put64(&f, at, *numbers++);
}

#define PUT(at, ...)                                          \
	put_numbers(at, (const uint64_t[]){__VA_ARGS__},      \
		    sizeof((const uint64_t[]){__VA_ARGS__}) / \
			    sizeof(uint64_t))

static uint64_t read_all(void)
{
	uint64_t before = f.memory.machine.stats.batches;

	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(proc_kit_read(&f, &proc_net_dev, &v, &all, NULL), 0);
	return f.memory.machine.stats.batches - before;
}

/* A device's line, each number behind one blank; "" where it has none. */
static const char *line_of(const char *name)
{
	static char line[512];
	char start[32];
	const char *at;
	size_t n = 0;

	snprintf(start, sizeof(start), "%6s:", name);
	at = strstr(all.data, start);
	for (at = at ? at + strlen(start) : "\n"; *at != '\n'; at++)
		if (*at != ' ' || at[1] != ' ')
			line[n++] = *at;
	line[n] = '\0';
	return line;
}

static void put_virtnet(void)
{
	put_built_in(0, "eth0", "virtnet_stats");
	fake_put32(&f, PRIV(0), 0xff0002); /* two pairs */
	PUT(PRIV(0) + 8, QUEUE(0), QUEUE(2));
	PUT(QUEUE(0) + 8, 3, 300, 1);
	PUT(QUEUE(1) + 8, 4, 400, 2);
	PUT(QUEUE(2) + 32, 5, 500, 7);
	PUT(QUEUE(3) + 32, 6, 600, 8);
	put_stat(0, NET_TX_DROPPED, 10);
	put_stat(0, NET_TX_FIFO_ERRORS, 11);
	put_stat(0, NET_RX_LENGTH_ERRORS, 12);
	put_stat(0, NET_RX_FRAME_ERRORS, 13);
	put_stat(0, NET_RX_CRC_ERRORS, 1000); /* is not shown */
	put_stat(0, NET_RX_BYTES, 1000);
}

START_TEST(queues_of_virtio)
{
	put_virtnet();
	read_all();
	ck_assert_str_eq(line_of("eth0"),
			 " 1100 11 0 15 0 25 0 0 700 7 3 10 11 0 0 0");
	ck_assert_uint_eq(v.parts->why.len, 0);
	fake_put64(&f, DEV(0) + 56, 0x400); /* core_stats */
	PUT(CPU(0) + 0x400, 20, 30);
	PUT(CPU(1) + 0x400, 1, 2);
	fake_no_field("send_queue.stats.tx_timeouts"); /* before 5.17 */
	read_all();
	ck_assert_str_eq(line_of("eth0"),
			 " 1100 11 0 36 0 25 0 0 700 7 0 42 11 0 0 0");
	fake_no_field("receive_queue.stats.drops");
	read_all();
	ck_assert_str_eq(line_of("eth0"), "");
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, "eth0"));
}
END_TEST

/* The private struct is a member (6.10). */
START_TEST(private_member)
{
	put_virtnet();
	fake_field("net_device.priv", 0x310, 0);
	fake_put32(&f, DEV(0) + 0x310, 1);
	PUT(DEV(0) + 0x318, QUEUE(1), QUEUE(3));
	read_all();
	ck_assert_str_eq(line_of("eth0"),
			 " 600 6 0 8 0 25 0 0 400 4 2 10 11 0 0 0");
}
END_TEST

/* Arrays that cannot be. */
START_TEST(damaged_queues)
{
	put_virtnet();
	fake_put64(&f, PRIV(0) + 8, 0);
	read_all();
	ck_assert_str_eq(line_of("eth0"), "");
	fake_put64(&f, PRIV(0) + 8, DIRECT + 0x40000000); /* no memory */
	read_all();
	ck_assert_str_eq(line_of("eth0"), "");
	fake_put64(&f, PRIV(0) + 8, QUEUE(0));
	fake_put32(&f, PRIV(0), NET_QUEUES_MAX + 1);
	read_all();
	ck_assert_str_eq(line_of("eth0"), "");
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, "(virtnet_stats)"));
	fake_put32(&f, PRIV(0), 0);
	read_all();
	ck_assert_str_eq(line_of("eth0"),
			 " 0 0 0 0 0 25 0 0 0 0 0 10 11 0 0 0");
}
END_TEST

/* Two ends of a cable: of the second, lists do not tell; the first has two
 * queues. */
static void put_veth(void)
{
	put_device(0, "v0", TEXT(0) + 0x20);
	fake_put32(&f, DEV(0) + QUEUES, 2);
	fake_put64(&f, DEV(0) + SHARES, 0x100);
	PUT(PRIV(0), DEV(7), 1000, QUEUE(0));
	/* drops, packets, bytes, tx_err, xmit_err */
	PUT(QUEUE(0) + 64, 1, 2, 3, 4, 5);
	PUT(QUEUE(1) + 64, 10, 20, 30, 40, 50);
	fake_put32(&f, DEV(7) + QUEUES, 1);
	fake_put64(&f, DEV(7) + SHARES, 0x200);
	PUT(PRIV(7), DEV(0), 2000, QUEUE(4));
	PUT(QUEUE(4) + 64, 100000, 200000, 300000, 400000, 500000);
	/* packets, bytes */
	PUT(CPU(0) + 0x100, 7, 70);
	PUT(CPU(1) + 0x100, 8, 80);
	PUT(CPU(1) + 0x200, 1000, 10000);
}

/* Up to 6.6. */
START_TEST(ends_of_cables)
{
	put_veth();
	read_all();
	ck_assert_str_eq(line_of("v0"), " 10033 1022 0 400066 0 0 0 0 "
					"300150 200015 0 501044 0 0 0 0");
	ck_assert_uint_eq(v.parts->why.len, 0);
	/* one that has lost its other end */
	fake_put64(&f, PRIV(0), 0);
	read_all();
	ck_assert_str_eq(line_of("v0"),
			 " 33 22 0 66 0 0 0 0 150 15 0 1044 0 0 0 0");
}
END_TEST

/* What CPUs have is pcpu_sw_netstats, where the device says so. */
START_TEST(cables_of_today)
{
	put_veth();
	fake_field("net_device.pcpu_stat_type", 20, 4);
	fake_constant("netdev_stat_type.NETDEV_PCPU_STAT_NONE", 0);
	fake_constant("netdev_stat_type.NETDEV_PCPU_STAT_LSTATS", 1);
	fake_constant("netdev_stat_type.NETDEV_PCPU_STAT_TSTATS", 2);
	fake_put32(&f, DEV(0) + 20, 2);
	fake_put32(&f, DEV(7) + 20, 2);
	PUT(CPU(0) + 0x100, 1, 11, 2, 22);
	PUT(CPU(1) + 0x100, 0, 0, 3, 33);
	PUT(CPU(0) + 0x200, 90, 91, 4, 44);
	PUT(CPU(1) + 0x200, 0, 0, 5, 55);
	read_all();
	ck_assert_str_eq(line_of("v0"), " 143 32 0 400066 0 0 0 0 "
					"300055 200005 0 501044 0 0 0 0");
	fake_put32(&f, DEV(7) + 20, 1); /* lstats */
	read_all();
	ck_assert_str_eq(line_of("v0"), " 135 113 0 400066 0 0 0 0 "
					"300055 200005 0 501044 0 0 0 0");
	fake_put32(&f, DEV(7) + 20, 0);
	read_all();
	ck_assert_str_eq(line_of("v0"), "");
}
END_TEST

START_TEST(damaged_cables)
{
	put_veth();
	fake_put64(&f, PRIV(0), DIRECT + 0x40000000);
	read_all();
	ck_assert_str_eq(line_of("v0"), "");
	fake_put64(&f, PRIV(0), DEV(7));
	fake_put32(&f, DEV(7) + QUEUES, UINT32_MAX);
	read_all();
	ck_assert_str_eq(line_of("v0"), "");
	fake_put32(&f, DEV(7) + QUEUES, 1);
	read_all();
	ck_assert_str_ne(line_of("v0"), "");
	PUT(BTFS, BTFS, BTFS); /* the module has no types */
	read_all();
	ck_assert_str_eq(line_of("v0"), "");
	ck_assert_ptr_nonnull(strstr(v.parts->why.data,
				     "what v0 has counted cannot be told "
				     "(veth_get_stats64)"));
}
END_TEST

START_TEST(other_drivers)
{
	put_built_in(0, "tun0", "tun_net_get_stats64");
	put_stat(0, NET_RX_ERRORS, 9);
	fake_put64(&f, PRIV(0) + 8, 40); /* rx_frame_errors */
	fake_put64(&f, DEV(0) + SHARES, 0x100);
	PUT(CPU(0) + 0x100, 1, 2, 3, 4);
	PUT(CPU(1) + 0x100, 10, 20, 30, 40);
	put_built_in(1, "vl", "vlan_dev_get_stats64");
	put_stat(1, NET_RX_ERRORS, 9); /* is not shown */
	fake_put64(&f, PRIV(1) + 8, 0x200);
	PUT(CPU(0) + 0x200, 1, 2, 3, 4, 5, 7ULL << 32 | UINT32_MAX);
	PUT(CPU(1) + 0x200, 10, 20, 30, 40, 50, 70ULL << 32 | 3);
	put_built_in(2, "mv", "macvlan_dev_get_stats64");
	fake_put64(&f, PRIV(2) + 16, 0x200);
	put_built_in(3, "mv2", "macvlan_dev_get_stats64"); /* has none */
	read_all();
	ck_assert_str_eq(line_of("tun0"),
			 " 22 11 9 0 0 40 0 0 44 33 0 0 0 0 0 0");
	/* the sums of those that have 32 bits have them, too */
	ck_assert_str_eq(line_of("vl"),
			 " 22 11 2 0 0 0 0 33 55 44 0 77 0 0 0 0");
	ck_assert_str_eq(line_of("mv"),
			 " 22 11 2 2 0 0 0 33 55 44 0 77 0 0 0 0");
	ck_assert_str_eq(line_of("mv2"), "");
	fake_no_field("tun_struct.rx_frame_errors"); /* of old */
	read_all();
	ck_assert_str_eq(line_of("tun0"), "");
}
END_TEST

/* What a device of the kind NETDEV_PCPU_STAT_DSTATS has (6.11). */
START_TEST(drops_of_cpus)
{
	static const struct fake_member dstats[] = {
		{"pcpu_dstats.rx_packets", 0, 8},
		{"pcpu_dstats.rx_bytes", 8, 8},
		{"pcpu_dstats.rx_drops", 16, 8},
		{"pcpu_dstats.tx_packets", 24, 8},
		{"pcpu_dstats.tx_bytes", 32, 8},
		{"pcpu_dstats.tx_drops", 40, 8}};

	put_device(0, "vrf", 0);
	fake_field("net_device.pcpu_stat_type", 20, 4);
	fake_constant("netdev_stat_type.NETDEV_PCPU_STAT_DSTATS", 3);
	fake_put32(&f, DEV(0) + 20, 3);
	fake_put64(&f, DEV(0) + SHARES, 0x100);
	put_stat(0, NET_RX_DROPPED, 100);
	PUT(CPU(0) + 0x100, 1, 2, 3, 4, 5, 6);
	PUT(CPU(1) + 0x100, 10, 20, 30, 40, 50, 60);
	read_all();
	ck_assert_str_eq(line_of("vrf"), "");
	fake_fields(dstats, sizeof(dstats) / sizeof(dstats[0]));
	read_all();
	ck_assert_str_eq(line_of("vrf"),
			 " 22 11 0 133 0 0 0 0 55 44 0 66 0 0 0 0");
}
END_TEST

/* As many batches for many devices of a driver as for one. */
START_TEST(batches)
{
	uint64_t one;
	unsigned int i;

	put_veth();
	read_all();
	one = read_all();
	for (i = 1; i < 5; i++) {
		put_device(i, "veth", TEXT(0) + 0x20);
		fake_put32(&f, DEV(i) + QUEUES, 1);
		fake_put64(&f, DEV(i) + SHARES, 0x100);
		PUT(PRIV(i), DEV(0), 0, QUEUE(0));
	}
	ck_assert_uint_eq(read_all(), one);
	ck_assert_uint_eq(v.parts->why.len, 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_net_drivers");
	TCase *t = tcase_create("proc_net_drivers");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, queues_of_virtio);
	tcase_add_test(t, private_member);
	tcase_add_test(t, damaged_queues);
	tcase_add_test(t, ends_of_cables);
	tcase_add_test(t, cables_of_today);
	tcase_add_test(t, damaged_cables);
	tcase_add_test(t, other_drivers);
	tcase_add_test(t, drops_of_cpus);
	tcase_add_test(t, batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
