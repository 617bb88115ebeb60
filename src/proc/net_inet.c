/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/tcp, udp, raw, and those of IPv6 (net/ipv4/tcp_ipv4.c, udp.c,
 * raw.c, net/ipv6/tcp_ipv6.c, datagram.c). */
#include <inttypes.h>

#include "base/cursor.h"
#include "kernel/clock.h"
#include "proc/net.h"

/* As the kernel prints numbers in network byte order: as they lie there. */
static void net_address(const uint8_t *at, const struct sock *s, uint16_t port,
			struct buf *out)
{
	size_t i, n = s->family == SOCK_FAMILY_INET6 ? 4 : 1;

	buf_puts(out, " ");
	for (i = 0; i < n; i++)
		buf_printf(out, "%08X", le32(at + 4 * i));
	buf_printf(out, ":%04X", port);
}

/* Some lines are as long as the longest may be, so that none is cut. */
static void net_pad(struct buf *out, size_t from, size_t width)
{
	size_t n = out->len - from;

	buf_printf(out, "%*s\n", n < width ? (int)(width - n) : 0, "");
}

/* Ticks of USER_HZ until a timer expires. */
static uint64_t net_ticks(const struct net_socks *own, int64_t jiffies)
{
	return jiffies > 0 ? kernel_clock_ticks((uint64_t)jiffies, own->hz) : 0;
}

/* Of those that are no full sockets the rest is zeros. */
static void tcp_text_rest(const struct net_socks *own, const struct sock *s,
			  struct buf *out)
{
	const struct sock_tcp *t = &s->tcp;
	bool slow_start = t->ssthresh >= 0x7fffffff;

	if (s->state == SOCK_TIME_WAIT || s->state == SOCK_NEW_SYN_RECV)
		return;
	buf_printf(out, " %" PRIu64 " %" PRIu64 " %u %u %d",
		   net_ticks(own, t->rto), net_ticks(own, t->ato), t->quick,
		   t->cwnd,
		   s->state == SOCK_LISTEN ? t->qlen
		   : slow_start		   ? -1
					   : (int)t->ssthresh);
}

/* What stands in the column "st". */
static unsigned int tcp_state(const struct sock *s)
{
	enum {
		SYN_RECV = 3
	};

	if (s->state == SOCK_TIME_WAIT)
		return s->substate;
	return s->state == SOCK_NEW_SYN_RECV ? SYN_RECV : s->state;
}

/* One that waits to be gone has no owner, and one that is being opened no
 * file and nobody who holds it. */
static void tcp_text_socket(const struct net_socks *own, size_t number,
			    const struct sock *s, struct buf *out)
{
	const struct sock_tcp *t = &s->tcp;

	buf_printf(out, "%4zu:", number);
	net_address(s->local, s, s->port, out);
	net_address(s->remote, s, s->remote_port, out);
	buf_printf(out,
		   " %02X %08X:%08X %02X:%08" PRIX64 " %08X %5u %8d %" PRIu64
		   " %u ",
		   tcp_state(s), t->tx_queue, t->rx_queue, t->timer,
		   net_ticks(own, t->left), t->retransmits, s->uid, t->probes,
		   s->ino, s->state == SOCK_NEW_SYN_RECV ? 0 : s->refs);
	net_pointer(own, s, out);
	tcp_text_rest(own, s, out);
}

#define TCP_WIDTH 149 /* TMPSZ - 1 */
#define UDP_WIDTH 127

static void tcp_text(const struct proc_values *v, size_t i, size_t record,
		     struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);
	size_t from = out->len;

	if (s)
		tcp_text_socket(v->own, record - 1, s, out);
	else
		buf_puts(out, "  sl  local_address rem_address   st tx_queue "
			      "rx_queue tr tm->when retrnsmt   uid  timeout "
			      "inode");
	net_pad(out, from, TCP_WIDTH);
}

static void tcp6_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);

	if (s)
		tcp_text_socket(v->own, record - 1, s, out);
	else
		buf_puts(out, "  sl  local_address                         "
			      "remote_address                        "
			      "st tx_queue rx_queue tr tm->when retrnsmt"
			      "   uid  timeout inode");
	buf_puts(out, "\n");
}

/* A datagram socket: its number is that of its bucket. */
static void datagram_text(const struct net_socks *own, const struct sock *s,
			  uint16_t remote_port, int width, struct buf *out)
{
	buf_printf(out, "%*u:", width, s->bucket);
	net_address(s->local, s, s->port, out);
	net_address(s->remote, s, remote_port, out);
	buf_printf(out,
		   " %02X %08X:%08X %02X:%08lX %08X %5u %8d %" PRIu64 " %u ",
		   s->state, s->tx_bytes, s->rx_bytes, 0, 0L, 0, s->uid, 0,
		   s->ino, s->refs);
	net_pointer(own, s, out);
	buf_printf(out, " %u", s->drops);
}

static void udp_text(const struct proc_values *v, size_t i, size_t record,
		     struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);
	size_t from = out->len;

	if (s)
		datagram_text(v->own, s, s->remote_port, 5, out);
	else
		buf_puts(out, "   sl  local_address rem_address   st tx_queue "
			      "rx_queue tr tm->when retrnsmt   uid  timeout "
			      "inode ref pointer drops");
	net_pad(out, from, UDP_WIDTH);
}

static void datagram6_heading(struct buf *out)
{
	buf_puts(out, "  sl  local_address                         "
		      "remote_address                        "
		      "st tx_queue rx_queue tr tm->when retrnsmt"
		      "   uid  timeout inode ref pointer drops");
}

static void udp6_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);

	if (s)
		datagram_text(v->own, s, s->remote_port, 5, out);
	else
		datagram6_heading(out);
	buf_puts(out, "\n");
}

/* A raw socket has a protocol for a port, and its peer none. */
static void raw_text(const struct proc_values *v, size_t i, size_t record,
		     struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);

	if (s)
		datagram_text(v->own, s, 0, 4, out);
	else
		buf_puts(out, "  sl  local_address rem_address   st tx_queue "
			      "rx_queue tr tm->when retrnsmt   uid  timeout "
			      "inode ref pointer drops");
	buf_puts(out, "\n");
}

static void raw6_text(const struct proc_values *v, size_t i, size_t record,
		      struct buf *out)
{
	const struct sock *s = net_socks_get(v, i, record);

	if (s)
		datagram_text(v->own, s, 0, 5, out);
	else
		datagram6_heading(out);
	buf_puts(out, "\n");
}

#define TCP_TABLES (1u << SOCK_TABLE_LISTEN | 1u << SOCK_TABLE_TCP)

/* The files `name_`, of sockets of a family in some tables. */
#define INET_FILES(name_, which_, family_)                               \
	static int name_##_read(struct kernel *k, struct proc_values *v, \
				struct err *err)                         \
	{                                                                \
		return net_socks_read(k, which_, family_, v, err);       \
	}                                                                \
                                                                         \
	NET_FILES(name_, name_##_read, name_##_text, net_socks_deinit)

INET_FILES(raw, 1u << SOCK_TABLE_RAW, SOCK_FAMILY_INET);
INET_FILES(raw6, 1u << SOCK_TABLE_RAW6, SOCK_FAMILY_INET6);
INET_FILES(tcp, TCP_TABLES, SOCK_FAMILY_INET);
INET_FILES(tcp6, TCP_TABLES, SOCK_FAMILY_INET6);
INET_FILES(udp, 1u << SOCK_TABLE_UDP, SOCK_FAMILY_INET);
INET_FILES(udp6, 1u << SOCK_TABLE_UDP, SOCK_FAMILY_INET6);
