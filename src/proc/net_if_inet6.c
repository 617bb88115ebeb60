/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/if_inet6 (net/ipv6/addrconf.c, if6_seq_show()). */
#include "base/cleanup.h"
#include "kernel/net/inet6_addr.h"
#include "proc/net.h"

static void if_inet6_line(const struct inet6_addr *a, struct buf *out)
{
	size_t i;

	for (i = 0; i < sizeof(a->addr); i++)
		buf_printf(out, "%02x", a->addr[i]);
	buf_printf(out, " %02x %02x %02x %02x %8s\n", a->ifindex, a->prefix_len,
		   a->scope, a->flags & 0xff, a->dev);
}

static int if_inet6_make(struct kernel *k, const struct sock_nets *nets,
			 struct net_text *out, struct remarks *remarks,
			 struct err *err)
{
	_cleanup_(inet6_addrs_deinit) struct inet6_addrs addrs = {0};
	_cleanup_(map_deinit) struct map by_net = {0};
	uint64_t space;
	size_t i;
	int rc = inet6_addrs_read(k, nets, &addrs, remarks, err);

	if (!rc && sock_nets_map(nets, &by_net))
		rc = err_nomem(err);
	for (i = 0; i < addrs.v.n && !rc; i++)
		if (map_get(&by_net, addrs.v.v[i].net, &space))
			if_inet6_line(&addrs.v.v[i], &out[space].text);
	return rc;
}

NET_TEXTS(if_inet6, if_inet6_make);
