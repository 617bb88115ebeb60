/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads what network namespaces count: names, and a share of each CPU. */
#include "kernel/net/snmp.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_IP = WANTS_OF(READER_SNMP),
	FIELD_NET_ICMP,
	FIELD_NET_TCP,
	FIELD_NET_UDP,
	FIELD_NET_UDPLITE,
	FIELD_NET_TYPES,
	FIELD_NET_DEVCONF,
	FIELD_NET_TTL,
	FIELD_DEVCONF_DATA,
	FIELD_IP_MIBS,
	FIELD_ICMP_MIBS,
	FIELD_TCP_MIBS,
	FIELD_UDP_MIBS
};

static const struct want want_table[] = {
	FIELD(NET_IP, "net", REQUIRED, "mib.ip_statistics"),
	FIELD(NET_ICMP, "net", REQUIRED, "mib.icmp_statistics"),
	FIELD(NET_TCP, "net", REQUIRED, "mib.tcp_statistics"),
	FIELD(NET_UDP, "net", REQUIRED, "mib.udp_statistics"),
	FIELD(NET_UDPLITE, "net", OPTIONAL,
	      "mib.udplite_statistics"), /* up to 7.0 */
	FIELD(NET_TYPES, "net", REQUIRED, "mib.icmpmsg_statistics"),
	FIELD(NET_DEVCONF, "net", REQUIRED, "ipv4.devconf_all"),
	FIELD(NET_TTL, "net", REQUIRED, "ipv4.sysctl_ip_default_ttl"),
	FIELD(DEVCONF_DATA, "ipv4_devconf", REQUIRED, "data"),
	FIELD(IP_MIBS, "ipstats_mib", REQUIRED, "mibs"),
	FIELD(ICMP_MIBS, "icmp_mib", REQUIRED, "mibs"),
	FIELD(TCP_MIBS, "tcp_mib", REQUIRED, "mibs"),
	FIELD(UDP_MIBS, "udp_mib", REQUIRED, "mibs"),
};

const struct wants snmp_wants = {.reader = "counters of the network",
				 .v = want_table,
				 .n = WANTS_N(want_table)};

/* Where a namespace's counters are, and how many. */
static const struct {
	uint32_t in_net, mibs;
} mibs[SNMP_MIBS] = {
	[SNMP_IP] = {FIELD_NET_IP, FIELD_IP_MIBS},
	[SNMP_ICMP] = {FIELD_NET_ICMP, FIELD_ICMP_MIBS},
	[SNMP_TCP] = {FIELD_NET_TCP, FIELD_TCP_MIBS},
	[SNMP_UDP] = {FIELD_NET_UDP, FIELD_UDP_MIBS},
	[SNMP_UDPLITE] = {FIELD_NET_UDPLITE, FIELD_UDP_MIBS},
};

/* Arrays of {const char *name; int number}, the last of which has no name, or
 * stands before another symbol (net/ipv4/proc.c). */
static const char *const lists[SNMP_LISTS] = {
	[SNMP_LIST_IP] = "snmp4_ipstats_list",
	[SNMP_LIST_ICMP] = "icmpmibmap",
	[SNMP_LIST_TCP] = "snmp4_tcp_list",
	[SNMP_LIST_UDP] = "snmp4_udp_list",
};

#define ENTRY_BYTES 16

static int snmp_read_names(struct kernel *k, struct snmp_names *out,
			   struct err *err)
{
	_cleanup_free_ uint8_t(*entries)[SNMP_NAMES_MAX][ENTRY_BYTES] =
		calloc(SNMP_LISTS, sizeof(*entries));
	uint64_t addrs[SNMP_LISTS * SNMP_NAMES_MAX] = {0}, next;
	char *texts[SNMP_LISTS * SNMP_NAMES_MAX];
	struct space_read reads[SNMP_LISTS] = {0};
	size_t i, j, n = 0;
	int rc;

	if (!entries)
		return err_nomem(err);
	for (i = 0; i < SNMP_LISTS; i++) {
		reads[i] = (struct space_read){.root = &k->root,
					       .dst = entries[i],
					       .len = sizeof(entries[i])};
		if (!profile_symbol(k->profile, lists[i], &reads[i].va))
			return err_set(err, ERR_NO_LINUX,
				       "this kernel has no %s", lists[i]);
		if (profile_next_symbol(k->profile, reads[i].va, &next) &&
		    next - reads[i].va < reads[i].len)
			reads[i].len = next - reads[i].va;
	}
	rc = space_read(k->machine, reads, SNMP_LISTS, err);
	for (i = 0; i < SNMP_LISTS && !rc; i++)
		for (j = 0; j < reads[i].got / ENTRY_BYTES; j++) {
			const uint8_t *e = entries[i][j];

			if (!le64(e))
				break;
			addrs[n] = le64(e);
			texts[n++] = out->text[i][j];
			out->number[i][j] = le32(e + 8);
			out->n[i] = j + 1;
		}
	return rc ? rc
		  : records_strings(k, addrs, n, SNMP_NAME_BYTES, texts, NULL,
				    err);
}

struct snmp_work {
	struct kernel *k;
	const struct sock_nets *nets;
	struct snmp *out;
	struct records r; /* of namespaces */
	uint64_t *cpus;	  /* offsets */
	size_t n_cpus;
	struct space_read *reads;
	uint64_t (*shares)[SNMP_NAMES_MAX]; /* of each CPU, MIB, namespace */
	uint8_t (*forwards)[4];
};

