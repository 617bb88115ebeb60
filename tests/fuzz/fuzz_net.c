/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what is read of sockets, routes, addresses, sysctls and System V IPC
 * for /proc/net, /proc/sys and /proc/sysvipc. */
#include <string.h>

#include "fuzz/fuzz.h"
#include "base/cursor.h"
#include "proc/proc.h"
#include "unit/fake_kernel.h"
#include "unit/system_kit.h"

/*
 * An input, little-endian: u8, which file; and then values for memory, {u16
 * index, u64 value} each: a value goes to the kernel address DIRECT + 8 *
 * index.  Symbols are 1 KiB apart, in the order of symbols[].
 */
#define WORDS	   8192u
#define SYMBOL(nr) (DIRECT + (nr)*0x400ULL)
#define JIFFIES	   0	   /* the first of symbols[] */
#define MULT	   4000000 /* ns: HZ=250 */

static struct fake_kernel kernel;

static const struct proc_file *const files[] = {
	&proc_net_tcp,	    &proc_net_udp6,    &proc_net_raw,
	&proc_net_unix,	    &proc_net_netlink, &proc_net_packet,
	&proc_net_if_inet6, &proc_net_route,   &proc_net_snmp,
	&proc_net_sockstat, &proc_sys,	       &proc_net_dev,
	&proc_net_arp,	    &proc_sysvipc_shm, &proc_sysvipc_sem,
	&proc_sysvipc_msg,
};

#define FILES (sizeof(files) / sizeof(files[0]))

static const char *const symbols[] = {
	"clocksource_jiffies",
	"jiffies_64",
	"init_net",
	"sysctl_table_root",
	"init_pid_ns",
	"ptr_key",
	"nl_table",
	"raw_v4_hashinfo",
	"snmp4_ipstats_list",
	"icmpmibmap",
	"snmp4_tcp_list",
	"snmp4_udp_list",
	"tcp_prot",
	"udp_prot",
	"raw_prot",
	"nr_cpu_ids",
	"__per_cpu_offset",
	"init_uts_ns",
	"init_ipc_ns",
	"proc_dointvec",
	"proc_dostring",
	"proc_do_uts_string",
	"proc_dointvec_jiffies",
	"arp_tbl",
	"loopback_get_stats64",
	"dev_get_tstats64",
	"proc_do_large_bitmap",
	"proc_tcp_fastopen_key",
	"nf_log_proc_dostring",
	"tcp_cong_list",
	"proc_tcp_available_congestion_control",
	"nr_dentry",
	"nr_dentry_unused",
	"proc_nr_dentry",
	"dqstats",
	"do_proc_dqstats",
	"softnet_data",
	"flow_limit_cpu_sysctl",
	"virtnet_stats",
	"veth_get_stats64",
	"vlan_dev_get_stats64",
};

