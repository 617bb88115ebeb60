/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads IPv6 addresses: a hash table, then each with its interface. */
#include "kernel/net/inet6_addr.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/chain.h"
#include "kernel/limits.h"
#include "kernel/net/net_devices.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_TABLE = WANTS_OF(READER_INET6_ADDR),
	FIELD_ADDR_ADDR,
	FIELD_ADDR_PREFIX,
	FIELD_ADDR_FLAGS,
	FIELD_ADDR_SCOPE,
	FIELD_ADDR_IDEV,
	FIELD_ADDR_LINK,
	FIELD_IDEV_DEV,
	FIELD_DEV_IFINDEX,
	FIELD_DEV_NAME,
	FIELD_DEV_NET
};

static const struct want want_table[] = {
	FIELD(NET_TABLE, "net", OPTIONAL, "ipv6.inet6_addr_lst"), /* 5.18 */
	FIELD(ADDR_ADDR, "inet6_ifaddr", REQUIRED, "addr"),
	FIELD(ADDR_PREFIX, "inet6_ifaddr", REQUIRED, "prefix_len"),
	FIELD(ADDR_FLAGS, "inet6_ifaddr", REQUIRED, "flags"),
	FIELD(ADDR_SCOPE, "inet6_ifaddr", REQUIRED, "scope"),
	FIELD(ADDR_IDEV, "inet6_ifaddr", REQUIRED, "idev"),
	FIELD(ADDR_LINK, "inet6_ifaddr", REQUIRED, "addr_lst"),
	FIELD(IDEV_DEV, "inet6_dev", REQUIRED, "dev"),
	FIELD(DEV_IFINDEX, "net_device", REQUIRED, "ifindex"),
	FIELD(DEV_NAME, "net_device", REQUIRED, "name"),
	FIELD(DEV_NET, "net_device", REQUIRED, "nd_net.net"),
};

const struct wants inet6_addr_wants = {
	.reader = "IPv6 addresses", .v = want_table, .n = WANTS_N(want_table)};

#define BUCKETS 256 /* IN6_ADDR_HSIZE, include/net/addrconf.h */

struct inet6_walk {
	struct kernel *k;
	struct remarks *remarks;
	uint64_t *tables; /* of each namespace, each once */
	size_t n;
	uint64_t (*heads)[BUCKETS];
	struct chains chains;
	uint64_t *addrs; /* of each link: what it is in */
};

static void inet6_walk_deinit(struct inet6_walk *w)
{
	free(w->tables);
	free(w->heads);
	free(w->addrs);
	chains_deinit(&w->chains);
}

/* Where the tables are; up to 5.17 all namespaces share one. */
static int inet6_find_tables(struct inet6_walk *w, const struct sock_nets *nets,
			     struct err *err)
{
	static const uint32_t fields[] = {FIELD_NET_TABLE};
	_cleanup_(records_deinit) struct records r = {0};
	size_t i;
	int rc;

	w->tables = calloc(nets->n + 1, sizeof(*w->tables));
	w->heads = calloc(nets->n + 1, sizeof(*w->heads));
	if (!w->tables || !w->heads)
		return err_nomem(err);
	if (!profile_field(w->k->profile, FIELD_NET_TABLE)->present) {
		w->n = profile_symbol(w->k->profile, "inet6_addr_lst",
				      w->tables);
		return w->n ? 0
			    : profile_unknown(w->k->profile,
					      "this kernel keeps its IPv6 "
					      "addresses in no way that qvmi "
					      "knows (inet6_addr_lst)",
					      err);
	}
	rc = records_read(w->k, nets->v, nets->n, fields, 1, &r, err);
	if (!rc)
		sock_nets_remark(nets, r.ok, w->remarks);
	for (i = 0; i < nets->n && !rc; i++)
		if (records_u64(&r, i, FIELD_NET_TABLE))
			w->tables[w->n++] = records_u64(&r, i, FIELD_NET_TABLE);
	return rc;
}

