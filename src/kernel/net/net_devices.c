/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads network devices, and sums up what they have counted. */
#include "kernel/net/net_devices.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/percpu.h"
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
	FIELD_CORE_RX_DROPPED,
	FIELD_CORE_TX_DROPPED,
	FIELD_LSTATS_PACKETS,
	FIELD_LSTATS_BYTES,
	FIELD_TSTATS_RX_PACKETS,
	FIELD_TSTATS_RX_BYTES,
	FIELD_TSTATS_TX_PACKETS,
	FIELD_TSTATS_TX_BYTES,
	CONSTANT_KIND_TSTATS,
	CONSTANT_KIND_DSTATS,
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
	FIELD(CORE_RX_DROPPED, "net_device_core_stats", OPTIONAL, "rx_dropped"),
	FIELD(CORE_TX_DROPPED, "net_device_core_stats", OPTIONAL, "tx_dropped"),
	FIELD(LSTATS_PACKETS, "pcpu_lstats", REQUIRED, "packets"),
	FIELD(LSTATS_BYTES, "pcpu_lstats", REQUIRED, "bytes"),
	FIELD(TSTATS_RX_PACKETS, "pcpu_sw_netstats", REQUIRED, "rx_packets"),
	FIELD(TSTATS_RX_BYTES, "pcpu_sw_netstats", REQUIRED, "rx_bytes"),
	FIELD(TSTATS_TX_PACKETS, "pcpu_sw_netstats", REQUIRED, "tx_packets"),
	FIELD(TSTATS_TX_BYTES, "pcpu_sw_netstats", REQUIRED, "tx_bytes"),
	CONSTANT(KIND_TSTATS, "netdev_stat_type", "NETDEV_PCPU_STAT_TSTATS"),
	CONSTANT(KIND_DSTATS, "netdev_stat_type", "NETDEV_PCPU_STAT_DSTATS"),
	STRUCT(HOTDATA, "net_hotdata", OPTIONAL), /* 6.9 */
};

const struct wants net_devices_wants = {.reader = "counters of network devices",
					.v = want_table,
					.n = WANTS_N(want_table)};

/* Where a device's numbers are. */
enum count_way {
	COUNT_UNKNOWN,
	COUNT_STATS,  /* dev->stats alone */
	COUNT_TSTATS, /* and what CPUs have, in both directions */
	COUNT_LOOP,   /* what CPUs have: as much comes as goes */
	COUNT_SENT    /* what CPUs have: it goes, and nothing comes */
};

/* Functions that count (drivers/net/loopback.c, dummy.c, net/core/dev.c,
 * net/ipv4/ip_tunnel_core.c). */
static const struct {
	const char *name;
	enum count_way way;
} ways[] = {
	{"dev_get_tstats64", COUNT_TSTATS},
	{"dummy_get_stats64", COUNT_SENT},
	{"ip_tunnel_get_stats64", COUNT_TSTATS}, /* up to 5.11 */
	{"loopback_get_stats64", COUNT_LOOP},
};

/* What a CPU has of a device, as it is added to its numbers. */
static const struct share {
	enum count_way way;
	uint32_t field;
	enum net_stat to;
} shares[] = {
	{COUNT_LOOP, FIELD_LSTATS_PACKETS, NET_RX_PACKETS},
	{COUNT_LOOP, FIELD_LSTATS_PACKETS, NET_TX_PACKETS},
	{COUNT_LOOP, FIELD_LSTATS_BYTES, NET_RX_BYTES},
	{COUNT_LOOP, FIELD_LSTATS_BYTES, NET_TX_BYTES},
	{COUNT_SENT, FIELD_LSTATS_PACKETS, NET_TX_PACKETS},
	{COUNT_SENT, FIELD_LSTATS_BYTES, NET_TX_BYTES},
	{COUNT_TSTATS, FIELD_TSTATS_RX_PACKETS, NET_RX_PACKETS},
	{COUNT_TSTATS, FIELD_TSTATS_RX_BYTES, NET_RX_BYTES},
	{COUNT_TSTATS, FIELD_TSTATS_TX_PACKETS, NET_TX_PACKETS},
	{COUNT_TSTATS, FIELD_TSTATS_TX_BYTES, NET_TX_BYTES},
	/* of all */
	{COUNT_UNKNOWN, FIELD_CORE_RX_DROPPED, NET_RX_DROPPED},
	{COUNT_UNKNOWN, FIELD_CORE_TX_DROPPED, NET_TX_DROPPED},
};

