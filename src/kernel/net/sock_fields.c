/* SPDX-License-Identifier: BSD-2-Clause */
/* The members of sockets that are read, part by part. */
#include "kernel/net/sock_fields.h"

#define CSK "inet_connection_sock"

static const struct want want_table[] = {
	FIELD(SOCK_TYPE, "sock", REQUIRED, "sk_type"),
	FIELD(SOCK_SOCKET, "sock", REQUIRED, "sk_socket"),
	FIELD(SOCK_UID, "sock", OPTIONAL, "sk_uid"),
	FIELD(SOCK_INO, "sock", OPTIONAL, "sk_ino"), /* 6.18 */
	FIELD(SOCK_WMEM, "sock", REQUIRED, "sk_wmem_alloc"),
	FIELD(SOCK_RMEM, "sock", REQUIRED, "sk_backlog.rmem_alloc"),
	FIELD(SOCK_DROPS, "sock", REQUIRED, "sk_drops"),
	FIELD(SOCK_COUNTERS, "sock", OPTIONAL, "sk_drop_counters"), /* 6.18 */
	FIELD(SOCK_BACKLOG, "sock", REQUIRED, "sk_ack_backlog"),
	FIELD(UDP_DEFICIT, "udp_sock", REQUIRED, "forward_deficit"),
	FIELD(UNIX_ADDR, "unix_sock", REQUIRED, "addr"),
	FIELD(TW_SUBSTATE, "inet_timewait_sock", REQUIRED, "tw_substate"),
	FIELD(TW_EXPIRES, "inet_timewait_sock", REQUIRED, "tw_timer.expires"),
	FIELD(REQ_EXPIRES, "request_sock", REQUIRED, "rsk_timer.expires"),
	FIELD(REQ_TIMEOUTS, "request_sock", REQUIRED, "num_timeout"),
	FIELD(TCP_WRITE_SEQ, "tcp_sock", REQUIRED, "write_seq"),
	FIELD(TCP_SND_UNA, "tcp_sock", REQUIRED, "snd_una"),
	FIELD(TCP_RCV_NXT, "tcp_sock", REQUIRED, "rcv_nxt"),
	FIELD(TCP_COPIED, "tcp_sock", REQUIRED, "copied_seq"),
	FIELD(TCP_CWND, "tcp_sock", REQUIRED, "snd_cwnd"),
	FIELD(TCP_SSTHRESH, "tcp_sock", REQUIRED, "snd_ssthresh"),
	FIELD(CSK_PENDING, CSK, REQUIRED, "icsk_pending"),
	FIELD(CSK_TIMEOUT, CSK, REQUIRED,
	      "icsk_timeout|" /* up to 6.18 */
	      "icsk_inet.sk.tcp_retransmit_timer.expires"),
	FIELD(CSK_TIMER, CSK, REQUIRED,
	      "icsk_keepalive_timer.entry.pprev|" /* 6.19 */
	      "icsk_inet.sk.sk_timer.entry.pprev"),
	FIELD(CSK_EXPIRES, CSK, REQUIRED,
	      "icsk_keepalive_timer.expires|" /* 6.19 */
	      "icsk_inet.sk.sk_timer.expires"),
	FIELD(CSK_RETRANSMITS, CSK, REQUIRED, "icsk_retransmits"),
	FIELD(CSK_PROBES, CSK, REQUIRED, "icsk_probes_out"),
	FIELD(CSK_RTO, CSK, REQUIRED, "icsk_rto"),
	FIELD(CSK_ATO, CSK, REQUIRED, "icsk_ack.ato"), /* 8 bits: 6.6 */
	FIELD(CSK_QUICK, CSK, REQUIRED, "icsk_ack.quick"),
	FIELD(CSK_PINGPONG, CSK, REQUIRED, "icsk_ack.pingpong"),
	FIELD(CSK_QLEN, CSK, REQUIRED, "icsk_accept_queue.fastopenq.max_qlen"),
	FIELD(NET_PINGPONG, "net", OPTIONAL,
	      "ipv4.sysctl_tcp_pingpong_thresh"), /* 6.7; before, it is 1 */
	FIELD(ALLOC_UID, "socket_alloc", REQUIRED, "vfs_inode.i_uid"),
	FIELD(ALLOC_INO, "socket_alloc", REQUIRED, "vfs_inode.i_ino"),
	FIELD(ALLOC_SOCKET, "socket_alloc", REQUIRED, "socket"),
	FIELD(COUNTERS_0, "numa_drop_counters", OPTIONAL, "drops0"),
	FIELD(COUNTERS_1, "numa_drop_counters", OPTIONAL, "drops1"),
	FIELD(NETLINK_PORTID, "netlink_sock", OPTIONAL, "portid"),
	FIELD(NETLINK_GROUPS, "netlink_sock", OPTIONAL, "groups"),
	FIELD(NETLINK_DUMPS, "netlink_sock", OPTIONAL, "cb_running"),
	FIELD(PACKET_NUM, "packet_sock", OPTIONAL, "num"),
	FIELD(PACKET_IFINDEX, "packet_sock", OPTIONAL, "ifindex"),
	FIELD(PACKET_RUNNING, "packet_sock", OPTIONAL,
	      "running"), /* up to 6.3; then a flag */
	FIELD(PACKET_FLAGS, "packet_sock", OPTIONAL, "flags"),
	FIELD(SOCK_PROTOCOL, "sock", OPTIONAL, "sk_protocol"),
	CONSTANT(PACKET_RUNNING, "packet_sock_flags", "PACKET_SOCK_RUNNING"),
	FIELD(UNIX_LEN, "unix_address", REQUIRED, "len"),
	FIELD(UNIX_NAME, "unix_address", REQUIRED, "name"),
};

