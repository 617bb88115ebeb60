/* SPDX-License-Identifier: BSD-2-Clause */
/* Neighbours of IPv4: hardware addresses in the kernel's table of ARP. */
#ifndef KERNEL_NEIGHBOURS_H
#define KERNEL_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

#define NEIGHBOUR_ADDRESS 32 /* MAX_ADDR_LEN, include/linux/netdevice.h */

/* nud_state, include/uapi/linux/neighbour.h */
enum neighbour_state {
	NEIGHBOUR_REACHABLE = 0x02,
	NEIGHBOUR_STALE = 0x04,
	NEIGHBOUR_DELAY = 0x08,
	NEIGHBOUR_PROBE = 0x10,
	NEIGHBOUR_NOARP = 0x40,
	NEIGHBOUR_PERMANENT = 0x80
};

struct neighbour {
	uint64_t net;	 /* struct net */
	bool is_proxy;	 /* it is answered for; it has no address then */
	uint8_t addr[4]; /* as in memory */
	uint8_t state;	 /* of no proxy */
	uint8_t hardware[NEIGHBOUR_ADDRESS];
	uint8_t hardware_len;
	uint16_t type; /* of the device's hardware, ARPHRD_* */
	char dev[16];  /* empty: of no device, as a proxy can be */
};

struct neighbours {
	VEC(struct neighbour) v; /* those of the table, then proxies */
};

/*
 * Those of all namespaces, which share a table (docs/facts/kernel.md, "Network
 * devices"): three batches, three for those of the table, three for proxies,
 * and one for each of the longest chain of both.  At most NEIGHBOURS_MAX.
 * Remarks say what was damaged.  ERR_NO_LINUX: the kernel's types do not tell
 * of them.  The caller frees with neighbours_deinit(), also after an error.
 */
int neighbours_read(struct kernel *k, struct neighbours *out,
		    struct remarks *remarks, struct err *err);
void neighbours_deinit(struct neighbours *n);

#endif
