/* SPDX-License-Identifier: BSD-2-Clause */
/* What network namespaces count for SNMP: IP, ICMP, TCP and UDP. */
#ifndef KERNEL_SNMP_H
#define KERNEL_SNMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/net/sock_table.h"

/* The kernel's own tables of names. */
enum snmp_list {
	SNMP_LIST_IP,
	SNMP_LIST_ICMP, /* of types, by their numbers */
	SNMP_LIST_TCP,
	SNMP_LIST_UDP,
	SNMP_LISTS
};

/* Counters, by the numbers that the lists tell. */
enum snmp_mib {
	SNMP_IP,
	SNMP_ICMP,
	SNMP_TCP,
	SNMP_UDP,
	SNMP_UDPLITE,
	SNMP_MIBS
};

#define SNMP_NAMES_MAX	64
#define SNMP_NAME_BYTES 32
#define SNMP_TYPES	512 /* of ICMP, in and out */

struct snmp_names {
	char text[SNMP_LISTS][SNMP_NAMES_MAX][SNMP_NAME_BYTES];
	uint32_t number[SNMP_LISTS][SNMP_NAMES_MAX];
	size_t n[SNMP_LISTS];
};

struct snmp {
	uint64_t v[SNMP_MIBS][SNMP_NAMES_MAX];
	size_t n[SNMP_MIBS]; /* 0: the kernel does not count that */
	uint64_t types[SNMP_TYPES];
	bool forwards;
	uint32_t ttl;
	bool lost; /* the namespace cannot be read: there is nothing of it */
	bool torn; /* a part of it could not be read */
};

/*
 * Those of these namespaces, into out[0..nets->n-1]: each the sum of what CPUs
 * have (docs/facts/kernel.md, "Sockets").  Five batches.  ERR_NO_LINUX: the
 * kernel does not tell of them.
 */
int snmp_read(struct kernel *k, const struct sock_nets *nets,
	      struct snmp_names *names, struct snmp *out, struct err *err);

#endif
