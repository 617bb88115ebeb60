/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of files below net/ in /proc, on sockets that are written by hand. */
#include "proc/net.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/siphash.h"
#include "kernel/chain.h"
#include "unit/proc_kit.h"

#define NET	   (DIRECT + 0x1000) /* the initial struct net */
#define OTHER	   (DIRECT + 0x1400) /* and another one */
#define VARIABLES  (DIRECT + 0x50000)
#define HASHINFO   (DIRECT + 0x2000)
#define UDP_TABLE  (DIRECT + 0x2100)
#define LISTEN(i)  (DIRECT + 0x2200 + (i)*16ULL) /* buckets */
#define EHASH(i)   (DIRECT + 0x2300 + (i)*8ULL)
#define UDP(i)	   (DIRECT + 0x2400 + (i)*16ULL)
#define UNIX(i)	   (DIRECT + 0x3000 + (i)*8ULL)
#define SOCK(i)	   (DIRECT + 0x10000 + (i)*0x800ULL)
#define SOCKET(i)  (DIRECT + 0x18000 + (i)*0x100ULL)
#define UNIX_NAME  (DIRECT + 0x1c000)
#define ROUTES	   (DIRECT + 0x28000)
#define SNMP	   (DIRECT + 0x20000)
#define ADDR6	   (DIRECT + 0x1f000)
#define NL_TABLES  (DIRECT + 0x1d000)
#define NL_BUCKETS (DIRECT + 0x1e000)
#define NODE	   0x68 /* of a sock_common */
#define LOCALHOST  0x0100007fu

static struct fake_kernel f;
static struct proc_values v;
static struct buf all;

static void put_common_fields(void)
{
	fake_field("sock_common.skc_daddr", 0, 4);
	fake_field("sock_common.skc_rcv_saddr", 4, 4);
	fake_field("sock_common.skc_dport", 12, 2);
	fake_field("sock_common.skc_num", 14, 2);
	fake_field("sock_common.skc_family", 16, 2);
	fake_field("sock_common.skc_state", 18, 1);
	fake_field("sock_common.skc_net.net", 0x30, 8);
	fake_field("sock_common.skc_v6_daddr", 0x38, 16);
	fake_field("sock_common.skc_v6_rcv_saddr", 0x48, 16);
	fake_field("sock_common.skc_listener", 0x60, 8);
	fake_field("sock_common.skc_node", NODE, 16);
	fake_field("sock_common.skc_refcnt", 0x80, 4);
	fake_field("sock.sk_type", 0x100, 2);
	fake_field("sock.sk_socket", 0x108, 8);
	fake_field("sock.sk_wmem_alloc", 0x110, 4);
	fake_field("sock.sk_backlog.rmem_alloc", 0x114, 4);
	fake_field("sock.sk_drops", 0x118, 4);
	fake_field("sock.sk_ack_backlog", 0x11c, 4);
	fake_field("udp_sock.forward_deficit", 0x400, 4);
	fake_field("unix_sock.addr", 0x400, 8);
	fake_field("socket_alloc.socket", 0x10, 8);
	fake_field("socket_alloc.vfs_inode.i_uid", 0x40, 4);
	fake_field("socket_alloc.vfs_inode.i_ino", 0x48, 8);
	fake_field("unix_address.len", 4, 4);
	fake_field("unix_address.name", 12, 0);
}

static void put_tcp_fields(void)
{
	fake_field("inet_timewait_sock.tw_substate", 0x90, 1);
	fake_field("inet_timewait_sock.tw_timer.expires", 0x98, 8);
	fake_field("request_sock.rsk_timer.expires", 0x90, 8);
	fake_bits("request_sock.num_timeout", 0x98, 1, 7);
	fake_field("tcp_sock.write_seq", 0x400, 4);
	fake_field("tcp_sock.snd_una", 0x404, 4);
	fake_field("tcp_sock.rcv_nxt", 0x408, 4);
	fake_field("tcp_sock.copied_seq", 0x40c, 4);
	fake_field("tcp_sock.snd_cwnd", 0x410, 4);
	fake_field("tcp_sock.snd_ssthresh", 0x414, 4);
	fake_field("inet_connection_sock.icsk_pending", 0x200, 1);
	fake_field("inet_connection_sock.icsk_timeout", 0x208, 8);
	fake_field("inet_connection_sock.icsk_keepalive_timer.entry.pprev",
		   0x210, 8);
	fake_field("inet_connection_sock.icsk_keepalive_timer.expires", 0x218,
		   8);
	fake_field("inet_connection_sock.icsk_retransmits", 0x220, 1);
	fake_field("inet_connection_sock.icsk_probes_out", 0x221, 1);
	fake_field("inet_connection_sock.icsk_rto", 0x224, 4);
	fake_field("inet_connection_sock.icsk_ack.ato", 0x228, 4);
	fake_field("inet_connection_sock.icsk_ack.quick", 0x22c, 1);
	fake_field("inet_connection_sock.icsk_ack.pingpong", 0x22d, 1);
	fake_field("inet_connection_sock.icsk_accept_queue.fastopenq.max_qlen",
		   0x230, 4);
}

