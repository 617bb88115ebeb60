/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads network devices, and sums up what they have counted. */
#include "kernel/net/net_devices.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/net/net_counts.h"
#include "kernel/net/net_drivers.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_DEV_NAME = WANTS_OF(READER_NET_DEVICES),
	FIELD_DEV_IFINDEX,
	FIELD_DEV_OPS,
	FIELD_DEV_STATS,
	FIELD_DEV_SHARES,
	FIELD_DEV_KIND,
	FIELD_DEV_CORE,
	FIELD_DEV_RX_DROPPED,
	FIELD_DEV_TX_DROPPED,
	FIELD_OPS_STATS64,
	FIELD_OPS_STATS,
	STRUCT_HOTDATA
};

static const struct want want_table[] = {
	FIELD(DEV_NAME, "net_device", REQUIRED, "name"),
	FIELD(DEV_IFINDEX, "net_device", REQUIRED, "ifindex"),
	FIELD(DEV_OPS, "net_device", REQUIRED, "netdev_ops"),
	FIELD(DEV_STATS, "net_device", REQUIRED, "stats"),
	FIELD(DEV_SHARES, "net_device", REQUIRED, "lstats"),
	FIELD(DEV_KIND, "net_device", OPTIONAL, "pcpu_stat_type"), /* 6.7 */
	FIELD(DEV_CORE, "net_device", OPTIONAL, "core_stats"),	   /* 5.18 */
	FIELD(DEV_RX_DROPPED, "net_device", OPTIONAL, "rx_dropped"),
	FIELD(DEV_TX_DROPPED, "net_device", OPTIONAL, "tx_dropped"),
	FIELD(OPS_STATS64, "net_device_ops", REQUIRED, "ndo_get_stats64"),
	FIELD(OPS_STATS, "net_device_ops", REQUIRED, "ndo_get_stats"),
	STRUCT(HOTDATA, "net_hotdata", OPTIONAL), /* 6.9 */
};

const struct wants net_devices_wants = {.reader = "counters of network devices",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* Of net_device.stats, what a function shows. */
#define STAT(name) (1u << NET_##name)
#define STATS_ALL  ((1u << NET_STATS) - 1)

/*
 * Functions that count: what they show of net_device.stats, and what CPUs have
 * at lstats (drivers/net/loopback.c, dummy.c, tun.c, virtio_net.c, veth.c,
 * macvlan.c, net/8021q/vlan_dev.c, net/core/dev.c, net/ipv4/ip_tunnel_core.c).
 * Drivers have more (net_parts.h).
 */
static const struct way {
	const char *name;
	enum net_share share;
	uint32_t stats;
} ways[] = {
	{"dev_get_tstats64", SHARE_TSTATS, STATS_ALL},
	{"dummy_get_stats64", SHARE_SENT, 0},
	{"ip_tunnel_get_stats64", SHARE_TSTATS, STATS_ALL}, /* up to 5.11 */
	{"loopback_get_stats64", SHARE_LOOP, 0},
	{"macvlan_dev_get_stats64", SHARE_NONE, 0},
	{"tun_net_get_stats64", SHARE_TSTATS, STATS_ALL},
	{"veth_get_stats64", SHARE_NONE, 0},
	{"virtnet_stats", SHARE_NONE,
	 STAT(TX_DROPPED) | STAT(TX_FIFO_ERRORS) | STAT(RX_LENGTH_ERRORS) |
		 STAT(RX_FRAME_ERRORS)},
	{"vlan_dev_get_stats64", SHARE_NONE, 0},
};

struct devices_work {
	struct kernel *k;
	struct net_devices *out;
	struct chains chains;
	uint64_t *addrs; /* of each device */
	struct records devs, ops;
	struct symbol *names; /* of the functions that count */
	struct way *ways;
	struct net_counts counts;
};

static void devices_work_deinit(struct devices_work *w)
{
	chains_deinit(&w->chains);
	free(w->addrs);
	records_deinit(&w->devs);
	records_deinit(&w->ops);
	free(w->names);
	free(w->ways);
	net_counts_deinit(&w->counts);
}

/* Each device, and its operations. */
static int devices_read(struct devices_work *w, struct err *err)
{
	static const uint32_t dev[] = {
		FIELD_DEV_NAME,	 FIELD_DEV_IFINDEX,    FIELD_DEV_OPS,
		FIELD_DEV_STATS, FIELD_DEV_SHARES,     FIELD_DEV_KIND,
		FIELD_DEV_CORE,	 FIELD_DEV_RX_DROPPED, FIELD_DEV_TX_DROPPED};
	static const uint32_t ops[] = {FIELD_OPS_STATS64, FIELD_OPS_STATS};
	size_t i, n = w->chains.links.n;
	int rc;

	w->addrs = calloc(n + 1, sizeof(*w->addrs));
	w->ways = calloc(n + 1, sizeof(*w->ways));
	if (!w->addrs || !w->ways)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		w->addrs[i] = w->chains.links.v[i].at;
	rc = records_read(w->k, w->addrs, n, dev, 9, &w->devs, err);
	for (i = 0; i < n && !rc; i++)
		w->addrs[i] = records_u64(&w->devs, i, FIELD_DEV_OPS);
	return rc ? rc : records_read(w->k, w->addrs, n, ops, 2, &w->ops, err);
}

/* How one counts that has no function for it. */
static struct way devices_plain_way(const struct devices_work *w, size_t i)
{
	struct way way = {NULL, SHARE_NONE, STATS_ALL};

	if (records_have(&w->devs, FIELD_DEV_KIND))
		way.share = net_share_of(
			w->k, records_u64(&w->devs, i, FIELD_DEV_KIND));
	if (way.share == SHARE_LOOP)
		way.share = SHARE_NONE; /* lstats are for functions */
	return way;
}

static struct way devices_way(const struct devices_work *w, size_t i)
{
	static const struct way unknown = {NULL, SHARE_UNKNOWN, 0};
	const struct symbol *name = &w->names[i];
	size_t j;

	if (!w->devs.ok[i] || !w->ops.ok[i])
		return unknown;
	if (!w->addrs[i]) /* there is no function */
		return devices_plain_way(w, i);
	if (!records_u64(&w->ops, i, FIELD_OPS_STATS64))
		return unknown;
	for (j = 0; j < WANTS_N(ways); j++)
		if (name->name && !name->offset &&
		    !strcmp(name->name, ways[j].name))
			return ways[j];
	return unknown;
}

/* Who counts: by the names of functions. */
static int devices_find_ways(struct devices_work *w, struct err *err)
{
	size_t i, n = w->chains.links.n;
	int rc;

	w->names = calloc(n + 1, sizeof(*w->names));
	if (!w->names)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		w->addrs[i] = records_u64(&w->ops, i, FIELD_OPS_STATS64);
		if (!w->addrs[i])
			w->addrs[i] = records_u64(&w->ops, i, FIELD_OPS_STATS);
	}
	symbols_init(&w->out->symbols, w->k);
	w->out->has_symbols = true;
	rc = symbols_at(&w->out->symbols, w->addrs, n, w->names, err);
	for (i = 0; i < n && !rc; i++) {
		struct net_device d = {
			.net = w->chains.links.v[i].of,
			.addr = w->chains.links.v[i].at,
			.driver = w->names[i].offset ? NULL : w->names[i].name};

		w->ways[i] = devices_way(w, i);
		d.counted = net_share_known(w->k, w->ways[i].share);
		if (vec_push(&w->out->v, d))
			return err_nomem(err);
	}
	return rc;
}

