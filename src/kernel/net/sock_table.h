/* SPDX-License-Identifier: BSD-2-Clause */
/* The hash tables of sockets: which there are, and in which bucket. */
#ifndef KERNEL_SOCK_TABLE_H
#define KERNEL_SOCK_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/map.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

enum sock_table {
	SOCK_TABLE_LISTEN, /* of TCP */
	SOCK_TABLE_TCP,
	SOCK_TABLE_UDP,
	SOCK_TABLE_RAW,
	SOCK_TABLE_RAW6,
	SOCK_TABLE_UNIX,
	SOCK_TABLE_PACKET,
	SOCK_TABLE_NETLINK,
	SOCK_TABLES
};

struct sock_at {
	uint64_t addr; /* struct sock, or what begins with a sock_common */
	enum sock_table table;
	uint32_t bucket;
};

/* In the order of the tables, their buckets and chains. */
struct socks_at {
	VEC(struct sock_at) v;
};

/* Network namespaces: struct net. */
struct sock_nets {
	const uint64_t *v;
	size_t n;
};

/* Remark those of which the reading, of nets->n records, is not `ok`. */
void sock_nets_remark(const struct sock_nets *nets, const bool *ok,
		      struct remarks *remarks);

/* Put the index of each into an empty map, by its address: 0 or ERR_NOMEM. */
int sock_nets_map(const struct sock_nets *nets, struct map *out);

/*
 * Those that are in tables of these network namespaces; as tables are shared
 * by namespaces, also those of others.  `which` has a bit for each kind of
 * table.  Four batches, and one for each socket of the longest chain.  At most
 * SOCKS_MAX in SOCK_BUCKETS_MAX.  Remarks say what was damaged.  The caller
 * frees with socks_at_deinit(), also after an error.
 */
int sock_tables_read(struct kernel *k, const struct sock_nets *nets,
		     unsigned int which, struct socks_at *out,
		     struct remarks *remarks, struct err *err);
void socks_at_deinit(struct socks_at *s);

#endif
