/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads hash tables of sockets: where they are, their buckets, their chains. */
#include "kernel/net/sock_table.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/chain.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/net/sock_buckets.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_HASHINFO = WANTS_OF(READER_SOCK_TABLE),
	FIELD_NET_UDP,
	FIELD_NET_UNIX,
	FIELD_NET_PACKET,
	FIELD_HASHINFO_EHASH,
	FIELD_HASHINFO_EHASH_MASK,
	FIELD_HASHINFO_LHASH,
	FIELD_HASHINFO_LHASH_MASK,
	FIELD_HASHINFO_LISTENING,
	FIELD_LISTEN_FIRST,
	FIELD_UDP_HASH,
	FIELD_UDP_MASK,
	FIELD_HSLOT_FIRST,
	FIELD_RAW_TABLE,
	FIELD_SOCK_NODE,
	STRUCT_EHASH,
	STRUCT_LISTEN,
	STRUCT_HSLOT
};

static const struct want want_table[] = {
	FIELD(NET_HASHINFO, "net", OPTIONAL, "ipv4.tcp_death_row.hashinfo"),
	FIELD(NET_UDP, "net", OPTIONAL, "ipv4.udp_table"),     /* 6.2 */
	FIELD(NET_UNIX, "net", OPTIONAL, "unx.table.buckets"), /* 6.0 */
	FIELD(NET_PACKET, "net", OPTIONAL, "packet.sklist"),
	FIELD(HASHINFO_EHASH, "inet_hashinfo", OPTIONAL, "ehash"),
	FIELD(HASHINFO_EHASH_MASK, "inet_hashinfo", OPTIONAL, "ehash_mask"),
	FIELD(HASHINFO_LHASH, "inet_hashinfo", OPTIONAL, "lhash2"),
	FIELD(HASHINFO_LHASH_MASK, "inet_hashinfo", OPTIONAL, "lhash2_mask"),
	FIELD(HASHINFO_LISTENING, "inet_hashinfo", OPTIONAL,
	      "listening_hash"), /* up to 5.18 */
	FIELD(LISTEN_FIRST, "inet_listen_hashbucket", OPTIONAL,
	      "nulls_head.first"),
	FIELD(UDP_HASH, "udp_table", OPTIONAL, "hash"),
	FIELD(UDP_MASK, "udp_table", OPTIONAL, "mask"),
	FIELD(HSLOT_FIRST, "udp_hslot", OPTIONAL, "head.first"),
	FIELD(RAW_TABLE, "raw_hashinfo", OPTIONAL, "ht"),
	FIELD(SOCK_NODE, "sock_common", REQUIRED, "skc_node"),
	STRUCT(EHASH, "inet_ehash_bucket", OPTIONAL),
	STRUCT(LISTEN, "inet_listen_hashbucket", OPTIONAL),
	STRUCT(HSLOT, "udp_hslot", OPTIONAL),
};

