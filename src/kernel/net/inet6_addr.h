/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv6 addresses of interfaces. */
#ifndef KERNEL_INET6_ADDR_H
#define KERNEL_INET6_ADDR_H

#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/net/sock_table.h"

struct inet6_addr {
	uint64_t net; /* struct net of its interface */
	uint8_t addr[16];
	uint32_t ifindex;
	uint32_t prefix_len;
	uint16_t scope;
	uint32_t flags; /* IFA_F_*, include/uapi/linux/if_addr.h */
	char dev[16];	/* the interface's name */
};

struct inet6_addrs {
	VEC(struct inet6_addr) v; /* in the order of their hash tables */
};

/*
 * Those of these namespaces; six batches, and one for each address of the
 * longest chain (docs/facts/kernel.md, "Sockets").  Remarks say what was
 * damaged.  ERR_NO_LINUX: the kernel's types do not tell of them.  The caller
 * frees with inet6_addrs_deinit(), also after an error.
 */
int inet6_addrs_read(struct kernel *k, const struct sock_nets *nets,
		     struct inet6_addrs *out, struct remarks *remarks,
		     struct err *err);
void inet6_addrs_deinit(struct inet6_addrs *a);

#endif
