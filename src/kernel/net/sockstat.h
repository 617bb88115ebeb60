/* SPDX-License-Identifier: BSD-2-Clause */
/* How many sockets of each protocol are in use. */
#ifndef KERNEL_SOCKSTAT_H
#define KERNEL_SOCKSTAT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/net/sock_table.h"

enum sockstat_proto {
	SOCKSTAT_TCP,
	SOCKSTAT_UDP,
	SOCKSTAT_UDPLITE,
	SOCKSTAT_RAW,
	SOCKSTAT_PROTOS
};

/* Of all namespaces. */
struct sockstat_common {
	bool has[SOCKSTAT_PROTOS];	/* the kernel knows that protocol */
	int64_t pages[SOCKSTAT_PROTOS]; /* of memory, of TCP and UDP */
	int64_t orphans, allocated;	/* TCP sockets */
	bool torn;
};

/* Of one. */
struct sockstat {
	int32_t used, inuse[SOCKSTAT_PROTOS];
	int32_t time_wait;
	uint32_t fragments;
	uint64_t fragment_bytes;
	bool lost; /* the namespace cannot be read: there is nothing of it */
	bool torn; /* a part of it could not be read */
};

/*
 * Those of these namespaces, into out[0..nets->n-1]: sums of what CPUs have
 * (net/ipv4/proc.c, sockstat_seq_show()).  Five batches.  ERR_NO_LINUX: the
 * kernel does not tell of them.
 */
int sockstat_read(struct kernel *k, const struct sock_nets *nets,
		  struct sockstat_common *common, struct sockstat *out,
		  struct err *err);

#endif