static void put_tables(void)
{
	fake_field("net.ipv4.tcp_death_row.hashinfo", 8, 8);
	fake_field("net.ipv4.udp_table", 16, 8);
	fake_field("net.unx.table.buckets", 24, 8);
	fake_field("inet_hashinfo.ehash", 0, 8);
	fake_field("inet_hashinfo.ehash_mask", 8, 4);
	fake_field("inet_hashinfo.lhash2_mask", 12, 4);
	fake_field("inet_hashinfo.lhash2", 16, 8);
	fake_field("inet_listen_hashbucket.nulls_head.first", 8, 8);
	fake_field("udp_table.hash", 0, 8);
	fake_field("udp_table.mask", 8, 4);
	fake_field("udp_hslot.head.first", 0, 8);
	fake_sizeof("inet_ehash_bucket", 8);
	fake_sizeof("inet_listen_hashbucket", 16);
	fake_sizeof("udp_hslot", 16);
	fake_symbol("init_net", NET);
	fake_put64(&f, NET + 8, HASHINFO);
	fake_put64(&f, NET + 16, UDP_TABLE);
	fake_put64(&f, NET + 24, UNIX(0));
	fake_put64(&f, HASHINFO, EHASH(0));
	fake_put32(&f, HASHINFO + 8, 1);
	fake_put32(&f, HASHINFO + 12, 1);
	fake_put64(&f, HASHINFO + 16, LISTEN(0));
	fake_put64(&f, UDP_TABLE, UDP(0));
	fake_put32(&f, UDP_TABLE + 8, 3);
	fake_put64(&f, LISTEN(0) + 8, 1); /* the ends of empty chains */
	fake_put64(&f, LISTEN(1) + 8, 3);
	fake_put64(&f, EHASH(0), 1);
	fake_put64(&f, EHASH(1), 3);
}

static void setup(void)
{
	fake_kernel_init(&f);
	fake_task_fields();
	fake_field("task_struct.pid_links", 96, 64);
	fake_symbol("init_pid_ns", VARIABLES + 0x100); /* it has no task */
	put_common_fields();
	put_tcp_fields();
	put_tables();
	fake_symbol("jiffies_64", VARIABLES);
	fake_put64(&f, VARIABLES, 1000);
	fake_symbol("ptr_key", VARIABLES + 8);
	fake_field("clocksource.mult", 0, 4);
	fake_field("clocksource.shift", 4, 4);
	fake_symbol("clocksource_jiffies", VARIABLES + 0x20);
	fake_put32(&f, VARIABLES + 0x20, 4000000); /* HZ=250 */
}

static void teardown(void)
{
	buf_deinit(&all);
	proc_values_deinit(&v);
	fake_kernel_deinit(&f);
}

/* A socket of 127.0.0.1:PORT, in a bucket whose chain then begins with it. */
static void put_sock(unsigned int i, uint64_t bucket, unsigned int family,
		     unsigned int state, unsigned int port)
{
	uint64_t at = SOCK(i);

	fake_put32(&f, at + 4, LOCALHOST);
	fake_put32(&f, at + 12, port << 16);
	fake_put32(&f, at + 16, family | state << 16);
	fake_put64(&f, at + 0x30, NET);
	fake_put32(&f, at + 0x48 + 12, 0x01000000u); /* ::1 */
	fake_put32(&f, at + 0x80, i + 1);
	fake_put32(&f, at + 0x110, 1);
	fake_put64(&f, at + 0x108, SOCKET(i) + 0x10);
	fake_put32(&f, SOCKET(i) + 0x40, 1000 + i);
	fake_put64(&f, SOCKET(i) + 0x48, 70 + i);
	/* its neighbour in the chain */
	fake_put64(&f, at + NODE, 0);
	fake_put64(&f, bucket, at + NODE);
}

/* All of a file. */
static const char *text_of(const struct proc_file *file)
{
	ck_assert_int_eq(proc_kit_read(&f, file, &v, &all, NULL), 0);
	return all.data ? all.data : "";
}

/* The line of that number, without blanks at its end. */
static const char *line_of(const struct proc_file *file, unsigned int number)
{
	static char line[256];
	const char *at = text_of(file);
	size_t n;

	for (; number; number--)
		at = strchr(at, '\n') + 1;
	n = strcspn(at, "\n");
	while (n && at[n - 1] == ' ')
		n--;
	ck_assert_uint_lt(n, sizeof(line));
	memcpy(line, at, n);
	line[n] = '\0';
	return line;
}

START_TEST(empty)
{
	const char *text = text_of(&proc_net_tcp);

	ck_assert_uint_eq(strlen(text), 150);
	ck_assert_uint_eq(strcspn(text, "\n"), 149);
	ck_assert_uint_eq(strlen(text_of(&proc_net_udp)), 128);
	ck_assert_uint_eq(strlen(text_of(&proc_net_tcp6)), 145);
	ck_assert_uint_eq(strlen(text_of(&proc_net_udp6)), 163);
	ck_assert_str_eq(text_of(&proc_net_unix),
			 "Num       RefCount Protocol Flags    Type St Inode "
			 "Path\n");
	ck_assert_uint_eq(v.parts->why.len, 0);
}
END_TEST

