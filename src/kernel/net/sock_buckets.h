/* SPDX-License-Identifier: BSD-2-Clause */
/* Arrays of buckets, of which each begins a chain of sockets: for sock_table.c
 * and sock_netlink.c. */
#ifndef KERNEL_SOCK_BUCKETS_H
#define KERNEL_SOCK_BUCKETS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/net/sock_table.h"

struct buckets {
	enum sock_table table;
	uint64_t base;
	uint64_t n;
	uint32_t stride, first; /* bytes: of one, and where its chain is */
	uint32_t node;		/* where a link is in a socket; 0: skc_node */
	bool locks;		/* bit 0 of a bucket is a lock */
	uint8_t *bytes;
};

struct sock_tables {
	struct kernel *k;
	struct remarks *remarks;
	unsigned int which;
	VEC(struct buckets) v;
	struct map bases;   /* of these */
	uint64_t n_buckets; /* in all */
};

/* One more array, unless it is there, or not wanted; 0 or ERR_NOMEM. */
int sock_buckets_add(struct sock_tables *t, struct buckets b);

/* Those of netlink, a table for each protocol: three batches. */
int sock_netlink_add(struct sock_tables *t, struct err *err);

#endif
