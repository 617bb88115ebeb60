/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/route (net/ipv4/fib_trie.c, fib_route_seq_show()). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/net/route.h"
#include "proc/net.h"

#define WIDTH 127

/* enum in include/uapi/linux/rtnetlink.h */
enum {
	TYPE_BROADCAST = 3,
	TYPE_MULTICAST = 5,
	TYPE_UNREACHABLE = 7,
	TYPE_PROHIBIT = 8
};

/* include/uapi/linux/route.h */
enum {
	FLAG_UP = 0x1,
	FLAG_GATEWAY = 0x2,
	FLAG_HOST = 0x4,
	FLAG_REJECT = 0x200
};

static uint32_t route_swap(uint32_t value)
{
	return __builtin_bswap32(value);
}

static unsigned int route_flags(const struct route *r, uint32_t mask)
{
	unsigned int flags = FLAG_UP;

	if (r->type == TYPE_UNREACHABLE || r->type == TYPE_PROHIBIT)
		flags |= FLAG_REJECT;
	if (r->has_info && r->gateway)
		flags |= FLAG_GATEWAY;
	if (mask == UINT32_MAX)
		flags |= FLAG_HOST;
	return flags;
}

/* Addresses are shown as they lie in memory. */
static void route_line(const struct route *r, struct buf *out)
{
	uint32_t mask = r->suffix_bits < 32 ? UINT32_MAX << r->suffix_bits : 0;
	size_t from = out->len, n;

	if (r->type == TYPE_BROADCAST || r->type == TYPE_MULTICAST)
		return;
	buf_printf(out, "%s\t%08X\t%08X\t%04X\t0\t0\t%d\t%08X\t%u\t%u\t%u",
		   *r->dev ? r->dev : "*", route_swap(r->prefix),
		   r->is_four ? r->gateway : 0, route_flags(r, mask),
		   (int)r->metric, route_swap(mask),
		   r->advmss ? r->advmss + 40 : 0, r->window, r->rtt >> 3);
	n = out->len - from;
	buf_printf(out, "%*s\n", n < WIDTH ? (int)(WIDTH - n) : 0, "");
}

/* Without a main table the file is empty. */
static void route_lines(const struct routes *routes, struct buf *out)
{
	size_t i;

	if (!routes->has_table)
		return;
	buf_printf(out, "%-127s\n",
		   "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\t"
		   "Mask\t\tMTU\tWindow\tIRTT");
	for (i = 0; i < routes->v.n; i++)
		route_line(&routes->v.v[i], out);
}

static int route_make(struct kernel *k, const struct sock_nets *nets,
		      struct net_text *out, struct remarks *remarks,
		      struct err *err)
{
	struct routes *routes = calloc(nets->n + 1, sizeof(*routes));
	size_t i;
	int rc = routes ? routes_read(k, nets, routes, remarks, err)
			: err_nomem(err);

	for (i = 0; i < nets->n && !rc; i++)
		route_lines(&routes[i], &out[i].text);
	routes_deinit(routes, nets->n);
	free(routes);
	return rc;
}

NET_TEXTS(route, route_make);
