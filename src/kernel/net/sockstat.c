/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads how many sockets are in use: counters, and a share of each CPU. */
#include "kernel/net/sockstat.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/limits.h"
#include "kernel/percpu.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_PROTO_IDX = WANTS_OF(READER_SOCKSTAT),
	FIELD_PROTO_MEMORY,
	FIELD_PROTO_ALLOCATED,
	FIELD_NET_INUSE,
	FIELD_NET_USED,
	FIELD_NET_TW_REFS,
	FIELD_NET_TW_COUNT,
	FIELD_NET_FQDIR,
	FIELD_INUSE_ALL,
	FIELD_INUSE_VAL,
	FIELD_FQDIR_N,
	FIELD_FQDIR_MEM,
	FIELD_COUNTER_COUNT,
	FIELD_COUNTER_SHARES
};

static const struct want want_table[] = {
	FIELD(PROTO_IDX, "proto", REQUIRED, "inuse_idx"),
	FIELD(PROTO_MEMORY, "proto", REQUIRED, "memory_allocated"),
	FIELD(PROTO_ALLOCATED, "proto", REQUIRED, "sockets_allocated"),
	FIELD(NET_INUSE, "net", REQUIRED, "core.prot_inuse"),
	FIELD(NET_USED, "net", OPTIONAL, "core.sock_inuse"), /* up to 5.16 */
	FIELD(NET_TW_REFS, "net", OPTIONAL,
	      "ipv4.tcp_death_row.tw_refcount"), /* 5.19 */
	FIELD(NET_TW_COUNT, "net", OPTIONAL, "ipv4.tcp_death_row.tw_count"),
	FIELD(NET_FQDIR, "net", REQUIRED, "ipv4.fqdir"),
	FIELD(INUSE_ALL, "prot_inuse", OPTIONAL, "all"), /* 5.17 */
	FIELD(INUSE_VAL, "prot_inuse", REQUIRED, "val"),
	FIELD(FQDIR_N, "fqdir", REQUIRED, "rhashtable.nelems"),
	FIELD(FQDIR_MEM, "fqdir", REQUIRED, "mem"),
	FIELD(COUNTER_COUNT, "percpu_counter", REQUIRED, "count"),
	FIELD(COUNTER_SHARES, "percpu_counter", REQUIRED, "counters"),
};

const struct wants sockstat_wants = {.reader = "numbers of sockets",
				     .v = want_table,
				     .n = WANTS_N(want_table)};

static const char *const protos[SOCKSTAT_PROTOS] = {
	[SOCKSTAT_TCP] = "tcp_prot",
	[SOCKSTAT_UDP] = "udp_prot",
	[SOCKSTAT_UDPLITE] = "udplite_prot", /* up to 7.0 */
	[SOCKSTAT_RAW] = "raw_prot",
};

/* What a CPU has of a namespace: so many sockets of each, and in all. */
enum {
	SHARE_ALL = SOCKSTAT_PROTOS,
	SHARES
};

struct sockstat_work {
	struct kernel *k;
	const struct sock_nets *nets;
	struct sockstat_common *common;
	struct sockstat *out;
	struct records protos, r, fqdirs, counter;
	uint64_t *cpus; /* offsets */
	size_t n_cpus;
	struct space_read *reads;
	uint8_t (*bytes)[4]; /* of each share */
};

static void sockstat_work_deinit(struct sockstat_work *w)
{
	records_deinit(&w->protos);
	records_deinit(&w->r);
	records_deinit(&w->fqdirs);
	records_deinit(&w->counter);
	free(w->cpus);
	free(w->reads);
	free(w->bytes);
}

