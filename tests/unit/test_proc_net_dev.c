/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of net/dev and net/arp, on devices and neighbours that are written by
 * hand. */
#include "proc/net.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/net/neighbours.h"
#include "kernel/net/net_devices.h"
#include "unit/proc_kit.h"
#include "unit/system_kit.h"

#define NET	 (DIRECT + 0x1000)
#define OTHER	 (DIRECT + 0x1100)
#define VARS	 (DIRECT + 0x2000)
#define HEADS	 (DIRECT + 0x3000)
#define OPS(i)	 (DIRECT + 0x4000 + (i)*0x20ULL)
#define DEV(i)	 (DIRECT + 0x5000 + (i)*0x200ULL)
#define TABLE	 (DIRECT + 0x7000) /* arp_tbl */
#define BUCKETS	 (DIRECT + 0x7100)
#define PROXIES	 (DIRECT + 0x7200)
#define NEIGH(i) (DIRECT + 0x8000 + (i)*0x100ULL)
#define CPU(i)	 (DIRECT + 0x10000 + (i)*0x1000ULL)
#define CODE(i)	 (0xffffffff81000000ULL + (i)*0x10ULL)

static struct fake_kernel f;
static struct proc_values v;
static struct buf all;

static void put_fields(void)
{
	fake_fields(
		(const struct fake_member[]){
			{"net.dev_index_head", 8, 8},
			{"net_device.index_hlist", 0x180, 16},
			{"net_device.name", 0, 16},
			{"net_device.ifindex", 16, 4},
			{"net_device.type", 20, 2},
			{"net_device.addr_len", 22, 1},
			{"net_device.netdev_ops", 24, 8},
			{"net_device.lstats", 32, 8},
			{"net_device.core_stats", 40, 8},
			{"net_device.nd_net.net", 48, 8},
			{"net_device.stats", 64, 184},
			{"neigh_table.nht", 0, 8},
			{"neigh_table.phash_buckets", 8, 8},
			{"neigh_hash_table.hash_heads", 0, 8},
			{"neigh_hash_table.hash_shift", 8, 4},
			{"neighbour.nud_state", 16, 1},
			{"neighbour.ha", 24, 32},
			{"neighbour.dev", 56, 8},
			{"neighbour.primary_key", 64, 0},
			{"pneigh_entry.next", 0, 8},
			{"pneigh_entry.net.net", 8, 8},
			{"pneigh_entry.dev", 16, 8},
			{"pneigh_entry.key", 24, 0},
		},
		23);
	system_kit_net_counts();
}

static void setup(void)
{
	fake_kernel_init(&f);
	fake_task_fields();
	fake_field("task_struct.pid_links", 96, 64);
	fake_symbol("init_pid_ns", VARS + 0x100); /* it has no task */
	fake_symbol("init_net", NET);
	put_fields();
	fake_symbol("nr_cpu_ids", VARS);
	fake_symbol("__per_cpu_offset", VARS + 8);
	fake_put32(&f, VARS, 2);
	fake_put64(&f, VARS + 8, CPU(0));
	fake_put64(&f, VARS + 16, CPU(1));
	fake_put64(&f, NET + 8, HEADS);
}

static void teardown(void)
{
	buf_deinit(&all);
	proc_values_deinit(&v);
	fake_kernel_deinit(&f);
}

/* All of a file. */
static const char *text_of(const struct proc_file *file)
{
	ck_assert_int_eq(proc_kit_read(&f, file, &v, &all, NULL), 0);
	return all.data ? all.data : "";
}

/* What is behind its heading, of so many lines. */
static const char *lines_of(const struct proc_file *file, unsigned int heading)
{
	const char *at = text_of(file);

	for (; heading; heading--)
		at = strchr(at, '\n') + 1;
	return at;
}

/* A device that is counted by a function of that name, or by none. */
static void put_device(unsigned int i, const char *name, uint32_t ifindex,
		       const char *function)
{
	fake_puts(&f, DEV(i), name);
	fake_put32(&f, DEV(i) + 16, ifindex);
	fake_put64(&f, DEV(i) + 24, OPS(i));
	fake_put64(&f, DEV(i) + 48, NET);
	fake_put64(&f, HEADS + ifindex % 256 * 8, DEV(i) + 0x180);
	if (!function)
		return;
	fake_symbol(function, CODE(i));
	fake_put64(&f, OPS(i), CODE(i));
}

/* A counter that a device has itself. */
static void put_stat(unsigned int i, enum net_stat stat, uint64_t value)
{
	fake_put64(&f, DEV(i) + 64 + stat * 8ULL, value);
}

