/* SPDX-License-Identifier: BSD-2-Clause */
/* Network devices of namespaces, and what they have counted. */
#ifndef KERNEL_NET_DEVICES_H
#define KERNEL_NET_DEVICES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/chain.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/net/sock_table.h"
#include "kernel/code/symbols.h"

#define NET_DEVICE_NAME 16 /* IFNAMSIZ */

/* struct net_device_stats (include/linux/netdevice.h), in its order, which is
 * that in which rtnl_link_stats64 begins. */
enum net_stat {
	NET_RX_PACKETS,
	NET_TX_PACKETS,
	NET_RX_BYTES,
	NET_TX_BYTES,
	NET_RX_ERRORS,
	NET_TX_ERRORS,
	NET_RX_DROPPED,
	NET_TX_DROPPED,
	NET_MULTICAST,
	NET_COLLISIONS,
	NET_RX_LENGTH_ERRORS,
	NET_RX_OVER_ERRORS,
	NET_RX_CRC_ERRORS,
	NET_RX_FRAME_ERRORS,
	NET_RX_FIFO_ERRORS,
	NET_RX_MISSED_ERRORS,
	NET_TX_ABORTED_ERRORS,
	NET_TX_CARRIER_ERRORS,
	NET_TX_FIFO_ERRORS,
	NET_TX_HEARTBEAT_ERRORS,
	NET_TX_WINDOW_ERRORS,
	NET_RX_COMPRESSED,
	NET_TX_COMPRESSED,
	NET_STATS
};

struct net_device {
	size_t net;    /* index of its namespace */
	uint64_t addr; /* struct net_device */
	char name[NET_DEVICE_NAME];
	uint32_t ifindex;
	uint64_t stats[NET_STATS];
	bool counted;	    /* they are known */
	const char *driver; /* where not: the function that counts, or NULL */
};

struct net_devices {
	VEC(struct net_device) v; /* by namespace, in the order of net/dev */
	struct symbols symbols;	  /* has the names of functions */
	bool has_symbols;
};

struct records; /* kernel/records.h */

/* Copy the name of device i, the member `field` of records, into zeros; which
 * these stay where it cannot be read, or has another size. */
void net_device_name(const struct records *r, size_t i, uint32_t field,
		     char out[NET_DEVICE_NAME]);

/*
 * Find those of these namespaces, one namespace after the other (`of`, its
 * index), each in the order of the hash of their numbers: three batches, and
 * one for each of the longest chain; as net_devices_read().
 */
int net_devices_find(struct kernel *k, const struct sock_nets *nets,
		     struct chains *out, struct remarks *remarks,
		     struct err *err);

/*
 * Those of these namespaces, as dev_get_stats() counts (docs/facts/kernel.md,
 * "Network devices"): five batches, what symbols take, and one for each device
 * of the longest chain.  At most NET_DEVICES_MAX.  Remarks say what was
 * damaged.  ERR_NO_LINUX: the kernel's types do not tell of them; ERR_REFUSED:
 * there are more counters than qvmi reads.  The caller frees with
 * net_devices_deinit(), also after an error.
 */
int net_devices_read(struct kernel *k, const struct sock_nets *nets,
		     struct net_devices *out, struct remarks *remarks,
		     struct err *err);
void net_devices_deinit(struct net_devices *d);

#endif