/* Protocols and namespaces, then what these lead to. */
static int sockstat_read_structs(struct sockstat_work *w, struct err *err)
{
	static const uint32_t proto[] = {FIELD_PROTO_IDX, FIELD_PROTO_MEMORY,
					 FIELD_PROTO_ALLOCATED};
	static const uint32_t net[] = {FIELD_NET_INUSE, FIELD_NET_USED,
				       FIELD_NET_TW_REFS, FIELD_NET_TW_COUNT,
				       FIELD_NET_FQDIR};
	static const uint32_t fqdir[] = {FIELD_FQDIR_N, FIELD_FQDIR_MEM};
	static const uint32_t counter[] = {FIELD_COUNTER_COUNT,
					   FIELD_COUNTER_SHARES};
	uint64_t at[SOCKSTAT_PROTOS] = {0}, allocated = 0;
	_cleanup_free_ uint64_t *fqdirs =
		calloc(w->nets->n + 1, sizeof(*fqdirs));
	const struct records_want first[] = {{at, SOCKSTAT_PROTOS, proto, 3},
					     {w->nets->v, w->nets->n, net, 5}};
	struct records_want second[] = {{fqdirs, w->nets->n, fqdir, 2},
					{&allocated, 1, counter, 2}};
	struct records r[2];
	size_t i;
	int rc;

	if (!fqdirs)
		return err_nomem(err);
	for (i = 0; i < SOCKSTAT_PROTOS; i++)
		w->common->has[i] =
			profile_symbol(w->k->profile, protos[i], &at[i]);
	rc = records_read_all(w->k, first, 2, r, err);
	w->protos = r[0];
	w->r = r[1];
	if (rc)
		return rc;
	for (i = 0; i < w->nets->n; i++)
		fqdirs[i] = records_u64(&w->r, i, FIELD_NET_FQDIR);
	allocated =
		records_u64(&w->protos, SOCKSTAT_TCP, FIELD_PROTO_ALLOCATED);
	rc = records_read_all(w->k, second, 2, r, err);
	w->fqdirs = r[0];
	w->counter = r[1];
	return rc;
}

/* Where a CPU's share of a namespace is, but for the CPU's offset: a signed
 * int.  0: that cannot be told. */
static uint64_t sockstat_share(const struct sockstat_work *w, size_t net,
			       size_t which)
{
	const struct profile_field *all =
		profile_field(w->k->profile, FIELD_INUSE_ALL);
	const struct profile_field *val =
		profile_field(w->k->profile, FIELD_INUSE_VAL);
	uint64_t inuse = records_u64(&w->r, net, FIELD_NET_INUSE);
	uint64_t idx;

	if (which == SHARE_ALL)
		return all->present ? inuse + all->offset
				    : records_u64(&w->r, net, FIELD_NET_USED);
	idx = records_u64(&w->protos, which, FIELD_PROTO_IDX);
	return idx < val->size / 4 ? inuse + val->offset + idx * 4 : 0;
}

/*
 * The reads, four bytes each: of every namespace and CPU its shares; then of
 * every CPU its TCP sockets, and those without a process.
 */
static size_t sockstat_ask(struct sockstat_work *w, uint64_t orphans)
{
	uint64_t allocated = records_u64(&w->counter, 0, FIELD_COUNTER_SHARES);
	size_t net, cpu, which, n = 0;

	for (net = 0; net < w->nets->n; net++)
		for (cpu = 0; cpu < w->n_cpus; cpu++)
			for (which = 0; which < SHARES; which++) {
				uint64_t at = sockstat_share(w, net, which);

				w->reads[n++].va = at ? at + w->cpus[cpu] : 0;
			}
	for (cpu = 0; cpu < w->n_cpus; cpu++) {
		w->reads[n++].va = allocated + w->cpus[cpu];
		w->reads[n++].va = orphans + w->cpus[cpu];
	}
	for (cpu = 0; cpu < n; cpu++) {
		w->reads[cpu].root = &w->k->root;
		w->reads[cpu].dst = w->bytes[cpu];
		w->reads[cpu].len = sizeof(w->bytes[cpu]);
	}
	/* a protocol that the kernel does not know */
	for (net = 0; net < w->nets->n * w->n_cpus; net++)
		for (which = 0; which < SOCKSTAT_PROTOS; which++)
			if (!w->common->has[which])
				w->reads[net * SHARES + which].len = 0;
	return n;
}

static int32_t sockstat_value(const struct sockstat_work *w, size_t read)
{
	return (int32_t)le32(w->bytes[read]);
}

static bool sockstat_missed(const struct sockstat_work *w, size_t read)
{
	return w->reads[read].got < w->reads[read].len;
}

static void sockstat_take_net(const struct sockstat_work *w, size_t net)
{
	struct sockstat *s = &w->out[net];
	size_t cpu, which, at = net * w->n_cpus * SHARES;

	for (cpu = 0; cpu < w->n_cpus; cpu++)
		for (which = 0; which < SHARES; which++, at++) {
			int32_t *sum = which == SHARE_ALL ? &s->used
							  : &s->inuse[which];

			*sum += sockstat_value(w, at);
			s->torn |= sockstat_missed(w, at);
		}
	for (which = 0; which < SOCKSTAT_PROTOS; which++)
		if (s->inuse[which] < 0)
			s->inuse[which] = 0;
	s->time_wait =
		records_have(&w->r, FIELD_NET_TW_REFS)
			? (int32_t)records_u64(&w->r, net, FIELD_NET_TW_REFS) -
				  1
			: (int32_t)records_u64(&w->r, net, FIELD_NET_TW_COUNT);
	s->fragments = (uint32_t)records_u64(&w->fqdirs, net, FIELD_FQDIR_N);
	s->fragment_bytes = records_u64(&w->fqdirs, net, FIELD_FQDIR_MEM);
	s->lost = !w->r.ok[net];
	s->torn |= !w->fqdirs.ok[net];
}