const struct wants sock_fields_wants = {.reader = "sockets by protocol",
					.v = want_table,
					.n = WANTS_N(want_table)};

#define N_FIELDS(fields) (sizeof(fields) / sizeof((fields)[0]))

static const uint32_t any_fields[] = {
	FIELD_SOCK_TYPE,  FIELD_SOCK_SOCKET,   FIELD_SOCK_UID,
	FIELD_SOCK_INO,	  FIELD_SOCK_WMEM,     FIELD_SOCK_RMEM,
	FIELD_SOCK_DROPS, FIELD_SOCK_COUNTERS, FIELD_SOCK_BACKLOG};
static const uint32_t tcp_fields[] = {
	FIELD_TCP_WRITE_SEQ, FIELD_TCP_SND_UNA,	    FIELD_TCP_RCV_NXT,
	FIELD_TCP_COPIED,    FIELD_TCP_CWND,	    FIELD_TCP_SSTHRESH,
	FIELD_CSK_PENDING,   FIELD_CSK_TIMEOUT,	    FIELD_CSK_TIMER,
	FIELD_CSK_EXPIRES,   FIELD_CSK_RETRANSMITS, FIELD_CSK_PROBES,
	FIELD_CSK_RTO,	     FIELD_CSK_ATO,	    FIELD_CSK_QUICK,
	FIELD_CSK_PINGPONG,  FIELD_CSK_QLEN};
static const uint32_t udp_fields[] = {FIELD_UDP_DEFICIT};
static const uint32_t unix_fields[] = {FIELD_UNIX_ADDR};
static const uint32_t tw_fields[] = {FIELD_TW_SUBSTATE, FIELD_TW_EXPIRES};
static const uint32_t req_fields[] = {FIELD_REQ_EXPIRES, FIELD_REQ_TIMEOUTS};
static const uint32_t net_fields[] = {FIELD_NET_PINGPONG};
static const uint32_t netlink_fields[] = {
	FIELD_NETLINK_PORTID, FIELD_NETLINK_GROUPS, FIELD_NETLINK_DUMPS,
	FIELD_SOCK_PROTOCOL};
static const uint32_t packet_fields[] = {FIELD_PACKET_NUM, FIELD_PACKET_IFINDEX,
					 FIELD_PACKET_RUNNING,
					 FIELD_PACKET_FLAGS};
static const uint32_t alloc_fields[] = {FIELD_ALLOC_UID, FIELD_ALLOC_INO};
static const uint32_t counter_fields[] = {FIELD_COUNTERS_0, FIELD_COUNTERS_1};
static const uint32_t unix_addr_fields[] = {FIELD_UNIX_LEN};

const struct sock_part sock_part_fields[PARTS] = {
	[PART_ANY] = {any_fields, N_FIELDS(any_fields)},
	[PART_TCP] = {tcp_fields, N_FIELDS(tcp_fields)},
	[PART_UDP] = {udp_fields, N_FIELDS(udp_fields)},
	[PART_UNIX] = {unix_fields, N_FIELDS(unix_fields)},
	[PART_TIME_WAIT] = {tw_fields, N_FIELDS(tw_fields)},
	[PART_REQUEST] = {req_fields, N_FIELDS(req_fields)},
	[PART_NET] = {net_fields, N_FIELDS(net_fields)},
	[PART_NETLINK] = {netlink_fields, N_FIELDS(netlink_fields)},
	[PART_PACKET] = {packet_fields, N_FIELDS(packet_fields)},
	[PART_ALLOC] = {alloc_fields, N_FIELDS(alloc_fields)},
	[PART_COUNTERS] = {counter_fields, N_FIELDS(counter_fields)},
	[PART_UNIX_ADDR] = {unix_addr_fields, N_FIELDS(unix_addr_fields)},
};
