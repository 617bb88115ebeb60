/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads IPv4 routes: leaves of tries, and what hangs on each. */
#include "kernel/net/route.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/chain.h"
#include "kernel/net/fib_trie.h"
#include "kernel/net/net_devices.h"
#include "kernel/limits.h"
#include "kernel/readers.h"
#include "kernel/records.h"

/* What is wanted of the types. */
enum {
	FIELD_NET_MAIN = WANTS_OF(READER_ROUTE),
	FIELD_TABLE_ID,
	FIELD_TABLE_DATA,
	FIELD_ALIAS_LINK,
	FIELD_ALIAS_INFO,
	FIELD_ALIAS_TYPE,
	FIELD_ALIAS_SLEN,
	FIELD_ALIAS_TABLE,
	FIELD_INFO_PRIORITY,
	FIELD_INFO_METRICS,
	FIELD_INFO_OBJECT,
	FIELD_INFO_HOPS,
	FIELD_HOP_DEV,
	FIELD_HOP_FAMILY,
	FIELD_HOP_GATEWAY,
	FIELD_METRICS,
	FIELD_DEV_NAME
};

static const struct want want_table[] = {
	FIELD(NET_MAIN, "net", REQUIRED, "ipv4.fib_main"),
	FIELD(TABLE_ID, "fib_table", REQUIRED, "tb_id"),
	FIELD(TABLE_DATA, "fib_table", REQUIRED, "tb_data"),
	FIELD(ALIAS_LINK, "fib_alias", REQUIRED, "fa_list"),
	FIELD(ALIAS_INFO, "fib_alias", REQUIRED, "fa_info"),
	FIELD(ALIAS_TYPE, "fib_alias", REQUIRED, "fa_type"),
	FIELD(ALIAS_SLEN, "fib_alias", REQUIRED, "fa_slen"),
	FIELD(ALIAS_TABLE, "fib_alias", REQUIRED, "tb_id"),
	FIELD(INFO_PRIORITY, "fib_info", REQUIRED, "fib_priority"),
	FIELD(INFO_METRICS, "fib_info", REQUIRED, "fib_metrics"),
	FIELD(INFO_OBJECT, "fib_info", OPTIONAL, "nh"), /* 5.3 */
	FIELD(INFO_HOPS, "fib_info", REQUIRED, "fib_nh"),
	FIELD(HOP_DEV, "fib_nh", REQUIRED, "nh_common.nhc_dev"), /* 5.2 */
	FIELD(HOP_FAMILY, "fib_nh", REQUIRED, "nh_common.nhc_gw_family"),
	FIELD(HOP_GATEWAY, "fib_nh", REQUIRED, "nh_common.nhc_gw"),
	FIELD(METRICS, "dst_metrics", REQUIRED, "metrics"),
	FIELD(DEV_NAME, "net_device", REQUIRED, "name"),
};

const struct wants route_wants = {
	.reader = "routes", .v = want_table, .n = WANTS_N(want_table)};

/* Places in dst_metrics.metrics, include/uapi/linux/rtnetlink.h. */
enum {
	METRIC_WINDOW = 2,
	METRIC_RTT = 3,
	METRIC_ADVMSS = 7
};

#define FAMILY_INET 2

struct route_work {
	struct kernel *k;
	struct remarks *remarks;
	struct fib_leaves leaves;
	struct chains chains; /* aliases of each leaf */
	uint64_t *addrs;
	uint32_t *ids; /* of each table */
	struct records aliases, infos, hops, metrics, devs;
};

static void route_work_deinit(struct route_work *w)
{
	fib_leaves_deinit(&w->leaves);
	chains_deinit(&w->chains);
	free(w->addrs);
	free(w->ids);
	records_deinit(&w->aliases);
	records_deinit(&w->infos);
	records_deinit(&w->hops);
	records_deinit(&w->metrics);
	records_deinit(&w->devs);
}

