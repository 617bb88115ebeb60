/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/netlink and packet (net/netlink/af_netlink.c,
 * net/packet/af_packet.c). */
#include <inttypes.h>

#include "proc/net.h"

static void netlink_text(const struct proc_values *v, size_t i, size_t record,
			 struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);

	if (!s) {
		buf_puts(out, "sk               Eth Pid        Groups   "
			      "Rmem     Wmem     Dump  Locks    Drops    "
			      "Inode\n");
		return;
	}
	net_pointer(v->own, s, out);
	buf_printf(out,
		   " %-3d %-10u %08x %-8d %-8d %-5d %-8d %-8u %-8" PRIu64 "\n",
		   s->protocol, s->portid, s->groups, (int)s->rx_bytes,
		   (int)s->tx_bytes, s->running, (int)s->refs, s->drops,
		   s->ino);
}

/* Kernels whose sockets have a member that says whether they are running have
 * the heading of old, too. */
static void packet_text(const struct proc_values *v, size_t i, size_t record,
			struct buf *out)
{
	const struct net_socks *own = v->own;
	const struct sock *s = net_socks_get(v, i, record);

	if (!s) {
		buf_printf(out,
			   "%*sRefCnt Type Proto  Iface R Rmem   User   "
			   "Inode\n",
			   own->old_packets ? -9 : -17, "sk");
		return;
	}
	net_pointer(own, s, out);
	buf_printf(out, " %-6d %-4d %04x   %-5d %1d %-6u %-6u %-6" PRIu64 "\n",
		   (int)s->refs, s->type, s->protocol, (int)s->ifindex,
		   s->running, s->rx_bytes, s->uid, s->ino);
}

static int netlink_read(struct kernel *k, struct proc_values *v,
			struct err *err)
{
	return net_socks_read(k, 1u << SOCK_TABLE_NETLINK, 0, v, err);
}

static int packet_read(struct kernel *k, struct proc_values *v, struct err *err)
{
	size_t i;

	if (sock_knows_packets(k))
		return net_socks_read(k, 1u << SOCK_TABLE_PACKET, 0, v, err);
	for (i = 0; i < v->n; i++)
		buf_puts(&v->parts[i].why,
			 "the kernel's types do not tell of packet sockets");
	return 0;
}

NET_FILES(netlink, netlink_read, netlink_text, net_socks_deinit);
NET_FILES(packet, packet_read, packet_text, net_socks_deinit);
