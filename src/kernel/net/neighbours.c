/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the hash table of ARP, and the addresses that are answered for. */
#include "kernel/net/neighbours.h"

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
	FIELD_TABLE_HASH = WANTS_OF(READER_NEIGHBOURS),
	FIELD_TABLE_PROXIES,
	FIELD_HASH_BUCKETS,
	FIELD_HASH_SHIFT,
	FIELD_NEIGH_LINK,
	FIELD_NEIGH_NEXT,
	FIELD_NEIGH_STATE,
	FIELD_NEIGH_ADDRESS,
	FIELD_NEIGH_DEV,
	FIELD_NEIGH_KEY,
	FIELD_PROXY_NEXT,
	FIELD_PROXY_NET,
	FIELD_PROXY_DEV,
	FIELD_PROXY_KEY,
	FIELD_DEV_NAME,
	FIELD_DEV_NET,
	FIELD_DEV_TYPE,
	FIELD_DEV_LEN
};

static const struct want want_table[] = {
	FIELD(TABLE_HASH, "neigh_table", REQUIRED, "nht"),
	FIELD(TABLE_PROXIES, "neigh_table", REQUIRED, "phash_buckets"),
	FIELD(HASH_BUCKETS, "neigh_hash_table", REQUIRED,
	      "hash_heads|hash_buckets"), /* 6.13 */
	FIELD(HASH_SHIFT, "neigh_hash_table", REQUIRED, "hash_shift"),
	FIELD(NEIGH_LINK, "neighbour", OPTIONAL, "hash"), /* 6.13 */
	FIELD(NEIGH_NEXT, "neighbour", OPTIONAL, "next"),
	FIELD(NEIGH_STATE, "neighbour", REQUIRED, "nud_state"),
	FIELD(NEIGH_ADDRESS, "neighbour", REQUIRED, "ha"),
	FIELD(NEIGH_DEV, "neighbour", REQUIRED, "dev"),
	FIELD(NEIGH_KEY, "neighbour", REQUIRED, "primary_key"),
	FIELD(PROXY_NEXT, "pneigh_entry", REQUIRED, "next"),
	FIELD(PROXY_NET, "pneigh_entry", REQUIRED, "net.net"),
	FIELD(PROXY_DEV, "pneigh_entry", REQUIRED, "dev"),
	FIELD(PROXY_KEY, "pneigh_entry", REQUIRED, "key"),
	FIELD(DEV_NAME, "net_device", REQUIRED, "name"),
	FIELD(DEV_NET, "net_device", REQUIRED, "nd_net.net"),
	FIELD(DEV_TYPE, "net_device", REQUIRED, "type"),
	FIELD(DEV_LEN, "net_device", REQUIRED, "addr_len"),
};

const struct wants neighbours_wants = {
	.reader = "neighbours", .v = want_table, .n = WANTS_N(want_table)};

#define PROXY_BUCKETS 16u /* PNEIGH_HASHMASK, net/core/neighbour.c */
#define SHIFT_MAX     20u

struct neighbours_work {
	struct kernel *k;
	struct remarks *remarks;
	struct neighbours *out;
	uint64_t buckets, proxies;
	size_t n_buckets;
	uint64_t *firsts;	/* of chains of the table, then of proxies */
	struct chains chains;	/* of the table */
	struct chains proxied;	/* of proxies */
	struct records v, devs; /* of one kind, then of the other */
	struct space_read *reads;
	uint8_t (*keys)[4];
};

static void neighbours_work_deinit(struct neighbours_work *w)
{
	free(w->firsts);
	chains_deinit(&w->chains);
	chains_deinit(&w->proxied);
	records_deinit(&w->v);
	records_deinit(&w->devs);
	free(w->reads);
	free(w->keys);
}