START_TEST(datagrams)
{
	put_sock(0, UDP(2), SOCK_FAMILY_INET, 7, 53);
	put_sock(1, UDP(3), SOCK_FAMILY_INET6, 7, 67);
	put_sock(2, UDP(1), SOCK_FAMILY_INET, 7, 99);
	fake_put64(&f, SOCK(2) + 0x30, OTHER); /* not of PID 1's */
	fake_put32(&f, SOCK(0) + 0x110, 0x21);
	fake_put32(&f, SOCK(0) + 0x114, 0x300);
	fake_put32(&f, SOCK(0) + 0x400, 0x100);
	fake_put32(&f, SOCK(0) + 0x118, 9);
	ck_assert_str_eq(line_of(&proc_net_udp, 1),
			 "    2: 0100007F:0035 00000000:0000 07 "
			 "00000020:00000200 00:00000000 00000000  1000        "
			 "0 70 1 (____ptrval____) 9");
	ck_assert_uint_eq(v.parts->records, 2);
	ck_assert_str_eq(line_of(&proc_net_udp6, 1),
			 "    3: 00000000000000000000000001000000:0043 "
			 "00000000000000000000000000000000:0000 07 "
			 "00000000:00000000 00:00000000 00000000  1001        "
			 "0 71 2 (____ptrval____) 0");
}
END_TEST

START_TEST(tcp)
{
	put_sock(0, LISTEN(1) + 8, SOCK_FAMILY_INET, SOCK_LISTEN, 80);
	fake_put32(&f, SOCK(0) + 0x11c, 5);
	fake_put32(&f, SOCK(0) + 0x224, 250);
	fake_put32(&f, SOCK(0) + 0x410, 10);
	put_sock(1, EHASH(0), SOCK_FAMILY_INET, SOCK_ESTABLISHED, 80);
	fake_put64(&f, SOCK(1) + NODE, 1); /* the end of its chain */
	fake_put32(&f, SOCK(1), LOCALHOST);
	fake_put32(&f, SOCK(1) + 12, 80u << 16 | 0x3412); /* from port 0x1234 */
	fake_put32(&f, SOCK(1) + 0x400, 0x500);		  /* 0x100 to be sent */
	fake_put32(&f, SOCK(1) + 0x404, 0x400);
	fake_put32(&f, SOCK(1) + 0x408, 0x10);
	fake_put32(&f, SOCK(1) + 0x40c, 0x20); /* not yet negative */
	fake_put32(&f, SOCK(1) + 0x410, 10);
	fake_put32(&f, SOCK(1) + 0x414, 0x7fffffff);
	fake_put32(&f, SOCK(1) + 0x200, 1); /* a timer */
	fake_put64(&f, SOCK(1) + 0x208, 1050);
	fake_put32(&f, SOCK(1) + 0x224, 50);
	fake_put32(&f, SOCK(1) + 0x22c, 0x0103); /* quick 3, interactive */
	ck_assert_str_eq(line_of(&proc_net_tcp, 1),
			 "   0: 0100007F:0050 00000000:0000 0A "
			 "00000000:00000005 00:00000000 00000000  1000        "
			 "0 70 1 (____ptrval____) 100 0 0 10 0");
	ck_assert_str_eq(line_of(&proc_net_tcp, 2),
			 "   1: 0100007F:0050 0100007F:1234 01 "
			 "00000100:00000000 01:00000014 00000000  1001        "
			 "0 71 2 (____ptrval____) 20 0 7 10 -1");
}
END_TEST

/* Those that are no full sockets. */
START_TEST(small_ones)
{
	put_sock(0, LISTEN(0) + 8, SOCK_FAMILY_INET, SOCK_LISTEN, 80);
	put_sock(1, EHASH(0), SOCK_FAMILY_INET, SOCK_TIME_WAIT, 80);
	fake_put32(&f, SOCK(1) + 0x90, 5);
	fake_put64(&f, SOCK(1) + 0x98, 1250);
	put_sock(2, EHASH(1), SOCK_FAMILY_INET, SOCK_NEW_SYN_RECV, 80);
	fake_put64(&f, SOCK(2) + 0x60, SOCK(0));
	fake_put64(&f, SOCK(2) + 0x90, 900); /* it has expired */
	fake_put32(&f, SOCK(2) + 0x98, 3 << 1 | 1);
	ck_assert_str_eq(line_of(&proc_net_tcp, 2),
			 "   1: 0100007F:0050 00000000:0000 05 "
			 "00000000:00000000 03:00000064 00000000     0        "
			 "0 0 2 (____ptrval____)");
	ck_assert_str_eq(line_of(&proc_net_tcp, 3),
			 "   2: 0100007F:0050 00000000:0000 03 "
			 "00000000:00000000 01:00000000 00000003  1000        "
			 "0 0 0 (____ptrval____)");
}
END_TEST

