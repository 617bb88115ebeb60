/* SPDX-License-Identifier: BSD-2-Clause */
/* Drivers of network devices, and where each keeps its counters. */
#include "kernel/net/net_parts.h"

#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_VIRTNET_PAIRS = WANTS_OF(READER_NET_PARTS),
	FIELD_VIRTNET_SQ,
	FIELD_VIRTNET_RQ,
	FIELD_SQ_PACKETS,
	FIELD_SQ_BYTES,
	FIELD_SQ_TIMEOUTS,
	STRUCT_SQ,
	FIELD_RQ_PACKETS,
	FIELD_RQ_BYTES,
	FIELD_RQ_DROPS,
	STRUCT_RQ,
	FIELD_VETH_PEER,
	FIELD_VETH_DROPPED,
	FIELD_VETH_RQ,
	FIELD_VETH_PACKETS,
	FIELD_VETH_BYTES,
	FIELD_VETH_DROPS,
	FIELD_VETH_TX_ERR,
	FIELD_VETH_XMIT_ERR,
	STRUCT_VETH_RQ,
	FIELD_TUN_FRAME_ERRORS,
	FIELD_VLAN_CPUS,
	FIELD_MACVLAN_CPUS,
	FIELD_VLAN_RX_PACKETS,
	FIELD_VLAN_RX_BYTES,
	FIELD_VLAN_MULTICAST,
	FIELD_VLAN_TX_PACKETS,
	FIELD_VLAN_TX_BYTES,
	FIELD_VLAN_RX_ERRORS,
	FIELD_VLAN_TX_DROPPED
};

static const struct want want_table[] = {
	FIELD(VIRTNET_PAIRS, "virtnet_info", OPTIONAL, "max_queue_pairs"),
	FIELD(VIRTNET_SQ, "virtnet_info", OPTIONAL, "sq"),
	FIELD(VIRTNET_RQ, "virtnet_info", OPTIONAL, "rq"),
	FIELD(SQ_PACKETS, "send_queue", OPTIONAL, "stats.packets"),
	FIELD(SQ_BYTES, "send_queue", OPTIONAL, "stats.bytes"),
	/* 5.17 */
	FIELD(SQ_TIMEOUTS, "send_queue", OPTIONAL, "stats.tx_timeouts"),
	STRUCT(SQ, "send_queue", OPTIONAL),
	FIELD(RQ_PACKETS, "receive_queue", OPTIONAL, "stats.packets"),
	FIELD(RQ_BYTES, "receive_queue", OPTIONAL, "stats.bytes"),
	FIELD(RQ_DROPS, "receive_queue", OPTIONAL, "stats.drops"),
	STRUCT(RQ, "receive_queue", OPTIONAL),
	FIELD(VETH_PEER, "veth_priv", OPTIONAL, "peer"),
	FIELD(VETH_DROPPED, "veth_priv", OPTIONAL, "dropped"),
	FIELD(VETH_RQ, "veth_priv", OPTIONAL, "rq"),
	FIELD(VETH_PACKETS, "veth_rq", OPTIONAL, "stats.vs.xdp_packets"),
	FIELD(VETH_BYTES, "veth_rq", OPTIONAL, "stats.vs.xdp_bytes"),
	FIELD(VETH_DROPS, "veth_rq", OPTIONAL, "stats.vs.rx_drops"),
	FIELD(VETH_TX_ERR, "veth_rq", OPTIONAL, "stats.vs.xdp_tx_err"),
	FIELD(VETH_XMIT_ERR, "veth_rq", OPTIONAL,
	      "stats.vs.peer_tq_xdp_xmit_err"),
	STRUCT(VETH_RQ, "veth_rq", OPTIONAL),
	/* its tun_pcpu_stats have been those of the kernel since then */
	FIELD(TUN_FRAME_ERRORS, "tun_struct", OPTIONAL, "rx_frame_errors"),
	FIELD(VLAN_CPUS, "vlan_dev_priv", OPTIONAL, "vlan_pcpu_stats"),
	FIELD(MACVLAN_CPUS, "macvlan_dev", OPTIONAL, "pcpu_stats"),
	FIELD(VLAN_RX_PACKETS, "vlan_pcpu_stats", OPTIONAL, "rx_packets"),
	FIELD(VLAN_RX_BYTES, "vlan_pcpu_stats", OPTIONAL, "rx_bytes"),
	FIELD(VLAN_MULTICAST, "vlan_pcpu_stats", OPTIONAL, "rx_multicast"),
	FIELD(VLAN_TX_PACKETS, "vlan_pcpu_stats", OPTIONAL, "tx_packets"),
	FIELD(VLAN_TX_BYTES, "vlan_pcpu_stats", OPTIONAL, "tx_bytes"),
	FIELD(VLAN_RX_ERRORS, "vlan_pcpu_stats", OPTIONAL, "rx_errors"),
	FIELD(VLAN_TX_DROPPED, "vlan_pcpu_stats", OPTIONAL, "tx_dropped"),
};

const struct wants net_parts_wants = {.reader = "counters of drivers",
				      .v = want_table,
				      .n = WANTS_N(want_table)};