const struct wants sock_table_wants = {.reader = "tables of sockets",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

/* Of Unix sockets (include/net/af_unix.h, net/unix/af_unix.c). */
#define UNIX_BUCKETS 512

/* Of one bucket: a lock and a list, with room for debugging. */
#define BUCKET_MAX 256u

static void sock_tables_deinit(struct sock_tables *t)
{
	size_t i;

	for (i = 0; i < t->v.n; i++)
		free(t->v.v[i].bytes);
	vec_deinit(&t->v);
	map_deinit(&t->bases);
}

int sock_buckets_add(struct sock_tables *t, struct buckets b)
{
	if (!(t->which & 1u << b.table) || !b.base || !b.n || b.stride < 8 ||
	    b.stride > BUCKET_MAX || b.first > b.stride - 8 ||
	    map_get(&t->bases, b.base, NULL))
		return 0;
	if (b.n > SOCK_BUCKETS_MAX - t->n_buckets) {
		remarks_add(t->remarks,
			    "a table has more buckets than qvmi reads, at "
			    "0x%" PRIx64,
			    b.base);
		return 0;
	}
	t->n_buckets += b.n;
	if (map_put(&t->bases, b.base, t->v.n))
		return ERR_NOMEM;
	return vec_push(&t->v, b);
}

static int sock_tables_add_tcp(struct sock_tables *t, const struct records *r,
			       size_t i, uint64_t at)
{
	struct kernel *k = t->k;
	const struct profile_field *own =
		profile_field(k->profile, FIELD_HASHINFO_LISTENING);
	struct buckets listen = {
		.table = SOCK_TABLE_LISTEN,
		.base = records_u64(r, i, FIELD_HASHINFO_LHASH),
		.n = records_u64(r, i, FIELD_HASHINFO_LHASH_MASK) + 1,
		.stride = profile_sizeof(k->profile, STRUCT_LISTEN),
		.first = profile_field(k->profile, FIELD_LISTEN_FIRST)->offset,
	};
	struct buckets all = {
		.table = SOCK_TABLE_TCP,
		.base = records_u64(r, i, FIELD_HASHINFO_EHASH),
		.n = records_u64(r, i, FIELD_HASHINFO_EHASH_MASK) + 1,
		.stride = profile_sizeof(k->profile, STRUCT_EHASH),
	};

	if (own->present && listen.stride) {
		listen.base = at + own->offset;
		listen.n = own->size / listen.stride;
	}
	return sock_buckets_add(t, listen) || sock_buckets_add(t, all)
		       ? ERR_NOMEM
		       : 0;
}

static int sock_tables_add_udp(struct sock_tables *t, const struct records *r,
			       size_t i)
{
	struct kernel *k = t->k;

	return sock_buckets_add(
		t, (struct buckets){
			   .table = SOCK_TABLE_UDP,
			   .base = records_u64(r, i, FIELD_UDP_HASH),
			   .n = records_u64(r, i, FIELD_UDP_MASK) + 1,
			   .stride = profile_sizeof(k->profile, STRUCT_HSLOT),
			   .first = profile_field(k->profile, FIELD_HSLOT_FIRST)
					    ->offset,
		   });
}

/* Those that are variables of the kernel's. */
static int sock_tables_add_symbols(struct sock_tables *t)
{
	const struct profile_field *raw =
		profile_field(t->k->profile, FIELD_RAW_TABLE);
	struct {
		const char *symbol;
		struct buckets b;
	} tables[] = {
		{"raw_v4_hashinfo",
		 {.table = SOCK_TABLE_RAW, .base = raw->offset}},
		{"raw_v6_hashinfo",
		 {.table = SOCK_TABLE_RAW6, .base = raw->offset}},
		{"unix_socket_table", /* up to 5.19 */
		 {.table = SOCK_TABLE_UNIX}},
	};
	uint64_t va;
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof(tables) / sizeof(tables[0]) && !rc; i++) {
		struct buckets *b = &tables[i].b;

		if (!profile_symbol(t->k->profile, tables[i].symbol, &va))
			continue;
		b->base += va;
		b->stride = 8;
		b->n = b->table == SOCK_TABLE_UNIX ? UNIX_BUCKETS
						   : raw->size / 8;
		rc = sock_buckets_add(t, *b);
	}
	return rc;
}

/* A variable's address for namespaces that do not tell of a table. */
static void sock_tables_of(struct kernel *k, const struct records *r,
			   uint32_t field, const char *symbol, uint64_t *out)
{
	uint64_t shared = 0;
	size_t i;

	profile_symbol(k->profile, symbol, &shared);
	for (i = 0; i < r->n; i++) {
		out[i] = records_u64(r, i, field);
		if (!out[i])
			out[i] = shared;
	}
}

/* What the namespaces tell of. */
static int sock_tables_add_nets(struct sock_tables *t, const uint64_t *addrs,
				const struct records *nets, struct err *err)
{
	const struct profile_field *packet =
		profile_field(t->k->profile, FIELD_NET_PACKET);
	static const uint32_t tcp[] = {
		FIELD_HASHINFO_EHASH, FIELD_HASHINFO_EHASH_MASK,
		FIELD_HASHINFO_LHASH, FIELD_HASHINFO_LHASH_MASK};
	static const uint32_t udp[] = {FIELD_UDP_HASH, FIELD_UDP_MASK};
	size_t i, n = nets->n;
	_cleanup_free_ uint64_t *at = calloc(2 * n + 1, sizeof(*at));
	struct records_want wants[] = {{at, n, tcp, 4}, {at + n, n, udp, 2}};
	struct records r[2];
	int rc;

	if (!at)
		return err_nomem(err);
	sock_tables_of(t->k, nets, FIELD_NET_HASHINFO, "tcp_hashinfo", at);
	sock_tables_of(t->k, nets, FIELD_NET_UDP, "udp_table", at + n);
	rc = records_read_all(t->k, wants, 2, r, err);
	for (i = 0; i < n && !rc; i++) {
		const struct buckets local = {
			.table = SOCK_TABLE_UNIX,
			.base = records_u64(nets, i, FIELD_NET_UNIX),
			.n = UNIX_BUCKETS,
			.stride = 8};
		const struct buckets one = {
			.table = SOCK_TABLE_PACKET,
			.base = packet->present ? addrs[i] + packet->offset : 0,
			.n = 1,
			.stride = 8};

		if ((r[0].ok[i] && sock_tables_add_tcp(t, &r[0], i, at[i])) ||
		    (r[1].ok[i] && sock_tables_add_udp(t, &r[1], i)) ||
		    sock_buckets_add(t, local) || sock_buckets_add(t, one))
			rc = err_nomem(err);
	}
	records_deinit(&r[0]);
	records_deinit(&r[1]);
	return rc;
}