START_TEST(unix_names)
{
	put_sock(0, UNIX(1), SOCK_FAMILY_UNIX, SOCK_LISTEN, 0);
	put_sock(1, UNIX(511), SOCK_FAMILY_UNIX, SOCK_ESTABLISHED, 0);
	fake_put32(&f, SOCK(0) + 0x100, 1);
	fake_put32(&f, SOCK(1) + 0x100, 2);
	fake_put64(&f, SOCK(0) + 0x400, UNIX_NAME);
	fake_put32(&f, UNIX_NAME + 4, 2 + 6);
	fake_puts(&f, UNIX_NAME + 14, "/sock");
	ck_assert_str_eq(line_of(&proc_net_unix, 1),
			 "(____ptrval____): 00000001 00000000 00010000 0001 "
			 "01    70 /sock");
	ck_assert_str_eq(line_of(&proc_net_unix, 2),
			 "(____ptrval____): 00000002 00000000 00000000 0002 "
			 "03    71");
	fake_puts(&f, UNIX_NAME + 14, "");
	/* of an abstract name all bytes count */
	ck_assert_str_eq(strchr(line_of(&proc_net_unix, 1), '@'), "@sock@");
	/* the longest, with a NUL behind; and one that no socket has */
	fake_puts(&f, UNIX_NAME + 14,
		  "/23456789012345678901234567890123456789012345678901234"
		  "567890123456789012345678901234567890123456789012345678");
	fake_put32(&f, UNIX_NAME + 4, 2 + 109);
	ck_assert_uint_eq(strlen(strchr(line_of(&proc_net_unix, 1), '/')), 108);
	fake_put32(&f, UNIX_NAME + 4, 2 + 110);
	text_of(&proc_net_unix);
	ck_assert_uint_eq(v.parts->records, 2);
	ck_assert(v.parts->torn);
	/* a name that cannot be read is none */
	fake_put64(&f, SOCK(0) + 0x400, DIRECT + 0x30000 - 16);
	fake_put32(&f, DIRECT + 0x30000 - 16 + 4, 2 + 6);
	f.memory.fail_from = 0x30000;
	f.memory.fail_to = 0x31000;
	text_of(&proc_net_unix);
	ck_assert_uint_eq(v.parts->records, 2);
	ck_assert(v.parts->torn);
}
END_TEST

/* A packet socket; then the kernel has a flag for one that takes packets. */
START_TEST(packets)
{
	static const char old[] =
		"sk       RefCnt Type Proto  Iface R Rmem   User   Inode\n"
		"(____ptrval____) 1      3    0003   2     1 0      1000   "
		"70    \n";

	fake_field("net.packet.sklist", 32, 8);
	put_sock(0, NET + 32, SOCK_FAMILY_PACKET, 0, 0);
	fake_put32(&f, SOCK(0) + 0x100, 3);
	fake_put32(&f, SOCK(0) + 0x400, 0x0300);
	fake_put32(&f, SOCK(0) + 0x404, 2);
	fake_put32(&f, SOCK(0) + 0x408, 1);
	ck_assert_str_eq(text_of(&proc_net_packet), "");
	ck_assert_uint_gt(v.parts->why.len, 0); /* its types are a module's */
	fake_field("packet_sock.num", 0x400, 2);
	fake_field("packet_sock.ifindex", 0x404, 4);
	fake_field("packet_sock.running", 0x408, 4);
	ck_assert_str_eq(text_of(&proc_net_packet), old);
	fake_no_field("packet_sock.running");
	fake_field("packet_sock.flags", 0x410, 8);
	fake_constant("packet_sock_flags.PACKET_SOCK_RUNNING", 4);
	ck_assert_str_eq(line_of(&proc_net_packet, 1),
			 "(____ptrval____) 1      3    0003   2     0 0      "
			 "1000   70");
	fake_put64(&f, SOCK(0) + 0x410, 1 << 4);
	ck_assert_str_eq(line_of(&proc_net_packet, 1),
			 "(____ptrval____) 1      3    0003   2     1 0      "
			 "1000   70");
}
END_TEST

/* In the table of a protocol; a bucket's lock is held. */
START_TEST(netlink)
{
	fake_field("netlink_table.hash.tbl", 8, 8);
	fake_field("bucket_table.size", 0, 4);
	fake_field("bucket_table.nest", 4, 4);
	fake_field("bucket_table.buckets", 64, 0);
	fake_field("netlink_sock.node", 0x500, 8);
	fake_field("netlink_sock.portid", 0x400, 4);
	fake_field("netlink_sock.groups", 0x408, 8);
	fake_field("netlink_sock.cb_running", 0x410, 1);
	fake_field("sock.sk_protocol", 0x102, 2);
	fake_sizeof("netlink_table", 64);
	fake_symbol("nl_table", VARIABLES + 0x40);
	fake_put64(&f, VARIABLES + 0x40, NL_TABLES);
	fake_put64(&f, NL_TABLES + 4 * 64 + 8, NL_BUCKETS);
	fake_put32(&f, NL_BUCKETS, 2);
	put_sock(0, NL_BUCKETS + 64 + 8, SOCK_FAMILY_NETLINK, 7, 0);
	fake_put64(&f, NL_BUCKETS + 64 + 8, (SOCK(0) + 0x500) | 1);
	fake_put64(&f, SOCK(0) + 0x500, 0x201);
	fake_put32(&f, SOCK(0) + 0x100, 4 << 16 | 3);
	fake_put32(&f, SOCK(0) + 0x400, 77);
	fake_put64(&f, SOCK(0) + 0x408, VARIABLES + 0x50);
	fake_put64(&f, VARIABLES + 0x50, 0x100000011);
	ck_assert_str_eq(line_of(&proc_net_netlink, 1),
			 "(____ptrval____) 4   77         00000011 0        0  "
			 "      0     1        0        70");
	fake_put32(&f, NL_BUCKETS + 4, 1); /* a table of tables */
	text_of(&proc_net_netlink);
	ck_assert_uint_eq(v.parts->records, 1);
	ck_assert(v.parts->torn);
}
END_TEST