enum {
	SHARES = sizeof(shares) / sizeof(shares[0])
};

struct devices_work {
	struct kernel *k;
	struct net_devices *out;
	struct chains chains;
	uint64_t *addrs; /* of each device */
	struct records devs, ops;
	enum count_way *ways;
	uint64_t *cpus; /* offsets */
	size_t n_cpus;
	struct space_read *reads;
	uint8_t (*bytes)[8];
};

static void devices_work_deinit(struct devices_work *w)
{
	chains_deinit(&w->chains);
	free(w->addrs);
	records_deinit(&w->devs);
	records_deinit(&w->ops);
	free(w->ways);
	free(w->cpus);
	free(w->reads);
	free(w->bytes);
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
static enum count_way devices_plain_way(const struct devices_work *w, size_t i)
{
	uint64_t kind = records_u64(&w->devs, i, FIELD_DEV_KIND);
	int64_t tstats, dstats;

	if (!records_have(&w->devs, FIELD_DEV_KIND))
		return COUNT_STATS;
	if (!profile_constant(w->k->profile, CONSTANT_KIND_TSTATS, &tstats) ||
	    !profile_constant(w->k->profile, CONSTANT_KIND_DSTATS, &dstats) ||
	    kind == (uint64_t)dstats)
		return COUNT_UNKNOWN;
	return kind == (uint64_t)tstats ? COUNT_TSTATS : COUNT_STATS;
}

static enum count_way devices_way(const struct devices_work *w, size_t i,
				  const struct symbol *name)
{
	size_t j;

	if (!w->devs.ok[i] || !w->ops.ok[i])
		return COUNT_UNKNOWN;
	if (!records_u64(&w->ops, i, FIELD_OPS_STATS64))
		return records_u64(&w->ops, i, FIELD_OPS_STATS)
			       ? COUNT_UNKNOWN
			       : devices_plain_way(w, i);
	for (j = 0; j < sizeof(ways) / sizeof(ways[0]); j++)
		if (name->name && !name->offset &&
		    !strcmp(name->name, ways[j].name))
			return ways[j].way;
	return COUNT_UNKNOWN;
}

/* Who counts: by the names of functions. */
static int devices_find_ways(struct devices_work *w, struct err *err)
{
	size_t i, n = w->chains.links.n;
	_cleanup_free_ struct symbol *names = calloc(n + 1, sizeof(*names));
	int rc;

	if (!names)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		w->addrs[i] = records_u64(&w->ops, i, FIELD_OPS_STATS64);
		if (!w->addrs[i])
			w->addrs[i] = records_u64(&w->ops, i, FIELD_OPS_STATS);
	}
	symbols_init(&w->out->symbols, w->k);
	w->out->has_symbols = true;
	rc = symbols_at(&w->out->symbols, w->addrs, n, names, err);
	for (i = 0; i < n && !rc; i++) {
		struct net_device d = {
			.net = w->chains.links.v[i].of,
			.addr = w->chains.links.v[i].at,
			.driver = names[i].offset ? NULL : names[i].name};

		w->ways[i] = devices_way(w, i, &names[i]);
		if (vec_push(&w->out->v, d))
			return err_nomem(err);
	}
	return rc;
}

/* Where a CPU has a share of a device's numbers; 0: there is none. */
static uint64_t devices_share(const struct devices_work *w, size_t i, size_t s)
{
	const struct profile_field *f =
		profile_field(w->k->profile, shares[s].field);
	uint64_t at;

	if (w->ways[i] == COUNT_UNKNOWN || !f->present ||
	    (shares[s].way != COUNT_UNKNOWN && shares[s].way != w->ways[i]))
		return 0;
	at = records_u64(&w->devs, i,
			 shares[s].way == COUNT_UNKNOWN ? FIELD_DEV_CORE
							: FIELD_DEV_SHARES);
	return at ? at + f->offset : 0;
}