/* What a device shows of its own numbers. */
static void devices_take_own(const struct devices_work *w, size_t i,
			     struct net_device *d)
{
	const uint8_t *stats = records_bytes(&w->devs, i, FIELD_DEV_STATS);
	size_t j;

	net_device_name(&w->devs, i, FIELD_DEV_NAME, d->name);
	d->ifindex = (uint32_t)records_u64(&w->devs, i, FIELD_DEV_IFINDEX);
	if (w->ways[i].stats)
		d->counted &=
			stats && records_size(&w->devs, FIELD_DEV_STATS) ==
					 NET_STATS * 8;
	for (j = 0; j < NET_STATS && d->counted; j++)
		if (w->ways[i].stats & 1u << j)
			d->stats[j] = le64(stats + j * 8);
}

/* And what its CPUs have; what is to be summed up has to be there. */
static int devices_add_shares(struct devices_work *w, size_t i, struct err *err)
{
	struct net_device *d = &w->out->v.v[i];
	uint64_t at = records_u64(&w->devs, i, FIELD_DEV_SHARES);
	uint64_t core = records_u64(&w->devs, i, FIELD_DEV_CORE);
	int rc = 0;

	d->counted &= at || w->ways[i].share == SHARE_NONE;
	if (d->counted)
		rc = net_counts_add_shares(&w->counts, i, at, w->ways[i].share,
					   false, err);
	if (d->counted && core && !rc)
		rc = net_counts_add_shares(&w->counts, i, core, SHARE_CORE,
					   false, err);
	return rc;
}

/* The driver's counters come first: see net_count.size. */
static int devices_count(struct devices_work *w, struct err *err)
{
	size_t i, n = w->out->v.n;
	int rc;

	for (i = 0; i < n; i++)
		devices_take_own(w, i, &w->out->v.v[i]);
	rc = net_drivers_add(&w->counts, w->out, w->names, err);
	for (i = 0; i < n && !rc; i++)
		rc = devices_add_shares(w, i, err);
	if (!rc)
		rc = net_counts_read(&w->counts, w->out->v.v, err);
	for (i = 0; i < n && !rc; i++) {
		uint64_t *stats = w->out->v.v[i].stats;

		stats[NET_RX_DROPPED] +=
			records_u64(&w->devs, i, FIELD_DEV_RX_DROPPED);
		stats[NET_TX_DROPPED] +=
			records_u64(&w->devs, i, FIELD_DEV_TX_DROPPED);
	}
	return rc;
}

static int devices_by_index(const void *a, const void *b)
{
	const struct net_device *x = a, *y = b;

	if (x->net != y->net)
		return x->net < y->net ? -1 : 1;
	return (x->ifindex > y->ifindex) - (x->ifindex < y->ifindex);
}

int net_devices_read(struct kernel *k, const struct sock_nets *nets,
		     struct net_devices *out, struct remarks *remarks,
		     struct err *err)
{
	_cleanup_(devices_work_deinit) struct devices_work w = {.k = k,
								.out = out};
	int rc;

	*out = (struct net_devices){0};
	rc = profile_check_reader(k->profile, READER_NET_DEVICES, err);
	if (!rc)
		rc = net_counts_init(&w.counts, k, err);
	if (!rc)
		rc = net_devices_find(k, nets, &w.chains, remarks, err);
	if (!rc)
		rc = devices_read(&w, err);
	if (!rc)
		rc = devices_find_ways(&w, err);
	if (!rc)
		rc = devices_count(&w, err);
	/* listed by hash before */
	if (!rc && out->v.n && profile_sizeof(k->profile, STRUCT_HOTDATA))
		qsort(out->v.v, out->v.n, sizeof(*out->v.v), devices_by_index);
	return rc;
}

void net_devices_deinit(struct net_devices *d)
{
	if (d->has_symbols)
		symbols_deinit(&d->symbols);
	vec_deinit(&d->v);
}