/* The leaves of all main tables, and the chains on them. */
static int route_read_chains(struct route_work *w, const struct sock_nets *nets,
			     struct routes *out, struct err *err)
{
	const struct chain_kind kind = CHAIN_OF_LINKS(ROUTES_MAX);
	static const uint32_t main_table[] = {FIELD_NET_MAIN};
	static const uint32_t table[] = {FIELD_TABLE_ID, FIELD_TABLE_DATA};
	_cleanup_(records_deinit) struct records n = {0}, t = {0};
	_cleanup_free_ uint64_t *at = calloc(nets->n + 1, sizeof(*at));
	_cleanup_free_ uint64_t *firsts = NULL;
	size_t i;
	int rc;

	w->ids = calloc(nets->n + 1, sizeof(*w->ids));
	if (!at || !w->ids)
		return err_nomem(err);
	rc = records_read(w->k, nets->v, nets->n, main_table, 1, &n, err);
	if (!rc)
		sock_nets_remark(nets, n.ok, w->remarks);
	for (i = 0; i < nets->n && !rc; i++) {
		at[i] = records_u64(&n, i, FIELD_NET_MAIN);
		out[i].has_table = at[i];
	}
	if (!rc)
		rc = records_read(w->k, at, nets->n, table, 2, &t, err);
	for (i = 0; i < nets->n && !rc; i++) {
		if (at[i] && !t.ok[i])
			remarks_add(w->remarks,
				    "a table of routes cannot be read, at "
				    "0x%" PRIx64,
				    at[i]);
		w->ids[i] = (uint32_t)records_u64(&t, i, FIELD_TABLE_ID);
		at[i] = records_u64(&t, i, FIELD_TABLE_DATA);
	}
	if (!rc)
		rc = fib_leaves_read(w->k, at, nets->n, &w->leaves, w->remarks,
				     err);
	firsts = calloc(w->leaves.v.n + 1, sizeof(*firsts));
	if (!rc && !firsts)
		rc = err_nomem(err);
	for (i = 0; i < w->leaves.v.n && !rc; i++)
		firsts[i] = w->leaves.v.v[i].first;
	return rc ? rc
		  : chains_read(w->k, firsts, w->leaves.v.n, &kind, &w->chains,
				err);
}

/* Read some members of what a member of others leads to; 0: it leads nowhere.
 */
static int route_follow(struct route_work *w, const struct records *from,
			uint32_t field, const struct records_want *want,
			struct records *out, struct err *err)
{
	size_t i, n = w->chains.links.n;

	for (i = 0; from && i < n; i++)
		w->addrs[i] = records_u64(from, i, field);
	return records_read(w->k, w->addrs, n, want->fields, want->n_fields,
			    out, err);
}

static int route_read_infos(struct route_work *w, struct err *err)
{
	static const uint32_t alias[] = {FIELD_ALIAS_INFO, FIELD_ALIAS_TYPE,
					 FIELD_ALIAS_SLEN, FIELD_ALIAS_TABLE};
	static const uint32_t info[] = {FIELD_INFO_PRIORITY, FIELD_INFO_METRICS,
					FIELD_INFO_OBJECT};
	static const uint32_t hop[] = {FIELD_HOP_DEV, FIELD_HOP_FAMILY,
				       FIELD_HOP_GATEWAY};
	static const uint32_t metrics[] = {FIELD_METRICS};
	static const uint32_t dev[] = {FIELD_DEV_NAME};
	const struct records_want wants[] = {{.fields = alias, .n_fields = 4},
					     {.fields = info, .n_fields = 3},
					     {.fields = hop, .n_fields = 3},
					     {.fields = metrics, .n_fields = 1},
					     {.fields = dev, .n_fields = 1}};
	uint32_t link = profile_field(w->k->profile, FIELD_ALIAS_LINK)->offset;
	uint32_t hops = profile_field(w->k->profile, FIELD_INFO_HOPS)->offset;
	size_t i, n = w->chains.links.n;
	int rc;

	w->addrs = calloc(n + 1, sizeof(*w->addrs));
	if (!w->addrs)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		w->addrs[i] = w->chains.links.v[i].at - link;
	rc = route_follow(w, NULL, 0, &wants[0], &w->aliases, err);
	if (!rc)
		rc = route_follow(w, &w->aliases, FIELD_ALIAS_INFO, &wants[1],
				  &w->infos, err);
	for (i = 0; i < n && !rc; i++)
		if (w->addrs[i])
			w->addrs[i] += hops;
	if (!rc)
		rc = route_follow(w, NULL, 0, &wants[2], &w->hops, err);
	if (!rc)
		rc = route_follow(w, &w->infos, FIELD_INFO_METRICS, &wants[3],
				  &w->metrics, err);
	return rc ? rc
		  : route_follow(w, &w->hops, FIELD_HOP_DEV, &wants[4],
				 &w->devs, err);
}