START_TEST(counted)
{
	put_device(0, "lo", 1, "loopback_get_stats64");
	fake_put64(&f, DEV(0) + 32, 0x100);
	put_stat(0, NET_RX_ERRORS, 9); /* which that function does not show */
	fake_put64(&f, CPU(0) + 0x100, 3);
	fake_put64(&f, CPU(0) + 0x108, 300);
	fake_put64(&f, CPU(1) + 0x100, 4);
	put_device(1, "tun0", 2, "dev_get_tstats64");
	fake_put64(&f, DEV(1) + 32, 0x200);
	fake_put64(&f, DEV(1) + 40, 0x300);
	put_stat(1, NET_RX_ERRORS, 1);
	put_stat(1, NET_RX_MISSED_ERRORS, 10);
	put_stat(1, NET_TX_BYTES, 1000);
	fake_put64(&f, CPU(1) + 0x200, 5);
	fake_put64(&f, CPU(1) + 0x208, 50);
	fake_put64(&f, CPU(0) + 0x210, 6);
	fake_put64(&f, CPU(0) + 0x218, 60);
	fake_put64(&f, CPU(0) + 0x300, 2);
	fake_put64(&f, CPU(1) + 0x308, 7);
	put_device(2, "eth0", 3, NULL);
	put_stat(2, NET_RX_CRC_ERRORS, 3);
	put_stat(2, NET_RX_FRAME_ERRORS, 4);
	put_stat(2, NET_TX_HEARTBEAT_ERRORS, 5);
	ck_assert_str_eq(
		lines_of(&proc_net_dev, 2),
		"    lo:     300       7    0    0    0     0          0       "
		"  0      300       7    0    0    0     0       0          0\n"
		"  tun0:      50       5    1   12    0     0          0       "
		"  0     1060       6    0    7    0     0       0          0\n"
		"  eth0:       0       0    0    0    0     7          0       "
		"  0        0       0    0    0    0     0       5          "
		"0\n");
	ck_assert_uint_eq(v.parts->why.len, 0);
}
END_TEST

/* Devices of which nothing tells what they have counted. */
START_TEST(unknown)
{
	put_device(0, "eth0", 1, "virtnet_stats");
	put_device(1, "eth1", 2, "dev_get_tstats64");
	put_device(2, "eth2", 3, NULL);
	fake_put64(&f, OPS(2) + 8, CODE(7)); /* ndo_get_stats() */
	put_device(3, "eth3", 4, "loopback_get_stats64");
	fake_put64(&f, DEV(3) + 32, 0x400000); /* cannot be read */
	ck_assert_str_eq(lines_of(&proc_net_dev, 2), "");
	ck_assert(v.parts->torn);
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, "eth0"));
	/* the second has nothing that could be summed up */
	put_device(0, "eth0", 1, NULL);
	fake_put64(&f, OPS(0), 0);
	ck_assert_int_eq(strncmp(lines_of(&proc_net_dev, 2), "  eth0:", 7), 0);
	ck_assert_ptr_null(strstr(text_of(&proc_net_dev), "eth1:"));
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, "eth1"));
	/* a kind that is summed up in another way */
	fake_field("net_device.pcpu_stat_type", 56, 4);
	fake_constant("netdev_stat_type.NETDEV_PCPU_STAT_TSTATS", 2);
	fake_constant("netdev_stat_type.NETDEV_PCPU_STAT_DSTATS", 3);
	fake_put32(&f, DEV(0) + 56, 3);
	ck_assert_str_eq(lines_of(&proc_net_dev, 2), "");
	fake_put32(&f, DEV(0) + 56, 2);
	fake_put64(&f, DEV(0) + 32, 0x200);
	fake_put64(&f, CPU(1) + 0x208, 50);
	ck_assert_ptr_nonnull(strstr(text_of(&proc_net_dev), "eth0:      50"));
}
END_TEST

/* Interfaces 2, 257 and 513 share chains: by number from 6.9 on. */
START_TEST(order)
{
	static const char *const names[] = {"c", "b", "a"};
	const char *at;
	size_t i;

	put_device(0, "a", 2, NULL);
	put_device(1, "b", 257, NULL);
	put_device(2, "c", 513, NULL);
	fake_put64(&f, DEV(2) + 0x180, DEV(1) + 0x180);
	at = lines_of(&proc_net_dev, 2);
	for (i = 0; i < 3; i++, at = strchr(at, '\n') + 1)
		ck_assert_int_eq(at[5], names[i][0]);
	fake_sizeof("net_hotdata", 64);
	at = lines_of(&proc_net_dev, 2);
	for (i = 0; i < 3; i++, at = strchr(at, '\n') + 1)
		ck_assert_int_eq(at[5], names[2 - i][0]);
	fake_put64(&f, DEV(1) + 0x180, DEV(2) + 0x180); /* a ring */
	text_of(&proc_net_dev);
	ck_assert(v.parts->torn);
}
END_TEST

/* One of 10.0.0.N on a device. */
static void put_neighbour(unsigned int i, unsigned int state, unsigned int dev)
{
	fake_put32(&f, NEIGH(i) + 16, state);
	fake_put64(&f, NEIGH(i) + 24, 0x060504030201);
	fake_put64(&f, NEIGH(i) + 56, DEV(dev));
	fake_put32(&f, NEIGH(i) + 64, 0x0000000a | i << 24);
	fake_put64(&f, BUCKETS + i % 2 * 8, NEIGH(i));
}