static int inet6_read_chains(struct inet6_walk *w, struct err *err)
{
	const struct chain_kind kind = CHAIN_OF_LINKS(INET6_ADDRS_MAX);
	_cleanup_free_ struct space_read *reads =
		calloc(w->n + 1, sizeof(*reads));
	_cleanup_free_ uint64_t *firsts =
		calloc(w->n * BUCKETS + 1, sizeof(*firsts));
	size_t i, j;
	int rc;

	if (!reads || !firsts)
		return err_nomem(err);
	for (i = 0; i < w->n; i++)
		reads[i] = (struct space_read){.root = &w->k->root,
					       .va = w->tables[i],
					       .dst = w->heads[i],
					       .len = sizeof(w->heads[i])};
	rc = space_read(w->k->machine, reads, w->n, err);
	for (i = 0; i < w->n && !rc; i++) {
		if (reads[i].got < reads[i].len)
			remarks_add(w->remarks,
				    "a table of addresses cannot be read, at "
				    "0x%" PRIx64,
				    w->tables[i]);
		for (j = 0; j < reads[i].got / 8; j++)
			firsts[i * BUCKETS + j] = le64(&w->heads[i][j]);
	}
	if (!rc)
		rc = chains_read(w->k, firsts, w->n * BUCKETS, &kind,
				 &w->chains, err);
	chains_remark(&w->chains, "addresses", w->remarks);
	return rc;
}

static struct inet6_addr inet6_take(const struct records *a,
				    const struct records *d, size_t i)
{
	struct inet6_addr out = {
		.net = records_u64(d, i, FIELD_DEV_NET),
		.ifindex = (uint32_t)records_u64(d, i, FIELD_DEV_IFINDEX),
		.prefix_len = (uint32_t)records_u64(a, i, FIELD_ADDR_PREFIX),
		.scope = (uint16_t)records_u64(a, i, FIELD_ADDR_SCOPE),
		.flags = (uint32_t)records_u64(a, i, FIELD_ADDR_FLAGS),
	};
	const uint8_t *addr = records_bytes(a, i, FIELD_ADDR_ADDR);

	if (addr && records_size(a, FIELD_ADDR_ADDR) == sizeof(out.addr))
		memcpy(out.addr, addr, sizeof(out.addr));
	net_device_name(d, i, FIELD_DEV_NAME, out.dev);
	return out;
}

/* Each address, its inet6_dev, and that one's net_device. */
static int inet6_read_all(struct inet6_walk *w, struct inet6_addrs *out,
			  struct err *err)
{
	static const uint32_t addr[] = {FIELD_ADDR_ADDR, FIELD_ADDR_PREFIX,
					FIELD_ADDR_FLAGS, FIELD_ADDR_SCOPE,
					FIELD_ADDR_IDEV};
	static const uint32_t idev[] = {FIELD_IDEV_DEV};
	static const uint32_t dev[] = {FIELD_DEV_IFINDEX, FIELD_DEV_NAME,
				       FIELD_DEV_NET};
	uint32_t link = profile_field(w->k->profile, FIELD_ADDR_LINK)->offset;
	_cleanup_(records_deinit) struct records a = {0}, i6 = {0}, d = {0};
	size_t i, n = w->chains.links.n;
	int rc;

	w->addrs = calloc(n + 1, sizeof(*w->addrs));
	if (!w->addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		w->addrs[i] = w->chains.links.v[i].at - link;
	rc = records_read(w->k, w->addrs, n, addr, 5, &a, err);
	for (i = 0; i < n && !rc; i++)
		w->addrs[i] = records_u64(&a, i, FIELD_ADDR_IDEV);
	if (!rc)
		rc = records_read(w->k, w->addrs, n, idev, 1, &i6, err);
	for (i = 0; i < n && !rc; i++)
		w->addrs[i] = records_u64(&i6, i, FIELD_IDEV_DEV);
	if (!rc)
		rc = records_read(w->k, w->addrs, n, dev, 3, &d, err);
	for (i = 0; i < n && !rc; i++) {
		if (!a.ok[i] || !i6.ok[i] || !d.ok[i])
			remarks_add(w->remarks,
				    "an address cannot be read, at 0x%" PRIx64,
				    w->chains.links.v[i].at - link);
		else if (vec_push(&out->v, inet6_take(&a, &d, i)))
			rc = err_nomem(err);
	}
	return rc;
}

int inet6_addrs_read(struct kernel *k, const struct sock_nets *nets,
		     struct inet6_addrs *out, struct remarks *remarks,
		     struct err *err)
{
	_cleanup_(inet6_walk_deinit) struct inet6_walk w = {.k = k,
							    .remarks = remarks};
	int rc;

	*out = (struct inet6_addrs){0};
	rc = inet6_find_tables(&w, nets, err);
	if (!rc)
		rc = inet6_read_chains(&w, err);
	return rc ? rc : inet6_read_all(&w, out, err);
}

void inet6_addrs_deinit(struct inet6_addrs *a)
{
	vec_deinit(&a->v);
}
