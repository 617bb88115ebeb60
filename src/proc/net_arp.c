/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/arp (net/ipv4/arp.c, arp_seq_show()). */
#include <stdio.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/net/neighbours.h"
#include "proc/net.h"

#define VALID                                                          \
	(NEIGHBOUR_PERMANENT | NEIGHBOUR_NOARP | NEIGHBOUR_REACHABLE | \
	 NEIGHBOUR_PROBE | NEIGHBOUR_STALE | NEIGHBOUR_DELAY)

/* include/uapi/linux/if_arp.h */
enum {
	FLAG_COMPLETE = 0x2,
	FLAG_PERMANENT = 0x4,
	FLAG_PUBLISHED = 0x8,
	TYPE_NETROM = 0,
	TYPE_AX25 = 3
};

#define ADDRESS_BYTES 9 /* that there is room for, as "00:" each */

static const char heading[] =
	"IP address       HW type     Flags       HW address            Mask  "
	"   Device\n";

static unsigned int arp_flags(const struct neighbour *n)
{
	if (n->is_proxy)
		return FLAG_PUBLISHED | FLAG_PERMANENT;
	if (n->state & NEIGHBOUR_PERMANENT)
		return FLAG_PERMANENT | FLAG_COMPLETE;
	return n->state & VALID ? FLAG_COMPLETE : 0;
}

/* Whether the kernel shows it: those that need no ARP it does not; and whether
 * its address is written as others are. */
static bool arp_is_shown(const struct neighbour *n)
{
	return n->is_proxy || n->state & (uint8_t)~NEIGHBOUR_NOARP;
}

static bool arp_is_radio(const struct neighbour *n)
{
	return !n->is_proxy && (n->type == TYPE_AX25 || n->type == TYPE_NETROM);
}

static void arp_line(const struct neighbour *n, struct buf *out)
{
	_cleanup_(buf_deinit) struct buf text = {0};
	char ip[16];
	size_t i;

	for (i = 0; i < n->hardware_len && i < ADDRESS_BYTES && !n->is_proxy;
	     i++)
		buf_printf(&text, "%s%02x", i ? ":" : "", n->hardware[i]);
	if (n->is_proxy)
		buf_puts(&text, "00:00:00:00:00:00");
	snprintf(ip, sizeof(ip), "%u.%u.%u.%u", n->addr[0], n->addr[1],
		 n->addr[2], n->addr[3]);
	buf_printf(out, "%-16s 0x%-10x0x%-10x%-17s     *        %s\n", ip,
		   n->type, arp_flags(n), text.data ? text.data : "",
		   *n->dev	 ? n->dev
		   : n->is_proxy ? "*"
				 : "");
	out->oom |= text.oom;
}

static int arp_make(struct kernel *k, const struct sock_nets *nets,
		    struct net_text *out, struct remarks *remarks,
		    struct err *err)
{
	_cleanup_(map_deinit) struct map by_net = {0};
	struct neighbours all = {0};
	uint64_t net;
	size_t i;
	int rc = neighbours_read(k, &all, remarks, err);

	if (!rc && sock_nets_map(nets, &by_net))
		rc = err_nomem(err);
	for (i = 0; i < nets->n && !rc; i++)
		buf_puts(&out[i].text, heading);
	for (i = 0; i < all.v.n && !rc; i++) {
		const struct neighbour *n = &all.v.v[i];

		if (!map_get(&by_net, n->net, &net) || !arp_is_shown(n))
			continue;
		if (arp_is_radio(n))
			remarks_add(remarks,
				    "addresses of AX.25 are not shown");
		else
			arp_line(n, &out[net].text);
	}
	neighbours_deinit(&all);
	return rc;
}

NET_TEXTS(arp, arp_make);