static const struct fake_member fields[] = {
	{"task_struct.pid_links", 96, 64},
	{"clocksource.mult", 0, 4},
	{"clocksource.shift", 4, 4},
	{"net.ipv4.tcp_death_row.hashinfo", 8, 8},
	{"net.ipv4.udp_table", 16, 8},
	{"net.unx.table.buckets", 24, 8},
	{"net.packet.sklist", 32, 8},
	{"net.ipv6.inet6_addr_lst", 40, 8},
	{"net.sysctls.dir.root.rb_node", 48, 8},
	{"net.ipv4.fib_main", 56, 8},
	{"net.mib.ip_statistics", 64, 8},
	{"net.mib.icmp_statistics", 72, 8},
	{"net.mib.tcp_statistics", 80, 8},
	{"net.mib.udp_statistics", 88, 8},
	{"net.mib.icmpmsg_statistics", 96, 8},
	{"net.ipv4.devconf_all", 104, 8},
	{"net.ipv4.sysctl_ip_default_ttl", 112, 1},
	{"net.core.prot_inuse", 120, 8},
	{"net.ipv4.tcp_death_row.tw_refcount", 128, 4},
	{"net.ipv4.fqdir", 136, 8},
	{"inet_hashinfo.ehash", 0, 8},
	{"inet_hashinfo.ehash_mask", 8, 4},
	{"inet_hashinfo.lhash2_mask", 12, 4},
	{"inet_hashinfo.lhash2", 16, 8},
	{"inet_listen_hashbucket.nulls_head.first", 8, 8},
	{"udp_table.hash", 0, 8},
	{"udp_table.mask", 8, 4},
	{"udp_hslot.head.first", 0, 8},
	{"raw_hashinfo.ht", 0, 64},
	{"netlink_table.hash.tbl", 8, 8},
	{"bucket_table.size", 0, 4},
	{"bucket_table.nest", 4, 4},
	{"bucket_table.buckets", 64, 0},
	{"sock_common.skc_daddr", 0, 4},
	{"sock_common.skc_rcv_saddr", 4, 4},
	{"sock_common.skc_dport", 12, 2},
	{"sock_common.skc_num", 14, 2},
	{"sock_common.skc_family", 16, 2},
	{"sock_common.skc_state", 18, 1},
	{"sock_common.skc_refcnt", 20, 4},
	{"sock_common.skc_net.net", 24, 8},
	{"sock_common.skc_v6_daddr", 32, 16},
	{"sock_common.skc_v6_rcv_saddr", 48, 16},
	{"sock_common.skc_listener", 64, 8},
	{"sock_common.skc_node", 72, 16},
	{"sock.sk_type", 88, 2},
	{"sock.sk_protocol", 90, 2},
	{"sock.sk_wmem_alloc", 92, 4},
	{"sock.sk_socket", 96, 8},
	{"sock.sk_backlog.rmem_alloc", 104, 4},
	{"sock.sk_drops", 108, 4},
	{"sock.sk_ack_backlog", 112, 4},
	{"sock.sk_drop_counters", 120, 8},
	{"numa_drop_counters.drops0", 0, 4},
	{"numa_drop_counters.drops1", 8, 4},
	{"udp_sock.forward_deficit", 128, 4},
	{"unix_sock.addr", 136, 8},
	{"unix_address.len", 4, 4},
	{"unix_address.name", 12, 0},
	{"socket_alloc.socket", 16, 8},
	{"socket_alloc.vfs_inode.i_uid", 24, 4},
	{"socket_alloc.vfs_inode.i_ino", 32, 8},
	{"netlink_sock.node", 144, 8},
	{"netlink_sock.groups", 152, 8},
	{"netlink_sock.portid", 160, 4},
	{"netlink_sock.cb_running", 164, 1},
	{"packet_sock.num", 168, 2},
	{"packet_sock.ifindex", 172, 4},
	{"packet_sock.running", 176, 4},
	{"inet_timewait_sock.tw_substate", 88, 1},
	{"inet_timewait_sock.tw_timer.expires", 96, 8},
	{"request_sock.rsk_timer.expires", 96, 8},
	{"request_sock.num_timeout", 88, 1},
	{"tcp_sock.write_seq", 180, 4},
	{"tcp_sock.snd_una", 184, 4},
	{"tcp_sock.rcv_nxt", 188, 4},
	{"tcp_sock.copied_seq", 192, 4},
	{"tcp_sock.snd_cwnd", 196, 4},
	{"tcp_sock.snd_ssthresh", 200, 4},
	{"inet_connection_sock.icsk_pending", 204, 1},
	{"inet_connection_sock.icsk_retransmits", 205, 1},
	{"inet_connection_sock.icsk_probes_out", 206, 1},
	{"inet_connection_sock.icsk_timeout", 208, 8},
	{"inet_connection_sock.icsk_keepalive_timer.entry.pprev", 216, 8},
	{"inet_connection_sock.icsk_keepalive_timer.expires", 224, 8},
	{"inet_connection_sock.icsk_rto", 232, 4},
	{"inet_connection_sock.icsk_ack.ato", 236, 4},
	{"inet_connection_sock.icsk_ack.quick", 240, 1},
	{"inet_connection_sock.icsk_ack.pingpong", 241, 1},
	{"inet_connection_sock.icsk_accept_queue.fastopenq.max_qlen", 244, 4},
	{"inet6_ifaddr.addr", 0, 16},
	{"inet6_ifaddr.prefix_len", 16, 4},
	{"inet6_ifaddr.flags", 20, 4},
	{"inet6_ifaddr.scope", 24, 2},
	{"inet6_ifaddr.idev", 32, 8},
	{"inet6_ifaddr.addr_lst", 40, 16},
	{"inet6_dev.dev", 0, 8},
	{"net_device.name", 0, 16},
	{"net_device.ifindex", 16, 4},
	{"net_device.nd_net.net", 24, 8},
	{"ipv4_devconf.data", 8, 128},
	{"ipstats_mib.mibs", 0, 16},
	{"icmp_mib.mibs", 0, 240},
	{"tcp_mib.mibs", 0, 40},
	{"udp_mib.mibs", 0, 16},
	{"proto.inuse_idx", 0, 4},
	{"proto.memory_allocated", 8, 8},
	{"proto.sockets_allocated", 16, 8},
	{"prot_inuse.all", 0, 4},
	{"prot_inuse.val", 4, 16},
	{"fqdir.rhashtable.nelems", 0, 4},
	{"fqdir.mem", 8, 8},
	{"percpu_counter.count", 0, 8},
	{"percpu_counter.counters", 8, 8},
	{"fib_table.tb_id", 8, 4},
	{"fib_table.tb_data", 16, 8},
	{"trie.kv", 0, 16},
	{"key_vector.key", 0, 4},
	{"key_vector.bits", 5, 1},
	{"key_vector.leaf", 8, 8},
	{"fib_alias.fa_list", 0, 16},
	{"fib_alias.fa_info", 16, 8},
	{"fib_alias.fa_type", 24, 1},
	{"fib_alias.fa_slen", 25, 1},
	{"fib_alias.tb_id", 28, 4},
	{"fib_info.fib_priority", 0, 4},
	{"fib_info.fib_metrics", 8, 8},
	{"fib_info.nh", 16, 8},
	{"fib_info.fib_nh", 24, 0},
	{"fib_nh.nh_common.nhc_dev", 0, 8},
	{"fib_nh.nh_common.nhc_gw_family", 8, 1},
	{"fib_nh.nh_common.nhc_gw", 16, 16},
	{"dst_metrics.metrics", 0, 68},
	{"ctl_node.node.rb_left", 16, 8},
	{"ctl_node.node.rb_right", 8, 8},
	{"ctl_node.header", 24, 8},
	{"ctl_dir.header.ctl_table", 0, 8},
	{"ctl_dir.header.node", 8, 8},
	{"ctl_dir.header.unregistering", 16, 8},
	{"ctl_dir.root.rb_node", 24, 8},
	{"ctl_table.procname", 0, 8},
	{"ctl_table.data", 8, 8},
	{"ctl_table.maxlen", 16, 4},
	{"ctl_table.mode", 20, 2},
	{"ctl_table.proc_handler", 24, 8},
	{"ctl_table_root.default_set.dir.root.rb_node", 16, 8},
	{"net.dev_index_head", 144, 8},
	{"net.ipv4.tcp_fastopen_ctx", 152, 8},
	{"net.nf.nf_loggers", 160, 88},
	{"net_device.index_hlist", 32, 16},
	{"net_device.type", 20, 2},
	{"net_device.addr_len", 22, 1},
	{"net_device.netdev_ops", 48, 8},
	{"net_device.lstats", 56, 8},
	{"net_device.core_stats", 64, 8},
	{"net_device.stats", 72, 184},
	{"neigh_table.nht", 0, 8},
	{"neigh_table.phash_buckets", 8, 8},
	{"neigh_hash_table.hash_heads", 0, 8},
	{"neigh_hash_table.hash_shift", 8, 4},
	{"neighbour.hash", 0, 16},
	{"neighbour.nud_state", 16, 1},
	{"neighbour.ha", 24, 32},
	{"neighbour.dev", 56, 8},
	{"neighbour.primary_key", 64, 0},
	{"pneigh_entry.next", 0, 8},
	{"pneigh_entry.net.net", 8, 8},
	{"pneigh_entry.dev", 16, 8},
	{"pneigh_entry.key", 24, 0},
	{"tcp_fastopen_context.key", 0, 32},
	{"tcp_fastopen_context.num", 32, 4},
	{"nf_logger.name", 0, 8},
	{"tcp_congestion_ops.list", 0, 16},
	{"tcp_congestion_ops.name", 16, 16},
	{"dqstats.counter", 0, 128},
	{"softnet_data.flow_limit", 0, 8},
	{"net_device.num_rx_queues", 28, 4},
	{"net_device.priv", 256, 0},
	{"virtnet_info.max_queue_pairs", 0, 2},
	{"virtnet_info.sq", 8, 8},
	{"virtnet_info.rq", 16, 8},
	{"send_queue.stats.packets", 0, 8},
	{"send_queue.stats.bytes", 8, 8},
	{"receive_queue.stats.packets", 0, 8},
	{"receive_queue.stats.bytes", 8, 8},
	{"receive_queue.stats.drops", 16, 8},
	{"veth_priv.peer", 0, 8},
	{"veth_priv.dropped", 8, 8},
	{"veth_priv.rq", 16, 8},
	{"veth_rq.stats.vs.xdp_packets", 0, 8},
	{"veth_rq.stats.vs.xdp_bytes", 8, 8},
	{"veth_rq.stats.vs.rx_drops", 16, 8},
	{"veth_rq.stats.vs.xdp_tx_err", 24, 8},
	{"veth_rq.stats.vs.peer_tq_xdp_xmit_err", 32, 8},
	{"vlan_dev_priv.vlan_pcpu_stats", 8, 8},
	{"vlan_pcpu_stats.rx_packets", 0, 8},
	{"vlan_pcpu_stats.rx_bytes", 8, 8},
	{"vlan_pcpu_stats.rx_multicast", 16, 8},
	{"vlan_pcpu_stats.tx_packets", 24, 8},
	{"vlan_pcpu_stats.tx_bytes", 32, 8},
	{"vlan_pcpu_stats.rx_errors", 40, 4},
	{"vlan_pcpu_stats.tx_dropped", 44, 4},
	{"ipc_namespace.ids", 16, 0},
	{"ipc_ids.ipcs_idr.idr_rt.xa_head", 8, 8},
	{"xa_node.shift", 0, 1},
	{"xa_node.slots", 8, 512},
	{"kern_ipc_perm.key", 0, 4},
	{"kern_ipc_perm.id", 4, 4},
	{"kern_ipc_perm.mode", 8, 2},
	{"kern_ipc_perm.uid", 12, 4},
	{"shmid_kernel.shm_perm", 64, 32},
	{"shmid_kernel.shm_file", 0, 8},
	{"shmid_kernel.shm_segsz", 8, 8},
	{"shmid_kernel.shm_cprid", 48, 8},
	{"shmid_kernel.shm_lprid", 56, 8},
	{"file.f_inode", 8, 8},
	{"inode.i_mapping", 0, 8},
	{"inode.i_sb", 8, 8},
	{"address_space.nrpages", 0, 8},
	{"super_block.s_magic", 0, 8},
	{"super_block.s_blocksize", 8, 8},
	{"shmem_inode_info.vfs_inode", 32, 32},
	{"shmem_inode_info.swapped", 8, 8},
	{"sem_array.sem_perm", 64, 32},
	{"sem_array.sem_nsems", 8, 4},
	{"sem_array.sems", 128, 0},
	{"sem.sem_otime", 16, 8},
	{"msg_queue.q_perm", 64, 32},
	{"msg_queue.q_qnum", 32, 8},
	{"msg_queue.q_lspid", 48, 8},
	{"msg_queue.q_lrpid", 56, 8},
	{"pid.level", 0, 4},
	{"pid.numbers", 16, 0},
	{"upid.nr", 0, 4},
	{"upid.ns", 8, 8},
};

