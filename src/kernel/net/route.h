/* SPDX-License-Identifier: BSD-2-Clause */
/* IPv4 routes of main tables. */
#ifndef KERNEL_ROUTE_H
#define KERNEL_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/net/sock_table.h"

struct route {
	uint32_t prefix;     /* the highest byte is the first of the address */
	uint8_t suffix_bits; /* that do not count */
	uint8_t type;	     /* RTN_*, include/uapi/linux/rtnetlink.h */
	bool has_info;	     /* what follows is known: there is a fib_info */
	uint32_t gateway;    /* as it lies in memory; of IPv4 and of IPv6 */
	bool is_four;	     /* that one is of IPv4 */
	uint32_t metric;
	uint32_t advmss, window, rtt;
	char dev[16]; /* "": none */
};

/* Those of one namespace, in the order of their prefixes. */
struct routes {
	bool has_table;
	VEC(struct route) v;
};

/*
 * Those of the main table of each of these namespaces, into out[0..nets->n-1]
 * (docs/facts/kernel.md, "Routes"); a batch or two for each level of the tries,
 * and six.  At most ROUTES_MAX.  Remarks say what was damaged or left out.  The
 * caller frees with routes_deinit(), also after an error.
 */
int routes_read(struct kernel *k, const struct sock_nets *nets,
		struct routes *out, struct remarks *remarks, struct err *err);
void routes_deinit(struct routes *r, size_t n);

#endif