/* The address of a loopback device. */
static void put_if_inet6(void)
{
	static const uint64_t link = ADDR6 + 0x40;

	fake_field("net.ipv6.inet6_addr_lst", 40, 8);
	fake_field("inet6_ifaddr.addr", 0, 16);
	fake_field("inet6_ifaddr.prefix_len", 16, 4);
	fake_field("inet6_ifaddr.flags", 20, 4);
	fake_field("inet6_ifaddr.scope", 24, 2);
	fake_field("inet6_ifaddr.idev", 32, 8);
	fake_field("inet6_ifaddr.addr_lst", 0x40, 16);
	fake_field("inet6_dev.dev", 0, 8);
	fake_field("net_device.name", 0, 16);
	fake_field("net_device.ifindex", 16, 4);
	fake_field("net_device.nd_net.net", 24, 8);
	fake_put64(&f, NET + 40, UNIX(0));
	fake_put64(&f, UNIX(255), link);
	fake_put32(&f, ADDR6 + 12, 0x01000000);
	fake_put32(&f, ADDR6 + 16, 128);
	fake_put32(&f, ADDR6 + 20, 0x180);
	fake_put32(&f, ADDR6 + 24, 0x10);
	fake_put64(&f, ADDR6 + 32, ADDR6 + 0x100);
	fake_put64(&f, ADDR6 + 0x100, ADDR6 + 0x200);
	fake_puts(&f, ADDR6 + 0x200, "lo");
	fake_put32(&f, ADDR6 + 0x210, 1);
	fake_put64(&f, ADDR6 + 0x218, NET);
}

/* In the table of a namespace, or in one for all. */
START_TEST(addresses)
{
	put_if_inet6();
	ck_assert_str_eq(text_of(&proc_net_if_inet6),
			 "00000000000000000000000000000001 01 80 10 80       "
			 "lo\n");
	fake_no_field("net.ipv6.inet6_addr_lst");
	fake_symbol("inet6_addr_lst", UNIX(0));
	ck_assert_uint_eq(strlen(text_of(&proc_net_if_inet6)), 54);
	fake_put64(&f, ADDR6 + 0x218, OTHER);
	ck_assert_str_eq(text_of(&proc_net_if_inet6), "");
}
END_TEST

#define TASK(n) (DIRECT + 0x1b000 + (n)*0x100ULL)

/* Two tasks in a namespace, one that has exited, and one whose proxy cannot be
 * read: a text is made once. */
START_TEST(of_tasks)
{
	struct task tasks[] = {{.addr = TASK(0)},
			       {.addr = TASK(1)},
			       {.addr = TASK(2)},
			       {.addr = TASK(3)}};
	const uint64_t proxies[] = {TASK(4), TASK(4), 0, 0x1000};
	struct buf b = {0};
	size_t i;

	put_if_inet6();
	fake_field("task_struct.nsproxy", 200, 8);
	fake_field("nsproxy.net_ns", 0, 8);
	fake_put64(&f, TASK(4), NET);
	for (i = 0; i < 4; i++)
		fake_put64(&f, TASK(i) + 200, proxies[i]);
	ck_assert_int_eq(proc_read(&proc_pid_net_if_inet6, &f.kernel, tasks, 4,
				   &v, NULL),
			 0);
	for (i = 0; i < 2; i++) {
		ck_assert_uint_eq(v.parts[i].records, 1);
		ck_assert_uint_eq(v.parts[i].text.len, 0);
		proc_text(&v, i, 0, &b);
	}
	ck_assert_uint_eq(b.len, 2 * 54);
	ck_assert_uint_eq(v.parts[2].records + v.parts[3].records, 0);
	ck_assert_uint_eq(v.parts[2].why.len, 0);
	ck_assert(v.parts[3].torn && v.parts[3].why.len);
	proc_values_deinit(&v);
	buf_deinit(&b);
	ck_assert_int_eq(
		proc_read(&proc_pid_net_udp, &f.kernel, tasks, 4, &v, NULL), 0);
	ck_assert_uint_eq(v.parts[1].records, 1);
	ck_assert(v.parts[3].torn && v.parts[3].why.len);
	proc_values_deinit(&v);
	ck_assert_int_eq(proc_read(&proc_pid_ns, &f.kernel, tasks, 4, &v, NULL),
			 0);
	ck_assert(!v.parts[2].missing && v.parts[3].missing);
}
END_TEST

/* A name and its number in one of the kernel's lists. */
static void put_name(unsigned int list, const char *symbol, const char *name,
		     uint32_t number)
{
	uint64_t at = SNMP + list * 0x40ULL;

	fake_symbol(symbol, at);
	fake_puts(&f, SNMP + 0x200 + list * 0x20ULL, name);
	fake_put64(&f, at, SNMP + 0x200 + list * 0x20ULL);
	fake_put32(&f, at + 8, number);
}

