/* SPDX-License-Identifier: BSD-2-Clause */
/* Sums up what network devices, their CPUs and queues have counted. */
#include "kernel/net/net_counts.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_CORE_RX_DROPPED = WANTS_OF(READER_NET_COUNTS),
	FIELD_CORE_TX_DROPPED,
	FIELD_LSTATS_PACKETS,
	FIELD_LSTATS_BYTES,
	FIELD_TSTATS_RX_PACKETS,
	FIELD_TSTATS_RX_BYTES,
	FIELD_TSTATS_TX_PACKETS,
	FIELD_TSTATS_TX_BYTES,
	FIELD_DSTATS_RX_PACKETS,
	FIELD_DSTATS_RX_BYTES,
	FIELD_DSTATS_RX_DROPS,
	FIELD_DSTATS_TX_PACKETS,
	FIELD_DSTATS_TX_BYTES,
	FIELD_DSTATS_TX_DROPS,
	CONSTANT_KIND_NONE,
	CONSTANT_KIND_LSTATS,
	CONSTANT_KIND_TSTATS,
	CONSTANT_KIND_DSTATS
};

static const struct want want_table[] = {
	FIELD(CORE_RX_DROPPED, "net_device_core_stats", OPTIONAL, "rx_dropped"),
	FIELD(CORE_TX_DROPPED, "net_device_core_stats", OPTIONAL, "tx_dropped"),
	FIELD(LSTATS_PACKETS, "pcpu_lstats", REQUIRED, "packets"),
	FIELD(LSTATS_BYTES, "pcpu_lstats", REQUIRED, "bytes"),
	FIELD(TSTATS_RX_PACKETS, "pcpu_sw_netstats", REQUIRED, "rx_packets"),
	FIELD(TSTATS_RX_BYTES, "pcpu_sw_netstats", REQUIRED, "rx_bytes"),
	FIELD(TSTATS_TX_PACKETS, "pcpu_sw_netstats", REQUIRED, "tx_packets"),
	FIELD(TSTATS_TX_BYTES, "pcpu_sw_netstats", REQUIRED, "tx_bytes"),
	FIELD(DSTATS_RX_PACKETS, "pcpu_dstats", OPTIONAL, "rx_packets"),
	FIELD(DSTATS_RX_BYTES, "pcpu_dstats", OPTIONAL, "rx_bytes"),
	FIELD(DSTATS_RX_DROPS, "pcpu_dstats", OPTIONAL, "rx_drops"),
	FIELD(DSTATS_TX_PACKETS, "pcpu_dstats", OPTIONAL, "tx_packets"),
	FIELD(DSTATS_TX_BYTES, "pcpu_dstats", OPTIONAL, "tx_bytes"),
	FIELD(DSTATS_TX_DROPS, "pcpu_dstats", OPTIONAL, "tx_drops"),
	CONSTANT(KIND_NONE, "netdev_stat_type", "NETDEV_PCPU_STAT_NONE"),
	CONSTANT(KIND_LSTATS, "netdev_stat_type", "NETDEV_PCPU_STAT_LSTATS"),
	CONSTANT(KIND_TSTATS, "netdev_stat_type", "NETDEV_PCPU_STAT_TSTATS"),
	CONSTANT(KIND_DSTATS, "netdev_stat_type", "NETDEV_PCPU_STAT_DSTATS"),
};