static void set_up(void)
{
	size_t i;

	fake_kernel_init(&kernel);
	fake_task_fields();
	for (i = 0; i < sizeof(symbols) / sizeof(symbols[0]); i++)
		fake_symbol(symbols[i], SYMBOL(i));
	fake_symbol("__per_cpu_start", 0);
	fake_symbol("__per_cpu_end", 0x1000);
	fake_symbol("tcp_orphan_count", 0x40);
	fake_fields(fields, sizeof(fields) / sizeof(fields[0]));
	system_kit_net_counts();
	fake_sizeof("inet_ehash_bucket", 8);
	fake_sizeof("inet_listen_hashbucket", 16);
	fake_sizeof("udp_hslot", 16);
	fake_sizeof("netlink_table", 64);
	fake_sizeof("percpu_counter", 16);
	fake_sizeof("ctl_node", 32);
	fake_sizeof("ctl_table", 32);
	fake_sizeof("send_queue", 32);
	fake_sizeof("receive_queue", 32);
	fake_sizeof("veth_rq", 64);
	fake_sizeof("ipc_ids", 32);
	fake_sizeof("sem", 32);
	fake_sizeof("upid", 16);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct proc_values values;
	struct buf text = {0};
	struct err err = {0};
	struct cursor c;
	unsigned int file;
	size_t i;
	int rc;

	if (!kernel.memory.bytes)
		set_up();
	fake_put32(&kernel, SYMBOL(JIFFIES), MULT);
	cursor_init(&c, data, size);
	file = cursor_u8(&c) % FILES;
	while (cursor_left(&c) >= 10) {
		uint64_t word = cursor_u16(&c) % WORDS;

		fake_put64(&kernel, DIRECT + word * 8, cursor_u64(&c));
	}
	rc = proc_read(files[file], &kernel.kernel, NULL, 1, &values, &err);
	fuzz_require(!rc || *err.text);
	for (i = 0; i < values.parts->records && !rc; i++) {
		if (files[file]->entry)
			files[file]->entry(&values, 0, i, &text);
		proc_text(&values, 0, i, &text);
	}
	fuzz_require(!text.oom);
	buf_deinit(&text);
	proc_values_deinit(&values);
	machine_drop_cache(&kernel.memory.machine);
	memset(kernel.memory.bytes, 0, (size_t)WORDS * 8);
	return 0;
}