/* Two CPUs count. */
static void put_snmp(void)
{
	unsigned int i;

	put_name(0, "snmp4_ipstats_list", "InReceives", 1);
	put_name(1, "icmpmibmap", "Echos", 8);
	put_name(2, "snmp4_tcp_list", "MaxConn", 4);
	put_name(3, "snmp4_udp_list", "InDatagrams", 1);
	fake_field("net.mib.ip_statistics", 0x100, 8);
	fake_field("net.mib.icmp_statistics", 0x108, 8);
	fake_field("net.mib.tcp_statistics", 0x110, 8);
	fake_field("net.mib.udp_statistics", 0x118, 8);
	fake_field("net.mib.icmpmsg_statistics", 0x120, 8);
	fake_field("net.ipv4.devconf_all", 0x128, 8);
	fake_field("net.ipv4.sysctl_ip_default_ttl", 0x130, 1);
	fake_field("ipv4_devconf.data", 8, 128);
	fake_field("ipstats_mib.mibs", 0, 16);
	fake_field("icmp_mib.mibs", 0, 240);
	fake_field("tcp_mib.mibs", 0, 40);
	fake_field("udp_mib.mibs", 0, 16);
	for (i = 0; i < 6; i++)
		fake_put64(&f, NET + 0x100 + i * 8, SNMP + 0x1000 + i * 0x100);
	fake_put32(&f, NET + 0x130, 64);
	fake_symbol("nr_cpu_ids", VARIABLES + 0x200);
	fake_symbol("__per_cpu_offset", VARIABLES + 0x210);
	fake_put32(&f, VARIABLES + 0x200, 2);
	fake_put64(&f, VARIABLES + 0x218, 0x2000);
	fake_put64(&f, SNMP + 0x1008, 3);
	fake_put64(&f, SNMP + 0x3008, 4);
	fake_put64(&f, SNMP + 0x1100 + 29 * 8, 9);
	fake_put64(&f, SNMP + 0x3200 + 4 * 8, UINT64_MAX);
	fake_put64(&f, SNMP + 0x1308, 5);
	fake_put64(&f, SNMP + 0x1400 + 8 * 8, 3);
}

START_TEST(counters)
{
	static const char text[] =
		"Ip: Forwarding DefaultTTL InReceives\nIp: 2 64 7\n"
		"Icmp: InMsgs InErrors InCsumErrors InEchos OutMsgs OutErrors "
		"OutRateLimitGlobal OutRateLimitHost OutEchos\n"
		"Icmp: 0 0 0 3 0 0 0 9 0\nIcmpMsg: InType8\nIcmpMsg: 3\n"
		"Tcp: MaxConn\nTcp: -1\nUdp: InDatagrams\nUdp: 5\n";

	put_snmp();
	ck_assert_str_eq(text_of(&proc_net_snmp), text);
	ck_assert(!v.parts->torn);
	fake_put64(&f, NET + 0x100, 0x1000); /* nowhere */
	text_of(&proc_net_snmp);
	ck_assert(v.parts->torn);
}
END_TEST

static void put_sockstat_fields(void)
{
	fake_field("proto.inuse_idx", 0, 4);
	fake_field("proto.memory_allocated", 8, 8);
	fake_field("proto.sockets_allocated", 16, 8);
	fake_field("net.core.prot_inuse", 0x200, 8);
	fake_field("net.ipv4.tcp_death_row.tw_refcount", 0x208, 4);
	fake_field("net.ipv4.fqdir", 0x210, 8);
	fake_field("prot_inuse.all", 0, 4);
	fake_field("prot_inuse.val", 4, 16);
	fake_field("fqdir.rhashtable.nelems", 0, 4);
	fake_field("fqdir.mem", 8, 8);
	fake_field("percpu_counter.count", 0, 8);
	fake_field("percpu_counter.counters", 8, 8);
}

/* Of three protocols, on two CPUs whose areas are at SNMP + 0x1000, 0x3000. */
static void put_numbers(void)
{
	put_sockstat_fields();
	fake_symbol("tcp_prot", SNMP);
	fake_symbol("udp_prot", SNMP + 0x20);
	fake_symbol("raw_prot", SNMP + 0x40);
	fake_symbol("tcp_orphan_count", 0x40);
	fake_symbol("__per_cpu_start", 0);
	fake_symbol("__per_cpu_end", 0x1000);
	fake_symbol("nr_cpu_ids", VARIABLES + 0x200);
	fake_symbol("__per_cpu_offset", VARIABLES + 0x210);
	fake_put32(&f, VARIABLES + 0x200, 2);
	fake_put64(&f, VARIABLES + 0x210, SNMP + 0x1000);
	fake_put64(&f, VARIABLES + 0x218, SNMP + 0x3000);
	fake_put64(&f, NET + 0x200, 0x100);
	fake_put32(&f, NET + 0x208, 3);
	fake_put64(&f, NET + 0x210, SNMP + 0x340);
	fake_put32(&f, SNMP, 2); /* places: of TCP, UDP 0, raw */
	fake_put32(&f, SNMP + 0x40, 1);
	fake_put64(&f, SNMP + 8, SNMP + 0x320);
	fake_put64(&f, SNMP + 16, SNMP + 0x300);
	fake_put64(&f, SNMP + 0x28, SNMP + 0x328);
	fake_put64(&f, SNMP + 0x300, 10); /* and 3 less on a CPU */
	fake_put64(&f, SNMP + 0x308, 0x200);
	fake_put64(&f, SNMP + 0x320, 6);
	fake_put64(&f, SNMP + 0x328, (uint64_t)-1);
	fake_put32(&f, SNMP + 0x340, 1);
	fake_put64(&f, SNMP + 0x348, 64);
	fake_put32(&f, SNMP + 0x1040, 1);
	fake_put32(&f, SNMP + 0x1100, 5);
	fake_put32(&f, SNMP + 0x1104 + 8, 3);
	fake_put32(&f, SNMP + 0x1200, (uint32_t)-3);
	fake_put32(&f, SNMP + 0x3100, (uint32_t)-1);
	fake_put32(&f, SNMP + 0x3104, 2);
	fake_put32(&f, SNMP + 0x3104 + 8, 1);
}

