/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/if_inet6 (net/ipv6/addrconf.c, if6_seq_show()). */
#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/inet6_addr.h"
#include "proc/net.h"

struct if_inet6_values {
	struct net_spaces spaces;
	struct inet6_addrs addrs;
	struct buf *texts; /* of each namespace */
};

static void if_inet6_line(const struct inet6_addr *a, struct buf *out)
{
	size_t i;

	for (i = 0; i < sizeof(a->addr); i++)
		buf_printf(out, "%02x", a->addr[i]);
	buf_printf(out, " %02x %02x %02x %02x %8s\n", a->ifindex, a->prefix_len,
		   a->scope, a->flags & 0xff, a->dev);
}

static int if_inet6_lines(struct if_inet6_values *own)
{
	uint64_t space;
	size_t i;

	own->texts = calloc(own->spaces.n + 1, sizeof(*own->texts));
	if (!own->texts)
		return ERR_NOMEM;
	for (i = 0; i < own->addrs.v.n; i++)
		if (map_get(&own->spaces.by_net, own->addrs.v.v[i].net, &space))
			if_inet6_line(&own->addrs.v.v[i], &own->texts[space]);
	return 0;
}

static int if_inet6_read(struct kernel *k, struct proc_values *v,
			 struct err *err)
{
	_cleanup_(remarks_deinit) struct remarks remarks = {0};
	struct if_inet6_values *own = calloc(1, sizeof(*own));
	struct sock_nets nets;
	struct err why = {0};
	size_t i;
	int rc;

	v->own = own;
	if (!own)
		return err_nomem(err);
	rc = net_spaces_read(k, v, &own->spaces, &why);
	nets = (struct sock_nets){own->spaces.nets, own->spaces.n};
	if (!rc)
		rc = inet6_addrs_read(k, &nets, &own->addrs, &remarks, &why);
	if (!rc && if_inet6_lines(own))
		rc = err_nomem(&why);
	for (i = 0; i < v->n && !rc; i++) {
		size_t space = own->spaces.of[i];

		if (space == own->spaces.n)
			continue;
		if (own->texts[space].len)
			buf_add(&v->parts[i].text, own->texts[space].data,
				own->texts[space].len);
		v->parts[i].text.oom |= own->texts[space].oom;
		proc_part_remarks(&v->parts[i], &remarks);
	}
	return net_settle(v, rc, &why, err);
}

static void if_inet6_deinit(struct proc_values *v)
{
	struct if_inet6_values *own = v->own;
	size_t i;

	for (i = 0; own->texts && i < own->spaces.n; i++)
		buf_deinit(&own->texts[i]);
	free(own->texts);
	inet6_addrs_deinit(&own->addrs);
	net_spaces_deinit(&own->spaces);
	free(own);
}

NET_FILES(if_inet6, if_inet6_read, NULL, if_inet6_deinit);