/* Where the buckets are. */
static int neighbours_find(struct neighbours_work *w, struct err *err)
{
	static const uint32_t table[] = {FIELD_TABLE_HASH, FIELD_TABLE_PROXIES};
	static const uint32_t hash[] = {FIELD_HASH_BUCKETS, FIELD_HASH_SHIFT};
	_cleanup_(records_deinit) struct records t = {0}, h = {0};
	uint64_t at, hash_at = 0, shift;
	int rc;

	if (!profile_symbol(w->k->profile, "arp_tbl", &at))
		return profile_unknown(w->k->profile,
				       "this kernel keeps its neighbours in "
				       "no way that qvmi knows (arp_tbl)",
				       err);
	rc = records_read(w->k, &at, 1, table, 2, &t, err);
	if (!rc)
		hash_at = records_u64(&t, 0, FIELD_TABLE_HASH);
	if (!rc)
		rc = records_read(w->k, &hash_at, 1, hash, 2, &h, err);
	if (rc)
		return rc;
	w->proxies = records_u64(&t, 0, FIELD_TABLE_PROXIES);
	w->buckets = records_u64(&h, 0, FIELD_HASH_BUCKETS);
	shift = records_u64(&h, 0, FIELD_HASH_SHIFT);
	if (!h.ok[0] || shift > SHIFT_MAX)
		remarks_add(w->remarks,
			    "the table of ARP cannot be read, at 0x%" PRIx64,
			    hash_at);
	else
		w->n_buckets = (size_t)1 << shift;
	return 0;
}

static int neighbours_read_buckets(struct neighbours_work *w, struct err *err)
{
	struct space_read reads[2];
	size_t i, n = w->n_buckets + PROXY_BUCKETS;
	int rc;

	w->firsts = calloc(n, sizeof(*w->firsts));
	if (!w->firsts)
		return err_nomem(err);
	reads[0] = (struct space_read){.root = &w->k->root,
				       .va = w->buckets,
				       .dst = w->firsts,
				       .len = w->n_buckets * 8};
	reads[1] = (struct space_read){.root = &w->k->root,
				       .va = w->proxies,
				       .dst = w->firsts + w->n_buckets,
				       .len = PROXY_BUCKETS * 8};
	rc = space_read(w->k->machine, reads, 2, err);
	for (i = 0; i < 2 && !rc; i++)
		if (reads[i].got < reads[i].len)
			remarks_add(w->remarks,
				    "the table of ARP cannot be read, at "
				    "0x%" PRIx64,
				    reads[i].va + reads[i].got);
	for (i = 0; i < n; i++)
		w->firsts[i] = le64(&w->firsts[i]);
	return rc;
}

static int neighbours_follow(struct neighbours_work *w, struct err *err)
{
	const struct profile_field *link =
		profile_field(w->k->profile, FIELD_NEIGH_LINK);
	struct chain_kind kind = {
		.next = profile_field(w->k->profile, link->present
							     ? FIELD_NEIGH_LINK
							     : FIELD_NEIGH_NEXT)
				->offset,
		.inside = link->present,
		.most = NEIGHBOURS_MAX};
	struct chain_kind proxy = {
		.next = profile_field(w->k->profile, FIELD_PROXY_NEXT)->offset,
		.most = NEIGHBOURS_MAX};
	int rc = chains_read(w->k, w->firsts, w->n_buckets, &kind, &w->chains,
			     err);

	if (!rc)
		rc = chains_read(w->k, w->firsts + w->n_buckets, PROXY_BUCKETS,
				 &proxy, &w->proxied, err);
	chains_remark(&w->chains, "neighbours", w->remarks);
	chains_remark(&w->proxied, "neighbours", w->remarks);
	return rc;
}

/* What is in each of a kind: members, and the device that these lead to. */
static int neighbours_read_kind(struct neighbours_work *w, bool proxies,
				struct err *err)
{
	static const uint32_t neigh[] = {FIELD_NEIGH_STATE, FIELD_NEIGH_ADDRESS,
					 FIELD_NEIGH_DEV};
	static const uint32_t proxy[] = {FIELD_PROXY_NET, FIELD_PROXY_DEV};
	static const uint32_t dev[] = {FIELD_DEV_NAME, FIELD_DEV_NET,
				       FIELD_DEV_TYPE, FIELD_DEV_LEN};
	const struct chains *c = proxies ? &w->proxied : &w->chains;
	size_t i, n = c->links.n;
	uint32_t key = profile_field(w->k->profile, proxies ? FIELD_PROXY_KEY
							    : FIELD_NEIGH_KEY)
			       ->offset;
	_cleanup_free_ uint64_t *addrs = calloc(n + 1, sizeof(*addrs));
	int rc;