START_TEST(numbers)
{
	put_numbers();
	ck_assert_str_eq(text_of(&proc_net_sockstat),
			 "sockets: used 4\n"
			 "TCP: inuse 4 orphan 1 tw 2 alloc 7 mem 6\n"
			 "UDP: inuse 2 mem 0\nRAW: inuse 0\n"
			 "FRAG: inuse 1 memory 64\n");
	ck_assert(!v.parts->torn);
	fake_put32(&f, SNMP, 4); /* there is no such place */
	text_of(&proc_net_sockstat);
	ck_assert(v.parts->torn);
}
END_TEST

static void put_route_fields(void)
{
	fake_field("net.ipv4.fib_main", 0x220, 8);
	fake_field("fib_table.tb_id", 8, 4);
	fake_field("fib_table.tb_data", 16, 8);
	fake_field("trie.kv", 0, 16);
	fake_field("key_vector.key", 0, 4);
	fake_field("key_vector.bits", 5, 1);
	fake_field("key_vector.leaf", 8, 8);
	fake_field("fib_alias.fa_list", 0, 16);
	fake_field("fib_alias.fa_info", 16, 8);
	fake_field("fib_alias.fa_type", 24, 1);
	fake_field("fib_alias.fa_slen", 25, 1);
	fake_field("fib_alias.tb_id", 28, 4);
	fake_field("fib_info.fib_priority", 0, 4);
	fake_field("fib_info.fib_metrics", 8, 8);
	fake_field("fib_info.nh", 16, 8);
	fake_field("fib_info.fib_nh", 24, 0);
	fake_field("fib_nh.nh_common.nhc_dev", 0, 8);
	fake_field("fib_nh.nh_common.nhc_gw_family", 8, 1);
	fake_field("fib_nh.nh_common.nhc_gw", 16, 16);
	fake_field("dst_metrics.metrics", 0, 68);
	fake_field("net_device.name", 0, 16);
}

/* 10.1.0.0/16 by 192.168.2.1, and 192.168.7.1, which is refused; another
 * table's is on the same leaf. */
static void put_routes(void)
{
	fake_put64(&f, NET + 0x220, ROUTES);
	fake_put32(&f, ROUTES + 8, 254);
	fake_put64(&f, ROUTES + 16, ROUTES + 0x40);
	fake_put64(&f, ROUTES + 0x48, ROUTES + 0x80);
	fake_put32(&f, ROUTES + 0x84, 1 << 8);
	fake_put64(&f, ROUTES + 0x88, ROUTES + 0xa0);
	fake_put64(&f, ROUTES + 0x90, ROUTES + 0xc0);
	fake_put32(&f, ROUTES + 0xa0, 0x0a010000);
	fake_put64(&f, ROUTES + 0xa8, ROUTES + 0x100);
	fake_put32(&f, ROUTES + 0xc0, 0xc0a80701);
	fake_put64(&f, ROUTES + 0xc8, ROUTES + 0x140);
	fake_put64(&f, ROUTES + 0x110, ROUTES + 0x200);
	fake_put32(&f, ROUTES + 0x118, 16 << 8 | 1);
	fake_put32(&f, ROUTES + 0x11c, 254);
	fake_put64(&f, ROUTES + 0x140, ROUTES + 0x180);
	fake_put32(&f, ROUTES + 0x158, 7);
	fake_put32(&f, ROUTES + 0x15c, 254);
	fake_put32(&f, ROUTES + 0x198, 2);
	fake_put32(&f, ROUTES + 0x19c, 255);
	fake_put32(&f, ROUTES + 0x200, 7);
	fake_put64(&f, ROUTES + 0x208, ROUTES + 0x340);
	fake_put64(&f, ROUTES + 0x218, ROUTES + 0x300);
	fake_put32(&f, ROUTES + 0x220, 2);
	fake_put32(&f, ROUTES + 0x228, 0x0102a8c0);
	fake_puts(&f, ROUTES + 0x300, "eth0");
	fake_put32(&f, ROUTES + 0x340 + 28, 1460);
}

START_TEST(routes)
{
	put_route_fields();
	ck_assert_str_eq(text_of(&proc_net_route), ""); /* no table */
	put_routes();
	ck_assert_uint_eq(strlen(text_of(&proc_net_route)), 3 * 128);
	ck_assert_str_eq(line_of(&proc_net_route, 1),
			 "eth0\t0000010A\t0102A8C0\t0003\t0\t0\t7\t0000FFFF\t"
			 "1500\t0\t0");
	ck_assert_str_eq(line_of(&proc_net_route, 2),
			 "*\t0107A8C0\t00000000\t0205\t0\t0\t0\tFFFFFFFF\t0\t0"
			 "\t0");
	ck_assert(!v.parts->torn);
	fake_put64(&f, ROUTES + 0x90, ROUTES + 0x80); /* back to itself */
	ck_assert_uint_eq(strlen(text_of(&proc_net_route)), 2 * 128);
	ck_assert(v.parts->torn);
	fake_put32(&f, ROUTES + 0x84, 40 << 8); /* more than there can be */
	ck_assert_uint_eq(strlen(text_of(&proc_net_route)), 128);
	ck_assert(v.parts->torn);
}
END_TEST

