/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters that drivers of network devices keep in structs of their own. */
#ifndef KERNEL_NET_DRIVERS_H
#define KERNEL_NET_DRIVERS_H

#include "base/err.h"
#include "kernel/code/symbols.h"
#include "kernel/net/net_counts.h"
#include "kernel/net/net_devices.h"

/*
 * Add the counters of those devices whose driver is one of net_drivers[]
 * (kernel/net/net_parts.h); names[i] is the function that counts for
 * devices->v.v[i].  A driver's struct lies behind the net_device, as the types
 * of the function's module say (kernel/code/module_types.h).  One whose
 * counters cannot be told is not `counted` any more.  Three batches for each
 * driver that there is, and what types take.
 */
int net_drivers_add(struct net_counts *c, struct net_devices *devices,
		    const struct symbol *names, struct err *err);

#endif
