/* SPDX-License-Identifier: BSD-2-Clause */
/* Counters of network devices: where they are, and their sums. */
#ifndef KERNEL_NET_COUNTS_H
#define KERNEL_NET_COUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/net/net_devices.h"

/* What a device's CPUs have at net_device.lstats, a union of pointers. */
enum net_share {
	SHARE_UNKNOWN,
	SHARE_NONE,
	SHARE_LOOP,   /* pcpu_lstats: as much comes as goes */
	SHARE_SENT,   /* pcpu_lstats: it goes, and nothing comes */
	SHARE_TSTATS, /* pcpu_sw_netstats */
	SHARE_DSTATS, /* pcpu_dstats */
	SHARE_CORE    /* net_device_core_stats, which are at core_stats */
};

/* A counter that is added to a device's. */
struct net_count {
	size_t device; /* its index */
	enum net_stat to;
	uint64_t at;   /* its address; of a CPU's, that without its offset */
	uint32_t size; /* 8; 4: its sum has 32 bits, too, and is the first */
	bool cpus;     /* each CPU has one */
};

struct net_counts {
	struct kernel *k;
	uint64_t *cpus; /* their offsets */
	size_t n_cpus;
	VEC(struct net_count) v;
	size_t n; /* of them, and of CPUs */
};

/* ERR_NO_LINUX: the kernel's types, or its memory, do not tell how CPUs count.
 * The caller frees with net_counts_deinit(), also after an error. */
int net_counts_init(struct net_counts *c, struct kernel *k, struct err *err);
void net_counts_deinit(struct net_counts *c);

/* ERR_REFUSED: there are more than NET_SHARES_MAX. */
int net_counts_add(struct net_counts *c, struct net_count count,
		   struct err *err);

/*
 * Which a device has whose driver leaves that to the kernel, by its
 * net_device.pcpu_stat_type: SHARE_LOOP stands for lstats, whatever is made of
 * them.
 */
enum net_share net_share_of(const struct kernel *k, uint64_t pcpu_stat_type);

/* Whether this kernel's types tell of them. */
bool net_share_known(const struct kernel *k, enum net_share share);

/*
 * Add what CPUs have at `base`, as a device shows it; with `peer`, as the
 * device shows it that is at the other end (veth_get_stats64()).
 */
int net_counts_add_shares(struct net_counts *c, size_t device, uint64_t base,
			  enum net_share share, bool peer, struct err *err);

/* Add all to their devices, one batch.  One of which some could not be read is
 * not `counted` any more. */
int net_counts_read(struct net_counts *c, struct net_device *devices,
		    struct err *err);

#endif