/* What a kernel does not tell of is said, and no error. */
START_TEST(another_kernel)
{
	ck_assert_str_eq(text_of(&proc_net_sockstat), "");
	ck_assert_ptr_nonnull(strstr(v.parts->why.data, "tcp_orphan_count"));
	ck_assert_str_eq(text_of(&proc_net_snmp), "");
	ck_assert_uint_gt(v.parts->why.len, 0);
}
END_TEST

/* Nor of whose namespace a task is in. */
START_TEST(no_namespaces)
{
	static const struct proc_file *const files[] = {
		&proc_pid_net_udp, &proc_pid_net_snmp, &proc_pid_net_sockstat,
		&proc_pid_net_if_inet6, &proc_pid_net_route};
	static const struct task task = {.pid = 7, .addr = SOCK(0)};
	size_t i;

	fake_lose(READER_TASK_NS);
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		proc_values_deinit(&v);
		ck_assert_int_eq(
			proc_read(files[i], &f.kernel, &task, 1, &v, NULL), 0);
		ck_assert_msg(v.parts->why.len, "%s", files[i]->name);
		ck_assert_uint_eq(v.parts->text.len, 0);
	}
}
END_TEST

/* The page of a namespace cannot be read: each file says so, and shows nothing
 * that looks as if it were true. */
START_TEST(lost_namespace)
{
	static const struct proc_file *const files[] = {
		&proc_net_tcp,	    &proc_net_udp,   &proc_net_raw,
		&proc_net_unix,	    &proc_net_snmp,  &proc_net_sockstat,
		&proc_net_if_inet6, &proc_net_route, &proc_net_netlink,
	};
	size_t i;

	put_snmp();
	put_numbers();
	put_route_fields();
	put_routes();
	fake_field("net.ipv6.inet6_addr_lst", 40, 8);
	put_sock(0, UDP(2), SOCK_FAMILY_INET, 7, 53);
	f.memory.fail_from = NET - DIRECT;
	f.memory.fail_to = f.memory.fail_from + 0x1000;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		ck_assert_ptr_null(strchr(text_of(files[i]), '1'));
		ck_assert_msg(v.parts->why.len, "%s", files[i]->name);
	}
}
END_TEST

START_TEST(pointers)
{
	static const uint64_t key[2] = {0x0706050403020100, 0x0f0e0d0c0b0a0908};

	/* the authors' own */
	ck_assert_uint_eq(siphash_u64(key[0], key), 0x93f5f5799a932462);
	put_sock(0, UNIX(1), SOCK_FAMILY_UNIX, SOCK_LISTEN, 0);
	fake_symbol("kptr_restrict", VARIABLES + 0x30);
	fake_put32(&f, VARIABLES + 0x30, 1);
	ck_assert_int_eq(
		strncmp(line_of(&proc_net_unix, 1), "ffff888000010000:", 17),
		0);
	fake_put32(&f, VARIABLES + 0x30, 2);
	ck_assert_int_eq(
		strncmp(line_of(&proc_net_unix, 1), "0000000000000000:", 17),
		0);
	fake_put32(&f, VARIABLES + 0x30, 0);
	fake_put64(&f, VARIABLES + 8, 1);
	ck_assert_int_eq(strncmp(line_of(&proc_net_unix, 1), "00000000", 8), 0);
}
END_TEST

START_TEST(damage)
{
	put_sock(0, UDP(2), SOCK_FAMILY_INET, 7, 53);
	put_sock(1, UDP(3), SOCK_FAMILY_INET, 7, 54);
	fake_put64(&f, SOCK(1) + NODE, SOCK(0) + NODE); /* twice */
	text_of(&proc_net_udp);
	ck_assert_uint_eq(v.parts->records, 3);
	ck_assert(v.parts->torn);
	fake_put64(&f, SOCK(1) + NODE, 0);
	fake_put64(&f, SOCK(0) + 0x108, 0x1000); /* its file is nowhere */
	text_of(&proc_net_udp);
	ck_assert_uint_eq(v.parts->records, 2);
	ck_assert(v.parts->torn);
	fake_put32(&f, UDP_TABLE + 8, 0x7fffffff); /* too many buckets */
	text_of(&proc_net_udp);
	ck_assert_uint_eq(v.parts->records, 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_net");
	TCase *t = tcase_create("proc_net");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, empty);
	tcase_add_test(t, datagrams);
	tcase_add_test(t, tcp);
	tcase_add_test(t, small_ones);
	tcase_add_test(t, unix_names);
	tcase_add_test(t, packets);
	tcase_add_test(t, netlink);
	tcase_add_test(t, addresses);
	tcase_add_test(t, counters);
	tcase_add_test(t, numbers);
	tcase_add_test(t, of_tasks);
	tcase_add_test(t, routes);
	tcase_add_test(t, another_kernel);
	tcase_add_test(t, no_namespaces);
	tcase_add_test(t, lost_namespace);
	tcase_add_test(t, pointers);
	tcase_add_test(t, damage);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