static void put_table(void)
{
	fake_symbol("arp_tbl", TABLE);
	fake_put64(&f, TABLE, TABLE + 0x40);
	fake_put64(&f, TABLE + 8, PROXIES);
	fake_put64(&f, TABLE + 0x40, BUCKETS);
	fake_put32(&f, TABLE + 0x48, 1);
	put_device(0, "eth0", 2, NULL);
	fake_put32(&f, DEV(0) + 20, 6 << 16 | 1);
	put_neighbour(2, NEIGHBOUR_REACHABLE, 0);
	put_neighbour(3, NEIGHBOUR_PERMANENT, 0);
	put_neighbour(5, NEIGHBOUR_NOARP, 0); /* is not shown */
	put_neighbour(7, 0x20, 0);	      /* it failed */
}

START_TEST(neighbours)
{
	static const char text[] =
		"10.0.0.2         0x1         0x2         01:02:03:04:05:06    "
		" *        eth0\n"
		"10.0.0.7         0x1         0x0         01:02:03:04:05:06    "
		" *        eth0\n"
		"10.0.0.3         0x1         0x6         01:02:03:04:05:06    "
		" *        eth0\n"
		"10.0.0.9         0x0         0xc         00:00:00:00:00:00    "
		" *        *\n";

	put_table();
	/* hlist_nodes, or pointers of old: both at 0 here */
	fake_field("neighbour.hash", 0, 16);
	fake_put64(&f, NEIGH(7), NEIGH(5));
	fake_put64(&f, NEIGH(5), NEIGH(3));
	fake_put64(&f, PROXIES + 15 * 8, NEIGH(8));
	fake_put64(&f, NEIGH(8) + 8, NET);
	fake_put32(&f, NEIGH(8) + 24, 0x0900000a);
	ck_assert_str_eq(lines_of(&proc_net_arp, 1), text);
	ck_assert_uint_eq(v.parts->why.len, 0);
	fake_no_field("neighbour.hash");
	ck_assert_str_eq(text_of(&proc_net_arp), "");
	ck_assert_uint_gt(v.parts->why.len, 0);
	fake_field("neighbour.next", 0, 8);
	ck_assert_str_eq(lines_of(&proc_net_arp, 1), text);
	/* another namespace's */
	fake_put64(&f, NEIGH(8) + 8, OTHER);
	fake_put64(&f, DEV(0) + 48, OTHER);
	ck_assert_str_eq(lines_of(&proc_net_arp, 1), "");
	ck_assert_uint_eq(v.parts->why.len, 0);
}
END_TEST

START_TEST(addresses)
{
	put_table();
	fake_field("neighbour.next", 0, 8);
	/* of Infiniband there is room for nine bytes */
	fake_put32(&f, DEV(0) + 20, 20 << 16 | 32);
	ck_assert_ptr_nonnull(strstr(lines_of(&proc_net_arp, 1),
				     "10.0.0.2         0x20        0x2         "
				     "01:02:03:04:05:06:00:00:00     *"));
	fake_put32(&f, DEV(0) + 20, 7 << 16 | 3); /* names of radio stations */
	ck_assert_str_eq(lines_of(&proc_net_arp, 1), "");
	ck_assert(v.parts->torn);
}
END_TEST

START_TEST(damage)
{
	put_table();
	fake_field("neighbour.next", 0, 8);
	fake_put64(&f, NEIGH(3) + 56, 0x1000); /* its device is nowhere */
	fake_put64(&f, BUCKETS + 8, NEIGH(3));
	ck_assert_ptr_null(strstr(text_of(&proc_net_arp), "10.0.0.3 "));
	ck_assert(v.parts->torn);
	fake_put32(&f, TABLE + 0x48, 40); /* more buckets than there can be */
	ck_assert_str_eq(lines_of(&proc_net_arp, 1), "");
	ck_assert(v.parts->torn);
}
END_TEST

/* As many batches for many devices as for one. */
START_TEST(batches)
{
	struct machine *m = &f.memory.machine;
	uint64_t one, many;

	put_device(0, "eth0", 1, NULL);
	text_of(&proc_net_dev);
	one = m->stats.batches;
	text_of(&proc_net_dev);
	one = m->stats.batches - one;
	put_device(1, "eth1", 2, NULL);
	put_device(2, "eth2", 3, NULL);
	many = m->stats.batches;
	text_of(&proc_net_dev);
	ck_assert_uint_eq(m->stats.batches - many, one);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_net_dev");
	TCase *t = tcase_create("proc_net_dev");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, counted);
	tcase_add_test(t, unknown);
	tcase_add_test(t, order);
	tcase_add_test(t, neighbours);
	tcase_add_test(t, addresses);
	tcase_add_test(t, damage);
	tcase_add_test(t, batches);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