	records_deinit(&w->v);
	records_deinit(&w->devs);
	free(w->reads);
	free(w->keys);
	w->reads = calloc(n + 1, sizeof(*w->reads));
	w->keys = calloc(n + 1, sizeof(*w->keys));
	if (!addrs || !w->reads || !w->keys)
		return err_nomem(err);
	for (i = 0; i < n; i++) {
		addrs[i] = c->links.v[i].at;
		w->reads[i] = (struct space_read){.root = &w->k->root,
						  .va = addrs[i] + key,
						  .dst = w->keys[i],
						  .len = 4};
	}
	rc = proxies ? records_read(w->k, addrs, n, proxy, 2, &w->v, err)
		     : records_read(w->k, addrs, n, neigh, 3, &w->v, err);
	if (!rc)
		rc = space_read(w->k->machine, w->reads, n, err);
	for (i = 0; i < n && !rc; i++)
		addrs[i] = records_u64(
			&w->v, i, proxies ? FIELD_PROXY_DEV : FIELD_NEIGH_DEV);
	return rc ? rc : records_read(w->k, addrs, n, dev, 4, &w->devs, err);
}

static void neighbours_take_dev(const struct neighbours_work *w, size_t i,
				struct neighbour *out)
{
	out->type = (uint16_t)records_u64(&w->devs, i, FIELD_DEV_TYPE);
	out->hardware_len = (uint8_t)records_u64(&w->devs, i, FIELD_DEV_LEN);
	net_device_name(&w->devs, i, FIELD_DEV_NAME, out->dev);
}

static struct neighbour neighbours_take(const struct neighbours_work *w,
					bool is_proxy, size_t i)
{
	const uint8_t *hardware =
		is_proxy ? NULL : records_bytes(&w->v, i, FIELD_NEIGH_ADDRESS);
	struct neighbour out = {
		.is_proxy = is_proxy,
		.net = is_proxy ? records_u64(&w->v, i, FIELD_PROXY_NET)
				: records_u64(&w->devs, i, FIELD_DEV_NET),
		.state = is_proxy ? 0
				  : (uint8_t)records_u64(&w->v, i,
							 FIELD_NEIGH_STATE)};

	memcpy(out.addr, w->keys[i], sizeof(out.addr));
	if (hardware &&
	    records_size(&w->v, FIELD_NEIGH_ADDRESS) == sizeof(out.hardware))
		memcpy(out.hardware, hardware, sizeof(out.hardware));
	neighbours_take_dev(w, i, &out);
	return out;
}

static int neighbours_add(struct neighbours_work *w, bool proxies,
			  struct err *err)
{
	const struct chains *c = proxies ? &w->proxied : &w->chains;
	size_t i;
	int rc = neighbours_read_kind(w, proxies, err);

	for (i = 0; i < w->v.n && !rc; i++) {
		bool has_dev =
			!proxies || records_u64(&w->v, i, FIELD_PROXY_DEV);

		if (!w->v.ok[i] || (has_dev && !w->devs.ok[i]) ||
		    w->reads[i].got < w->reads[i].len)
			remarks_add(w->remarks,
				    "a neighbour cannot be read, at "
				    "0x%" PRIx64,
				    c->links.v[i].at);
		else if (vec_push(&w->out->v, neighbours_take(w, proxies, i)))
			rc = err_nomem(err);
	}
	return rc;
}

int neighbours_read(struct kernel *k, struct neighbours *out,
		    struct remarks *remarks, struct err *err)
{
	_cleanup_(neighbours_work_deinit) struct neighbours_work w = {
		.k = k, .remarks = remarks, .out = out};
	int rc;

	*out = (struct neighbours){0};
	rc = profile_check_reader(k->profile, READER_NEIGHBOURS, err);
	if (!rc && !profile_field(k->profile, FIELD_NEIGH_LINK)->present &&
	    !profile_field(k->profile, FIELD_NEIGH_NEXT)->present)
		rc = err_set(err, ERR_NO_LINUX,
			     "the kernel's types do not tell how neighbours "
			     "are linked");
	if (!rc)
		rc = neighbours_find(&w, err);
	if (!rc)
		rc = neighbours_read_buckets(&w, err);
	if (!rc)
		rc = neighbours_follow(&w, err);
	if (!rc)
		rc = neighbours_add(&w, false, err);
	return rc ? rc : neighbours_add(&w, true, err);
}

void neighbours_deinit(struct neighbours *n)
{
	vec_deinit(&n->v);
}