#define COUNTS(table) table, WANTS_N(table)

static const struct net_driver_count sq_counts[] = {
	{FIELD_SQ_PACKETS, NET_TX_PACKETS, NET_STATS, false},
	{FIELD_SQ_BYTES, NET_TX_BYTES, NET_STATS, false},
	{FIELD_SQ_TIMEOUTS, NET_TX_ERRORS, NET_STATS, true}};
static const struct net_driver_count rq_counts[] = {
	{FIELD_RQ_PACKETS, NET_RX_PACKETS, NET_STATS, false},
	{FIELD_RQ_BYTES, NET_RX_BYTES, NET_STATS, false},
	{FIELD_RQ_DROPS, NET_RX_DROPPED, NET_STATS, false}};
static const struct net_driver_part virtnet_parts[] = {
	{PART_QUEUES, FIELD_VIRTNET_SQ, FIELD_VIRTNET_PAIRS, STRUCT_SQ,
	 COUNTS(sq_counts)},
	{PART_QUEUES, FIELD_VIRTNET_RQ, FIELD_VIRTNET_PAIRS, STRUCT_RQ,
	 COUNTS(rq_counts)}};

static const struct net_driver_count veth_counts[] = {
	{FIELD_VETH_DROPPED, NET_TX_DROPPED, NET_STATS, false}};
static const struct net_driver_count veth_rq_counts[] = {
	{FIELD_VETH_PACKETS, NET_RX_PACKETS, NET_TX_PACKETS, false},
	{FIELD_VETH_BYTES, NET_RX_BYTES, NET_TX_BYTES, false},
	{FIELD_VETH_DROPS, NET_RX_DROPPED, NET_STATS, false},
	{FIELD_VETH_TX_ERR, NET_TX_DROPPED, NET_RX_DROPPED, false},
	{FIELD_VETH_XMIT_ERR, NET_RX_DROPPED, NET_TX_DROPPED, false}};
static const struct net_driver_part veth_parts[] = {
	{PART_SELF, WANTS_NONE, WANTS_NONE, WANTS_NONE, COUNTS(veth_counts)},
	{PART_QUEUES, FIELD_VETH_RQ, WANTS_NONE, STRUCT_VETH_RQ,
	 COUNTS(veth_rq_counts)}};

static const struct net_driver_count tun_counts[] = {
	{FIELD_TUN_FRAME_ERRORS, NET_RX_FRAME_ERRORS, NET_STATS, false}};
static const struct net_driver_part tun_parts[] = {
	{PART_SELF, WANTS_NONE, WANTS_NONE, WANTS_NONE, COUNTS(tun_counts)}};

static const struct net_driver_count vlan_counts[] = {
	{FIELD_VLAN_RX_PACKETS, NET_RX_PACKETS, NET_STATS, false},
	{FIELD_VLAN_RX_BYTES, NET_RX_BYTES, NET_STATS, false},
	{FIELD_VLAN_MULTICAST, NET_MULTICAST, NET_STATS, false},
	{FIELD_VLAN_TX_PACKETS, NET_TX_PACKETS, NET_STATS, false},
	{FIELD_VLAN_TX_BYTES, NET_TX_BYTES, NET_STATS, false},
	{FIELD_VLAN_RX_ERRORS, NET_RX_ERRORS, NET_STATS, false},
	{FIELD_VLAN_TX_DROPPED, NET_TX_DROPPED, NET_STATS, false}};
static const struct net_driver_part vlan_parts[] = {{PART_CPUS, FIELD_VLAN_CPUS,
						     WANTS_NONE, WANTS_NONE,
						     COUNTS(vlan_counts)}};
static const struct net_driver_count macvlan_drops[] = {
	{FIELD_VLAN_RX_ERRORS, NET_RX_DROPPED, NET_STATS, false}};
static const struct net_driver_part macvlan_parts[] = {
	{PART_CPUS, FIELD_MACVLAN_CPUS, WANTS_NONE, WANTS_NONE,
	 COUNTS(vlan_counts)},
	{PART_CPUS, FIELD_MACVLAN_CPUS, WANTS_NONE, WANTS_NONE,
	 COUNTS(macvlan_drops)}};

const struct net_driver net_drivers[NET_DRIVERS] = {
	{"virtnet_stats",
	 WANTS_NONE,
	 {FIELD_VIRTNET_PAIRS, FIELD_VIRTNET_SQ, FIELD_VIRTNET_RQ},
	 3,
	 COUNTS(virtnet_parts)},
	{"veth_get_stats64",
	 FIELD_VETH_PEER,
	 {FIELD_VETH_PEER, FIELD_VETH_RQ},
	 2,
	 COUNTS(veth_parts)},
	{"tun_net_get_stats64", WANTS_NONE, {0}, 0, COUNTS(tun_parts)},
	{"vlan_dev_get_stats64",
	 WANTS_NONE,
	 {FIELD_VLAN_CPUS},
	 1,
	 COUNTS(vlan_parts)},
	{"macvlan_dev_get_stats64",
	 WANTS_NONE,
	 {FIELD_MACVLAN_CPUS},
	 1,
	 COUNTS(macvlan_parts)},
};