const struct wants net_counts_wants = {.reader = "counters of CPUs",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

/* What a CPU has, and to what it is added; NET_STATS: to nothing. */
static const struct {
	enum net_share share;
	uint32_t field;
	enum net_stat to, peer;
} shares[] = {
	{SHARE_LOOP, FIELD_LSTATS_PACKETS, NET_RX_PACKETS, NET_STATS},
	{SHARE_LOOP, FIELD_LSTATS_PACKETS, NET_TX_PACKETS, NET_STATS},
	{SHARE_LOOP, FIELD_LSTATS_BYTES, NET_RX_BYTES, NET_STATS},
	{SHARE_LOOP, FIELD_LSTATS_BYTES, NET_TX_BYTES, NET_STATS},
	{SHARE_SENT, FIELD_LSTATS_PACKETS, NET_TX_PACKETS, NET_RX_PACKETS},
	{SHARE_SENT, FIELD_LSTATS_BYTES, NET_TX_BYTES, NET_RX_BYTES},
	{SHARE_TSTATS, FIELD_TSTATS_RX_PACKETS, NET_RX_PACKETS, NET_STATS},
	{SHARE_TSTATS, FIELD_TSTATS_RX_BYTES, NET_RX_BYTES, NET_STATS},
	{SHARE_TSTATS, FIELD_TSTATS_TX_PACKETS, NET_TX_PACKETS, NET_RX_PACKETS},
	{SHARE_TSTATS, FIELD_TSTATS_TX_BYTES, NET_TX_BYTES, NET_RX_BYTES},
	{SHARE_DSTATS, FIELD_DSTATS_RX_PACKETS, NET_RX_PACKETS, NET_STATS},
	{SHARE_DSTATS, FIELD_DSTATS_RX_BYTES, NET_RX_BYTES, NET_STATS},
	{SHARE_DSTATS, FIELD_DSTATS_RX_DROPS, NET_RX_DROPPED, NET_STATS},
	{SHARE_DSTATS, FIELD_DSTATS_TX_PACKETS, NET_TX_PACKETS, NET_STATS},
	{SHARE_DSTATS, FIELD_DSTATS_TX_BYTES, NET_TX_BYTES, NET_STATS},
	{SHARE_DSTATS, FIELD_DSTATS_TX_DROPS, NET_TX_DROPPED, NET_STATS},
	{SHARE_CORE, FIELD_CORE_RX_DROPPED, NET_RX_DROPPED, NET_STATS},
	{SHARE_CORE, FIELD_CORE_TX_DROPPED, NET_TX_DROPPED, NET_STATS},
};

int net_counts_init(struct net_counts *c, struct kernel *k, struct err *err)
{
	int rc = profile_check_reader(k->profile, READER_NET_COUNTS, err);

	*c = (struct net_counts){.k = k};
	if (!rc)
		rc = percpu_offsets(k, &c->cpus, &c->n_cpus, err);
	if (!rc && !c->n_cpus)
		rc = err_set(err, ERR_NO_LINUX,
			     "where CPUs keep their counters cannot be told");
	return rc;
}

void net_counts_deinit(struct net_counts *c)
{
	free(c->cpus);
	vec_deinit(&c->v);
}

int net_counts_add(struct net_counts *c, struct net_count count,
		   struct err *err)
{
	size_t n = count.cpus ? c->n_cpus : 1;

	if (n > NET_SHARES_MAX - c->n)
		return err_set(err, ERR_REFUSED,
			       "there are more counters of network devices "
			       "than qvmi reads");
	c->n += n;
	return vec_push(&c->v, count) ? err_nomem(err) : 0;
}

enum net_share net_share_of(const struct kernel *k, uint64_t pcpu_stat_type)
{
	static const struct {
		uint32_t constant;
		enum net_share share;
	} kinds[] = {{CONSTANT_KIND_NONE, SHARE_NONE},
		     {CONSTANT_KIND_LSTATS, SHARE_LOOP},
		     {CONSTANT_KIND_TSTATS, SHARE_TSTATS},
		     {CONSTANT_KIND_DSTATS, SHARE_DSTATS}};
	int64_t value;
	size_t i;

	for (i = 0; i < WANTS_N(kinds); i++)
		if (profile_constant(k->profile, kinds[i].constant, &value) &&
		    (uint64_t)value == pcpu_stat_type)
			return kinds[i].share;
	return SHARE_UNKNOWN;
}

bool net_share_known(const struct kernel *k, enum net_share share)
{
	size_t i;

	for (i = 0; i < WANTS_N(shares); i++)
		if (shares[i].share == share &&
		    profile_field(k->profile, shares[i].field)->size != 8)
			return false;
	return share != SHARE_UNKNOWN;
}

int net_counts_add_shares(struct net_counts *c, size_t device, uint64_t base,
			  enum net_share share, bool peer, struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < WANTS_N(shares) && !rc; i++) {
		const struct profile_field *f =
			profile_field(c->k->profile, shares[i].field);
		enum net_stat to = peer ? shares[i].peer : shares[i].to;

		if (shares[i].share == share && to != NET_STATS && f->present)
			rc = net_counts_add(
				c,
				(struct net_count){.device = device,
						   .to = to,
						   .at = base + f->offset,
						   .size = 8,
						   .cpus = true},
				err);
	}
	return rc;
}

/* One counter's sum; its reads are those from number `at` on. */
static void net_counts_take(const struct net_counts *c,
			    const struct net_count *count, size_t at,
			    const struct space_read *reads,
			    struct net_device *devices)
{
	struct net_device *d = &devices[count->device];
	size_t n = count->cpus ? c->n_cpus : 1;

	for (; n; n--, at++) {
		d->counted &= reads[at].got == reads[at].len;
		d->stats[count->to] += le64(reads[at].dst);
		if (count->size == 4)
			d->stats[count->to] &= UINT32_MAX;
	}
}

int net_counts_read(struct net_counts *c, struct net_device *devices,
		    struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(c->n + 1, sizeof(*reads));
	_cleanup_free_ uint8_t(*bytes)[8] = calloc(c->n + 1, sizeof(*bytes));
	size_t i, cpu, n = 0;
	int rc;

	if (!reads || !bytes)
		return err_nomem(err);
	for (i = 0; i < c->v.n; i++) {
		const struct net_count *count = &c->v.v[i];

		for (cpu = 0; cpu < (count->cpus ? c->n_cpus : 1); cpu++, n++)
			reads[n] = (struct space_read){
				.root = &c->k->root,
				.va = count->at +
				      (count->cpus ? c->cpus[cpu] : 0),
				.dst = bytes[n],
				.len = count->size};
	}
	rc = space_read(c->k->machine, reads, n, err);
	for (i = 0, n = 0; i < c->v.n && !rc; i++) {
		net_counts_take(c, &c->v.v[i], n, reads, devices);
		n += c->v.v[i].cpus ? c->n_cpus : 1;
	}
	return rc;
}