static int devices_read_shares(struct devices_work *w, struct err *err)
{
	size_t i, s, cpu, n = 0, devices = w->out->v.n;

	w->reads = calloc(devices * SHARES * w->n_cpus + 1, sizeof(*w->reads));
	w->bytes = calloc(devices * SHARES * w->n_cpus + 1, sizeof(*w->bytes));
	if (!w->reads || !w->bytes)
		return err_nomem(err);
	for (i = 0; i < devices; i++)
		for (s = 0; s < SHARES; s++)
			for (cpu = 0; cpu < w->n_cpus; cpu++, n++) {
				uint64_t at = devices_share(w, i, s);

				w->reads[n] = (struct space_read){
					.root = &w->k->root,
					.va = at ? at + w->cpus[cpu] : 0,
					.dst = w->bytes[n],
					.len = at ? 8 : 0};
			}
	return space_read(w->k->machine, w->reads, n, err);
}

/* What a device has counted itself, beside its CPUs. */
static void devices_take_own(const struct devices_work *w, size_t i,
			     struct net_device *d)
{
	const uint8_t *stats = records_bytes(&w->devs, i, FIELD_DEV_STATS);
	size_t j;

	if (w->ways[i] == COUNT_STATS || w->ways[i] == COUNT_TSTATS) {
		d->counted &=
			stats && records_size(&w->devs, FIELD_DEV_STATS) ==
					 NET_STATS * 8;
		for (j = 0; j < NET_STATS && d->counted; j++)
			d->stats[j] = le64(stats + j * 8);
	}
	d->stats[NET_RX_DROPPED] +=
		records_u64(&w->devs, i, FIELD_DEV_RX_DROPPED);
	d->stats[NET_TX_DROPPED] +=
		records_u64(&w->devs, i, FIELD_DEV_TX_DROPPED);
}

static void devices_take(const struct devices_work *w, size_t i)
{
	struct net_device *d = &w->out->v.v[i];
	size_t s, cpu, n = i * SHARES * w->n_cpus;

	net_device_name(&w->devs, i, FIELD_DEV_NAME, d->name);
	d->ifindex = (uint32_t)records_u64(&w->devs, i, FIELD_DEV_IFINDEX);
	d->counted = w->ways[i] != COUNT_UNKNOWN;
	/* what is to be summed up has to be there */
	if (w->ways[i] > COUNT_STATS &&
	    !records_u64(&w->devs, i, FIELD_DEV_SHARES))
		d->counted = false;
	devices_take_own(w, i, d);
	for (s = 0; s < SHARES; s++)
		for (cpu = 0; cpu < w->n_cpus; cpu++, n++) {
			d->stats[shares[s].to] += le64(w->bytes[n]);
			d->counted &= w->reads[n].got == w->reads[n].len;
		}
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
	size_t i;
	int rc;

	*out = (struct net_devices){0};
	rc = profile_check_reader(k->profile, READER_NET_DEVICES, err);
	if (!rc)
		rc = percpu_offsets(k, &w.cpus, &w.n_cpus, err);
	if (!rc && !w.n_cpus)
		rc = err_set(err, ERR_NO_LINUX,
			     "where CPUs keep their counters cannot be told");
	if (!rc)
		rc = net_devices_find(k, nets, &w.chains, remarks, err);
	if (!rc && w.chains.links.n > NET_SHARES_MAX / w.n_cpus / SHARES)
		rc = err_set(err, ERR_REFUSED,
			     "there are more counters of network devices than "
			     "qvmi reads");
	if (!rc)
		rc = devices_read(&w, err);
	if (!rc)
		rc = devices_find_ways(&w, err);
	if (!rc)
		rc = devices_read_shares(&w, err);
	for (i = 0; i < out->v.n && !rc; i++)
		devices_take(&w, i);
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