static void snmp_work_deinit(struct snmp_work *w)
{
	records_deinit(&w->r);
	free(w->cpus);
	free(w->reads);
	free(w->shares);
	free(w->forwards);
}

/* How many counters of a kind there are. */
static size_t snmp_count(const struct kernel *k, size_t mib)
{
	size_t n = profile_field(k->profile, mibs[mib].mibs)->size / 8;

	return n < SNMP_NAMES_MAX ? n : SNMP_NAMES_MAX;
}

/* A CPU's share of a namespace's counters. */
static void snmp_ask_share(const struct snmp_work *w, size_t net, size_t mib,
			   size_t cpu, struct space_read *read)
{
	const struct profile_field *f =
		profile_field(w->k->profile, mibs[mib].mibs);
	uint64_t at = records_u64(&w->r, net, mibs[mib].in_net);
	size_t share = (net * SNMP_MIBS + mib) * w->n_cpus + cpu;

	*read = (struct space_read){.root = &w->k->root,
				    .va = at ? at + w->cpus[cpu] + f->offset
					     : 0,
				    .dst = w->shares[share],
				    .len = w->out[net].n[mib] * 8};
}

/* All that is read of namespaces: returns how many reads. */
static size_t snmp_ask(struct snmp_work *w)
{
	const struct profile_field *data =
		profile_field(w->k->profile, FIELD_DEVCONF_DATA);
	size_t net, mib, cpu, n = 0;

	for (net = 0; net < w->nets->n; net++) {
		struct snmp *s = &w->out[net];

		w->reads[n++] = (struct space_read){
			.root = &w->k->root,
			.va = records_u64(&w->r, net, FIELD_NET_TYPES),
			.dst = s->types,
			.len = sizeof(s->types)};
		w->reads[n++] = (struct space_read){
			.root = &w->k->root,
			.va = records_u64(&w->r, net, FIELD_NET_DEVCONF) +
			      data->offset,
			.dst = w->forwards[net],
			.len = sizeof(w->forwards[net])};
		for (mib = 0; mib < SNMP_MIBS; mib++) {
			if (records_have(&w->r, mibs[mib].in_net))
				s->n[mib] = snmp_count(w->k, mib);
			for (cpu = 0; cpu < w->n_cpus; cpu++)
				snmp_ask_share(w, net, mib, cpu,
					       &w->reads[n++]);
		}
	}
	return n;
}

static void snmp_take(const struct snmp_work *w, size_t net)
{
	struct snmp *s = &w->out[net];
	size_t mib, cpu, i;

	/* the first of them is IPV4_DEVCONF_FORWARDING */
	s->forwards = le32(w->forwards[net]);
	s->ttl = (uint32_t)records_u64(&w->r, net, FIELD_NET_TTL);
	s->lost = !w->r.ok[net];
	for (i = 0; i < SNMP_TYPES; i++)
		s->types[i] = le64(&s->types[i]);
	for (mib = 0; mib < SNMP_MIBS; mib++)
		for (cpu = 0; cpu < w->n_cpus; cpu++)
			for (i = 0; i < s->n[mib]; i++) {
				size_t share =
					(net * SNMP_MIBS + mib) * w->n_cpus +
					cpu;

				s->v[mib][i] += le64(&w->shares[share][i]);
			}
}

static int snmp_read_shares(struct snmp_work *w, struct err *err)
{
	size_t nets = w->nets->n, shares = nets * SNMP_MIBS * w->n_cpus;
	size_t i, n;
	int rc;

	w->reads = calloc(shares + 2 * nets + 1, sizeof(*w->reads));
	w->shares = calloc(shares + 1, sizeof(*w->shares));
	w->forwards = calloc(nets + 1, sizeof(*w->forwards));
	if (!w->reads || !w->shares || !w->forwards)
		return err_nomem(err);
	n = snmp_ask(w);
	rc = space_read(w->k->machine, w->reads, n, err);
	for (i = 0; i < n && !rc; i++)
		if (w->reads[i].got < w->reads[i].len)
			w->out[i / (2 + SNMP_MIBS * w->n_cpus)].torn = true;
	for (i = 0; i < nets && !rc; i++)
		snmp_take(w, i);
	return rc;
}

int snmp_read(struct kernel *k, const struct sock_nets *nets,
	      struct snmp_names *names, struct snmp *out, struct err *err)
{
	static const uint32_t fields[] = {FIELD_NET_IP,	     FIELD_NET_ICMP,
					  FIELD_NET_TCP,     FIELD_NET_UDP,
					  FIELD_NET_UDPLITE, FIELD_NET_TYPES,
					  FIELD_NET_DEVCONF, FIELD_NET_TTL};
	_cleanup_(snmp_work_deinit) struct snmp_work w = {
		.k = k, .nets = nets, .out = out};
	int rc = snmp_read_names(k, names, err);

	if (!rc)
		rc = percpu_offsets(k, &w.cpus, &w.n_cpus, err);
	if (!rc && !w.n_cpus)
		rc = err_set(err, ERR_NO_LINUX,
			     "where CPUs keep their counters cannot be told");
	if (!rc && nets->n > SNMP_SHARES_MAX / w.n_cpus / SNMP_MIBS)
		rc = err_set(err, ERR_REFUSED,
			     "there are more counters of the network than "
			     "qvmi reads");
	if (!rc)
		rc = records_read(k, nets->v, nets->n, fields, 8, &w.r, err);
	return rc ? rc : snmp_read_shares(&w, err);
}