/* What a route has of a fib_info, and where that leads. */
static void route_take_info(const struct route_work *w, size_t i,
			    struct route *out)
{
	const uint8_t *metrics = records_bytes(&w->metrics, i, FIELD_METRICS);
	const uint8_t *gateway = records_bytes(&w->hops, i, FIELD_HOP_GATEWAY);

	out->has_info = true;
	out->metric = (uint32_t)records_u64(&w->infos, i, FIELD_INFO_PRIORITY);
	out->is_four =
		records_u64(&w->hops, i, FIELD_HOP_FAMILY) == FAMILY_INET;
	if (gateway)
		out->gateway = le32(gateway);
	net_device_name(&w->devs, i, FIELD_DEV_NAME, out->dev);
	if (!metrics ||
	    records_size(&w->metrics, FIELD_METRICS) < (METRIC_ADVMSS + 1) * 4)
		return;
	out->window = le32(metrics + (size_t)METRIC_WINDOW * 4);
	out->rtt = le32(metrics + (size_t)METRIC_RTT * 4);
	out->advmss = le32(metrics + (size_t)METRIC_ADVMSS * 4);
}

/* Whether something that a route has could not be read. */
static bool route_is_torn(const struct route_work *w, size_t i)
{
	bool info = records_u64(&w->aliases, i, FIELD_ALIAS_INFO);

	return !w->aliases.ok[i] ||
	       (info && (!w->infos.ok[i] || !w->hops.ok[i])) ||
	       (records_u64(&w->infos, i, FIELD_INFO_METRICS) &&
		!w->metrics.ok[i]) ||
	       (records_u64(&w->hops, i, FIELD_HOP_DEV) && !w->devs.ok[i]);
}

/* Put alias i on the list of its namespace, unless it is another table's, with
 * which the trie may be shared. */
static int route_take(const struct route_work *w, size_t i, struct routes *out)
{
	const struct fib_leaf *l = &w->leaves.v.v[w->chains.links.v[i].of];
	struct route r = {
		.prefix = l->key,
		.suffix_bits =
			(uint8_t)records_u64(&w->aliases, i, FIELD_ALIAS_SLEN),
		.type = (uint8_t)records_u64(&w->aliases, i, FIELD_ALIAS_TYPE),
	};

	if (route_is_torn(w, i)) {
		remarks_add(w->remarks, "a route cannot be read, at 0x%" PRIx64,
			    w->chains.links.v[i].at);
		return 0;
	}
	if (records_u64(&w->aliases, i, FIELD_ALIAS_TABLE) != w->ids[l->trie])
		return 0;
	if (records_u64(&w->infos, i, FIELD_INFO_OBJECT)) {
		remarks_add(w->remarks,
			    "a route by a nexthop object is left out");
		return 0;
	}
	if (records_u64(&w->aliases, i, FIELD_ALIAS_INFO))
		route_take_info(w, i, &r);
	return vec_push(&out[l->trie].v, r);
}

int routes_read(struct kernel *k, const struct sock_nets *nets,
		struct routes *out, struct remarks *remarks, struct err *err)
{
	_cleanup_(route_work_deinit) struct route_work w = {.k = k,
							    .remarks = remarks};
	size_t i;
	int rc;

	memset(out, 0, nets->n * sizeof(*out));
	rc = route_read_chains(&w, nets, out, err);
	if (!rc)
		rc = route_read_infos(&w, err);
	for (i = 0; i < w.chains.links.n && !rc; i++)
		if (route_take(&w, i, out))
			rc = err_nomem(err);
	chains_remark(&w.chains, "routes", remarks);
	return rc;
}

void routes_deinit(struct routes *r, size_t n)
{
	size_t i;

	for (i = 0; r && i < n; i++)
		vec_deinit(&r[i].v);
}
