/* SPDX-License-Identifier: BSD-2-Clause */
/* /proc/net/snmp (net/ipv4/proc.c, snmp_seq_show()). */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "kernel/net/snmp.h"
#include "proc/net.h"

/* Names of a list, each behind a blank. */
static void snmp_put_names(const struct snmp_names *n, enum snmp_list list,
			   const char *prefix, struct buf *out)
{
	size_t i;

	for (i = 0; i < n->n[list]; i++)
		buf_printf(out, " %s%s", prefix, n->text[list][i]);
}

static uint64_t snmp_get(const struct snmp *s, enum snmp_mib mib,
			 uint32_t number)
{
	return number < s->n[mib] ? s->v[mib][number] : 0;
}

/* A protocol's names, and its counters; MaxConn may be -1. */
static void snmp_put_mib(const struct snmp_names *n, enum snmp_list list,
			 const struct snmp *s, enum snmp_mib mib,
			 const char *title, struct buf *out)
{
	size_t i;

	if (!s->n[mib])
		return;
	buf_printf(out, "\n%s:", title);
	snmp_put_names(n, list, "", out);
	buf_printf(out, "\n%s:", title);
	for (i = 0; i < n->n[list]; i++) {
		uint64_t value = snmp_get(s, mib, n->number[list][i]);

		if (!strcmp(n->text[list][i], "MaxConn"))
			buf_printf(out, " %" PRId64, (int64_t)value);
		else
			buf_printf(out, " %" PRIu64, value);
	}
}

static void snmp_put_ip(const struct snmp_names *n, const struct snmp *s,
			struct buf *out)
{
	size_t i;

	buf_puts(out, "Ip: Forwarding DefaultTTL");
	snmp_put_names(n, SNMP_LIST_IP, "", out);
	buf_printf(out, "\nIp: %d %u", s->forwards ? 1 : 2, s->ttl);
	for (i = 0; i < n->n[SNMP_LIST_IP]; i++)
		buf_printf(out, " %" PRIu64,
			   snmp_get(s, SNMP_IP, n->number[SNMP_LIST_IP][i]));
}

/* enum in include/uapi/linux/snmp.h; rate limits are counted from 6.1 on. */
enum {
	ICMP_INMSGS = 1,
	ICMP_INERRORS = 2,
	ICMP_OUTMSGS = 14,
	ICMP_OUTERRORS = 15,
	ICMP_CSUMERRORS = 27,
	ICMP_RATELIMITGLOBAL = 28,
	ICMP_RATELIMITHOST = 29
};

#define TYPES_OUT 0x100

/* Counters of types, in or out. */
static void snmp_put_types(const struct snmp_names *n, const struct snmp *s,
			   uint32_t direction, struct buf *out)
{
	size_t i;

	for (i = 0; i < n->n[SNMP_LIST_ICMP]; i++) {
		uint32_t type = n->number[SNMP_LIST_ICMP][i] | direction;

		buf_printf(out, " %" PRIu64,
			   type < SNMP_TYPES ? s->types[type] : 0);
	}
}

static void snmp_put_icmp(const struct snmp_names *n, const struct snmp *s,
			  struct buf *out)
{
	bool limits = s->n[SNMP_ICMP] > ICMP_RATELIMITHOST;

	buf_puts(out, "\nIcmp: InMsgs InErrors InCsumErrors");
	snmp_put_names(n, SNMP_LIST_ICMP, "In", out);
	buf_puts(out, " OutMsgs OutErrors");
	buf_puts(out, limits ? " OutRateLimitGlobal OutRateLimitHost" : "");
	snmp_put_names(n, SNMP_LIST_ICMP, "Out", out);
	buf_printf(out, "\nIcmp: %" PRIu64 " %" PRIu64 " %" PRIu64,
		   snmp_get(s, SNMP_ICMP, ICMP_INMSGS),
		   snmp_get(s, SNMP_ICMP, ICMP_INERRORS),
		   snmp_get(s, SNMP_ICMP, ICMP_CSUMERRORS));
	snmp_put_types(n, s, 0, out);
	buf_printf(out, " %" PRIu64 " %" PRIu64,
		   snmp_get(s, SNMP_ICMP, ICMP_OUTMSGS),
		   snmp_get(s, SNMP_ICMP, ICMP_OUTERRORS));
	if (limits)
		buf_printf(out, " %" PRIu64 " %" PRIu64,
			   snmp_get(s, SNMP_ICMP, ICMP_RATELIMITGLOBAL),
			   snmp_get(s, SNMP_ICMP, ICMP_RATELIMITHOST));
	snmp_put_types(n, s, TYPES_OUT, out);
}

#define PER_LINE 16

/* Up to 16 types that were counted; returns where the next are. */
static size_t snmp_put_seen(const struct snmp *s, size_t from, struct buf *out)
{
	size_t types[PER_LINE], i, n = 0;

	for (; from < SNMP_TYPES && n < PER_LINE; from++)
		if (s->types[from])
			types[n++] = from;
	if (!n)
		return from;
	buf_puts(out, "\nIcmpMsg:");
	for (i = 0; i < n; i++)
		buf_printf(out, " %sType%zu",
			   types[i] & TYPES_OUT ? "Out" : "In",
			   types[i] & (TYPES_OUT - 1));
	buf_puts(out, "\nIcmpMsg:");
	for (i = 0; i < n; i++)
		buf_printf(out, " %" PRIu64, s->types[types[i]]);
	return from;
}

static void snmp_put_all(const struct snmp_names *n, const struct snmp *s,
			 struct buf *out)
{
	size_t from = 0;

	snmp_put_ip(n, s, out);
	snmp_put_icmp(n, s, out);
	while (from < SNMP_TYPES)
		from = snmp_put_seen(s, from, out);
	snmp_put_mib(n, SNMP_LIST_TCP, s, SNMP_TCP, "Tcp", out);
	snmp_put_mib(n, SNMP_LIST_UDP, s, SNMP_UDP, "Udp", out);
	snmp_put_mib(n, SNMP_LIST_UDP, s, SNMP_UDPLITE, "UdpLite", out);
	buf_puts(out, "\n");
}

static int snmp_make(struct kernel *k, const struct sock_nets *nets,
		     struct net_text *out, struct remarks *remarks,
		     struct err *err)
{
	_cleanup_free_ struct snmp_names *names = calloc(1, sizeof(*names));
	_cleanup_free_ struct snmp *snmp = calloc(nets->n + 1, sizeof(*snmp));
	size_t i;
	int rc = names && snmp ? snmp_read(k, nets, names, snmp, err)
			       : err_nomem(err);

	(void)remarks;
	for (i = 0; i < nets->n && !rc; i++) {
		out[i].lost = snmp[i].lost;
		out[i].torn = snmp[i].torn;
		if (!snmp[i].lost)
			snmp_put_all(names, &snmp[i], &out[i].text);
	}
	return rc;
}

NET_TEXTS(snmp, snmp_make);
