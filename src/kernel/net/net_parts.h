/* SPDX-License-Identifier: BSD-2-Clause */
/* Tables of drivers of network devices: where each keeps its counters. */
#ifndef KERNEL_NET_PARTS_H
#define KERNEL_NET_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kernel/net/net_devices.h"

/* A counter, and to what it is added: of a device, and of the one at the other
 * end; NET_STATS: to nothing. */
struct net_driver_count {
	uint32_t field;
	enum net_stat to, peer;
	bool optional;
};

/*
 * Structs with counters that a device has: where they are and how many, by
 * members of its own struct (n WANTS_NONE: net_device.num_rx_queues); size: of
 * one.
 */
struct net_driver_part {
	enum {
		PART_SELF,   /* its own struct */
		PART_QUEUES, /* an array */
		PART_CPUS    /* one of each CPU */
	} kind;
	uint32_t base, n, size;
	const struct net_driver_count *v;
	size_t n_counts;
};

/*
 * A function that counts.  Members are by the types of its module, of
 * READER_NET_PARTS; those of the private struct that tell where counters
 * are: `own`.  Sources: drivers/net/virtio_net.c, veth.c, tun.c, macvlan.c and
 * net/8021q/vlan_dev.c, 6.1 to 7.2.
 */
struct net_driver {
	const char *function;
	uint32_t peer; /* leads to the net_device at the other end */
	uint32_t own[3];
	size_t n_own;
	const struct net_driver_part *parts;
	size_t n_parts;
};

#define NET_DRIVERS 5u

extern const struct net_driver net_drivers[NET_DRIVERS];

#endif