static int sock_tables_read_buckets(struct sock_tables *t, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(t->v.n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < t->v.n; i++) {
		struct buckets *b = &t->v.v[i];

		b->bytes = calloc(b->n + 1, b->stride);
		if (!b->bytes)
			return err_nomem(err);
		reads[i] = (struct space_read){.root = &t->k->root,
					       .va = b->base,
					       .dst = b->bytes,
					       .len = b->n * b->stride};
	}
	rc = space_read(t->k->machine, reads, t->v.n, err);
	for (i = 0; i < t->v.n && !rc; i++) {
		struct buckets *b = &t->v.v[i];

		if (reads[i].got == reads[i].len)
			continue;
		remarks_add(t->remarks,
			    "a table of sockets cannot be read, at 0x%" PRIx64,
			    b->base + reads[i].got);
		b->n = reads[i].got / b->stride;
	}
	return rc;
}

/* Where chains begin: in which bucket of which table. */
struct chain_starts {
	VEC(struct sock_at) at;
	VEC(uint64_t) firsts;
};

static void chain_starts_deinit(struct chain_starts *s)
{
	vec_deinit(&s->at);
	vec_deinit(&s->firsts);
}

static int sock_tables_find_chains(const struct sock_tables *t,
				   struct chain_starts *out)
{
	enum sock_table table;
	size_t i;
	uint64_t j;

	for (table = 0; table < SOCK_TABLES; table++)
		for (i = 0; i < t->v.n; i++) {
			const struct buckets *b = &t->v.v[i];

			for (j = 0; b->table == table && j < b->n; j++) {
				uint64_t first = le64(b->bytes + j * b->stride +
						      b->first);

				if (b->locks)
					first &= ~1ULL;
				if (!first || first & 1)
					continue;
				if (vec_push(&out->at,
					     {b->node, table, (uint32_t)j}) ||
				    vec_push(&out->firsts, first))
					return ERR_NOMEM;
			}
		}
	return 0;
}

static int sock_tables_follow(struct sock_tables *t, struct socks_at *out,
			      struct err *err)
{
	uint32_t node = profile_field(t->k->profile, FIELD_SOCK_NODE)->offset;
	const struct chain_kind kind = CHAIN_OF_LINKS(SOCKS_MAX);
	_cleanup_(chain_starts_deinit) struct chain_starts starts = {0};
	_cleanup_(chains_deinit) struct chains chains = {0};
	size_t i;
	int rc;

	if (sock_tables_find_chains(t, &starts))
		return err_nomem(err);
	rc = chains_read(t->k, starts.firsts.v, starts.firsts.n, &kind, &chains,
			 err);
	for (i = 0; i < chains.links.n && !rc; i++) {
		const struct chain_link *l = &chains.links.v[i];
		struct sock_at s = starts.at.v[l->of];

		s.addr = l->at - (s.addr ? s.addr : node);
		if (vec_push(&out->v, s))
			rc = err_nomem(err);
	}
	chains_remark(&chains, "sockets", t->remarks);
	return rc;
}

void sock_nets_remark(const struct sock_nets *nets, const bool *ok,
		      struct remarks *remarks)
{
	size_t i;

	for (i = 0; i < nets->n; i++)
		if (!ok[i])
			remarks_add(remarks,
				    "a network namespace cannot be read, at "
				    "0x%" PRIx64,
				    nets->v[i]);
}

int sock_nets_map(const struct sock_nets *nets, struct map *out)
{
	size_t i;

	for (i = 0; i < nets->n; i++)
		if (map_put(out, nets->v[i], i))
			return ERR_NOMEM;
	return 0;
}

int sock_tables_read(struct kernel *k, const struct sock_nets *nets,
		     unsigned int which, struct socks_at *out,
		     struct remarks *remarks, struct err *err)
{
	static const uint32_t fields[] = {FIELD_NET_HASHINFO, FIELD_NET_UDP,
					  FIELD_NET_UNIX};
	_cleanup_(sock_tables_deinit) struct sock_tables t = {
		.k = k, .remarks = remarks, .which = which};
	_cleanup_(records_deinit) struct records r = {0};
	int rc;

	*out = (struct socks_at){0};
	rc = records_read(k, nets->v, nets->n, fields, 3, &r, err);
	if (!rc) {
		sock_nets_remark(nets, r.ok, remarks);
		rc = sock_tables_add_nets(&t, nets->v, &r, err);
	}
	if (!rc && sock_tables_add_symbols(&t))
		rc = err_nomem(err);
	if (!rc && which & 1u << SOCK_TABLE_NETLINK)
		rc = sock_netlink_add(&t, err);
	if (!rc)
		rc = sock_tables_read_buckets(&t, err);
	return rc ? rc : sock_tables_follow(&t, out, err);
}

void socks_at_deinit(struct socks_at *s)
{
	vec_deinit(&s->v);
}