static void sockstat_take_common(const struct sockstat_work *w)
{
	struct sockstat_common *c = w->common;
	size_t cpu, at = w->nets->n * w->n_cpus * SHARES;

	c->torn |= !w->protos.ok[SOCKSTAT_TCP] || !w->counter.ok[0];
	c->allocated =
		(int64_t)records_u64(&w->counter, 0, FIELD_COUNTER_COUNT);
	for (cpu = 0; cpu < w->n_cpus; cpu++, at += 2) {
		c->allocated += sockstat_value(w, at);
		c->orphans += sockstat_value(w, at + 1);
		c->torn |= sockstat_missed(w, at) || sockstat_missed(w, at + 1);
	}
	if (c->allocated < 0)
		c->allocated = 0;
	if (c->orphans < 0)
		c->orphans = 0;
}

static int sockstat_read_shares(struct sockstat_work *w, uint64_t orphans,
				struct err *err)
{
	size_t i, n = (w->nets->n * SHARES + 2) * w->n_cpus;
	int rc;

	w->reads = calloc(n + 1, sizeof(*w->reads));
	w->bytes = calloc(n + 1, sizeof(*w->bytes));
	if (!w->reads || !w->bytes)
		return err_nomem(err);
	n = sockstat_ask(w, orphans);
	rc = space_read(w->k->machine, w->reads, n, err);
	for (i = 0; i < w->nets->n && !rc; i++)
		sockstat_take_net(w, i);
	if (!rc)
		sockstat_take_common(w);
	return rc;
}

/* What TCP and UDP have of memory, in pages: behind a pointer of theirs. */
static int sockstat_read_memory(struct sockstat_work *w, struct err *err)
{
	static const size_t which[] = {SOCKSTAT_TCP, SOCKSTAT_UDP};
	uint8_t bytes[2][8] = {{0}};
	struct space_read reads[2];
	size_t i;
	int rc;

	for (i = 0; i < 2; i++)
		reads[i] = (struct space_read){
			.root = &w->k->root,
			.va = records_u64(&w->protos, which[i],
					  FIELD_PROTO_MEMORY),
			.dst = bytes[i],
			.len = sizeof(bytes[i])};
	rc = space_read(w->k->machine, reads, 2, err);
	for (i = 0; i < 2 && !rc; i++) {
		int64_t pages = (int64_t)le64(bytes[i]);

		w->common->pages[which[i]] = pages > 0 ? pages : 0;
		w->common->torn |= reads[i].got < reads[i].len;
	}
	return rc;
}

/* TCP sockets without a process are counted per CPU (from 5.16 on). */
static bool sockstat_find_orphans(struct kernel *k, uint64_t *va)
{
	uint64_t start, end;

	return profile_symbol(k->profile, "tcp_orphan_count", va) &&
	       profile_symbol(k->profile, "__per_cpu_start", &start) &&
	       profile_symbol(k->profile, "__per_cpu_end", &end) &&
	       *va - start < end - start;
}

int sockstat_read(struct kernel *k, const struct sock_nets *nets,
		  struct sockstat_common *common, struct sockstat *out,
		  struct err *err)
{
	_cleanup_(sockstat_work_deinit) struct sockstat_work w = {
		.k = k, .nets = nets, .common = common, .out = out};
	uint64_t orphans;
	int rc;

	if (!sockstat_find_orphans(k, &orphans))
		return profile_unknown(k->profile,
				       "this kernel counts its sockets in no "
				       "way that qvmi knows "
				       "(tcp_orphan_count)",
				       err);
	rc = percpu_offsets(k, &w.cpus, &w.n_cpus, err);
	if (!rc && (!w.n_cpus || nets->n > SNMP_SHARES_MAX / w.n_cpus / SHARES))
		rc = err_set(err, ERR_REFUSED,
			     "numbers of sockets lie in more places than qvmi "
			     "reads");
	if (!rc)
		rc = sockstat_read_structs(&w, err);
	if (!rc)
		rc = sockstat_read_memory(&w, err);
	return rc ? rc : sockstat_read_shares(&w, orphans, err);
}
