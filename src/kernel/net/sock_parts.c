/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads the rest of sockets: by what they are, then what that leads to. */
#include "kernel/net/sock_parts.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "kernel/records.h"
#include "kernel/net/sock_fields.h"

struct parts_work {
	struct kernel *k;
	struct sock *v;
	size_t n;
	uint64_t jiffies;
	uint64_t *addrs[PARTS]; /* of each socket; 0: it has none */
	struct records r[PARTS];
};

static void parts_work_deinit(struct parts_work *w)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		free(w->addrs[i]);
		records_deinit(&w->r[i]);
	}
}

static int parts_work_init(struct parts_work *w)
{
	size_t i;

	for (i = 0; i < PARTS; i++) {
		w->addrs[i] = calloc(w->n + 1, sizeof(*w->addrs[i]));
		if (!w->addrs[i])
			return ERR_NOMEM;
	}
	return 0;
}

/* Which parts each has. */
static void sock_parts_plan(struct parts_work *w)
{
	size_t i;

	for (i = 0; i < w->n; i++) {
		const struct sock *s = &w->v[i];
		bool tcp = s->table == SOCK_TABLE_LISTEN ||
			   s->table == SOCK_TABLE_TCP;

		if (s->state == SOCK_TIME_WAIT && tcp) {
			w->addrs[PART_TIME_WAIT][i] = s->addr;
			continue;
		}
		if (s->state == SOCK_NEW_SYN_RECV && tcp) {
			w->addrs[PART_REQUEST][i] = s->addr;
			continue;
		}
		w->addrs[PART_ANY][i] = s->addr;
		if (tcp) {
			w->addrs[PART_TCP][i] = s->addr;
			w->addrs[PART_NET][i] = s->net;
		}
		if (s->table == SOCK_TABLE_UDP)
			w->addrs[PART_UDP][i] = s->addr;
		if (s->table == SOCK_TABLE_UNIX)
			w->addrs[PART_UNIX][i] = s->addr;
		if (s->table == SOCK_TABLE_NETLINK)
			w->addrs[PART_NETLINK][i] = s->addr;
		if (s->table == SOCK_TABLE_PACKET)
			w->addrs[PART_PACKET][i] = s->addr;
	}
}

/* Read the parts from `first` to before `end`: one batch. */
static int sock_parts_read_some(struct parts_work *w, size_t first, size_t end,
				struct err *err)
{
	struct records_want wants[PARTS];
	size_t i;

	for (i = first; i < end; i++)
		wants[i - first] = (struct records_want){
			w->addrs[i], w->n, sock_part_fields[i].fields,
			sock_part_fields[i].n};
	return records_read_all(w->k, wants, end - first, &w->r[first], err);
}

/* A member of a part of socket i. */
static uint64_t part_value(const struct parts_work *w, size_t part, size_t i,
			   uint32_t field)
{
	return records_u64(&w->r[part], i, field);
}

static int64_t sock_left(const struct parts_work *w, uint64_t expires)
{
	return (int64_t)(expires - w->jiffies);
}

/* icsk_pending, include/net/inet_connection_sock.h; and the column "tr". */
enum {
	PENDING_RETRANS = 1,
	PENDING_PROBE0 = 3,
	PENDING_LOSS_PROBE = 5,
	PENDING_REO_TIMEOUT = 6,
	TIMER_NONE = 0,
	TIMER_RETRANS = 1,
	TIMER_KEEPALIVE = 2,
	TIMER_TIME_WAIT = 3,
	TIMER_PROBE = 4
};

static void sock_take_timer(const struct parts_work *w, size_t i,
			    struct sock_tcp *out)
{
	uint64_t pending = part_value(w, PART_TCP, i, FIELD_CSK_PENDING);
	uint32_t expires = FIELD_CSK_TIMEOUT;

	if (pending == PENDING_RETRANS || pending == PENDING_LOSS_PROBE ||
	    pending == PENDING_REO_TIMEOUT) {
		out->timer = TIMER_RETRANS;
	} else if (pending == PENDING_PROBE0) {
		out->timer = TIMER_PROBE;
	} else if (part_value(w, PART_TCP, i, FIELD_CSK_TIMER)) {
		out->timer = TIMER_KEEPALIVE;
		expires = FIELD_CSK_EXPIRES;
	}
	if (out->timer)
		out->left = sock_left(w, part_value(w, PART_TCP, i, expires));
}

static void sock_take_tcp(const struct parts_work *w, size_t i, struct sock *s)
{
	uint32_t thresh = records_have(&w->r[PART_NET], FIELD_NET_PINGPONG)
				  ? (uint32_t)part_value(w, PART_NET, i,
							 FIELD_NET_PINGPONG)
				  : 1;
	struct sock_tcp *t = &s->tcp;
	int32_t unread;

#define TCP_VALUE(field) ((uint32_t)part_value(w, PART_TCP, i, field))
	unread = (int32_t)(TCP_VALUE(FIELD_TCP_RCV_NXT) -
			   TCP_VALUE(FIELD_TCP_COPIED));
	t->tx_queue =
		TCP_VALUE(FIELD_TCP_WRITE_SEQ) - TCP_VALUE(FIELD_TCP_SND_UNA);
	t->rx_queue = s->state == SOCK_LISTEN
			      ? (uint32_t)part_value(w, PART_ANY, i,
						     FIELD_SOCK_BACKLOG)
			      : (uint32_t)(unread > 0 ? unread : 0);
	t->retransmits = (uint8_t)TCP_VALUE(FIELD_CSK_RETRANSMITS);
	t->probes = (uint8_t)TCP_VALUE(FIELD_CSK_PROBES);
	t->rto = TCP_VALUE(FIELD_CSK_RTO);
	t->ato = TCP_VALUE(FIELD_CSK_ATO);
	t->quick = TCP_VALUE(FIELD_CSK_QUICK) << 1 |
		   (TCP_VALUE(FIELD_CSK_PINGPONG) >= thresh);
	t->cwnd = TCP_VALUE(FIELD_TCP_CWND);
	t->ssthresh = TCP_VALUE(FIELD_TCP_SSTHRESH);
	t->qlen = (int32_t)TCP_VALUE(FIELD_CSK_QLEN);
#undef TCP_VALUE
	sock_take_timer(w, i, t);
}

/* One that waits, and one that is being opened. */
static void sock_take_small(const struct parts_work *w, size_t i,
			    struct sock *s)
{
	if (w->addrs[PART_TIME_WAIT][i]) {
		s->tcp.timer = TIMER_TIME_WAIT;
		s->tcp.left = sock_left(
			w, part_value(w, PART_TIME_WAIT, i, FIELD_TW_EXPIRES));
		s->substate = (uint8_t)part_value(w, PART_TIME_WAIT, i,
						  FIELD_TW_SUBSTATE);
	} else if (w->addrs[PART_REQUEST][i]) {
		s->tcp.timer = TIMER_RETRANS;
		s->tcp.left = sock_left(
			w, part_value(w, PART_REQUEST, i, FIELD_REQ_EXPIRES));
		s->tcp.retransmits = (uint8_t)part_value(w, PART_REQUEST, i,
							 FIELD_REQ_TIMEOUTS);
	}
}

/* A datagram socket counts one byte of its own as waiting to be sent. */
static void sock_take_any(struct parts_work *w, size_t i, struct sock *s)
{
	const struct records *r = &w->r[PART_ANY];
	uint64_t socket = records_u64(r, i, FIELD_SOCK_SOCKET);

	s->type = (uint16_t)records_u64(r, i, FIELD_SOCK_TYPE);
	s->has_socket = socket;
	s->tx_bytes = (uint32_t)records_u64(r, i, FIELD_SOCK_WMEM) - 1;
	s->rx_bytes = (uint32_t)records_u64(r, i, FIELD_SOCK_RMEM) -
		      (uint32_t)part_value(w, PART_UDP, i, FIELD_UDP_DEFICIT);
	s->drops = (uint32_t)records_u64(r, i, FIELD_SOCK_DROPS);
	w->addrs[PART_COUNTERS][i] = records_u64(r, i, FIELD_SOCK_COUNTERS);
	w->addrs[PART_UNIX_ADDR][i] =
		records_u64(&w->r[PART_UNIX], i, FIELD_UNIX_ADDR);
	if (records_have(r, FIELD_SOCK_INO)) {
		s->ino = records_u64(r, i, FIELD_SOCK_INO);
		s->uid = (uint32_t)records_u64(r, i, FIELD_SOCK_UID);
	} else if (socket) {
		w->addrs[PART_ALLOC][i] =
			socket -
			profile_field(w->k->profile, FIELD_ALLOC_SOCKET)
				->offset;
	}
}

/* Whether a packet socket takes packets: a member of its own, or a flag. */
static bool packet_is_running(const struct parts_work *w, size_t i)
{
	int64_t bit;

	if (records_have(&w->r[PART_PACKET], FIELD_PACKET_RUNNING))
		return part_value(w, PART_PACKET, i, FIELD_PACKET_RUNNING);
	return profile_constant(w->k->profile, CONSTANT_PACKET_RUNNING, &bit) &&
	       bit >= 0 && bit < 64 &&
	       part_value(w, PART_PACKET, i, FIELD_PACKET_FLAGS) >> bit & 1;
}

/* Those of families that have a file of their own. */
static void sock_take_other(const struct parts_work *w, size_t i,
			    struct sock *s)
{
	uint16_t num;

	if (w->addrs[PART_NETLINK][i]) {
		s->protocol = (uint16_t)part_value(w, PART_NETLINK, i,
						   FIELD_SOCK_PROTOCOL);
		s->portid = (uint32_t)part_value(w, PART_NETLINK, i,
						 FIELD_NETLINK_PORTID);
		s->running =
			part_value(w, PART_NETLINK, i, FIELD_NETLINK_DUMPS);
	}
	if (w->addrs[PART_PACKET][i]) {
		num = (uint16_t)part_value(w, PART_PACKET, i, FIELD_PACKET_NUM);
		s->protocol = (uint16_t)(num << 8 | num >> 8);
		s->ifindex = (uint32_t)part_value(w, PART_PACKET, i,
						  FIELD_PACKET_IFINDEX);
		s->running = packet_is_running(w, i);
	}
}

/* What the parts led to. */
static void sock_take_second(const struct parts_work *w, size_t i,
			     struct sock *s)
{
	if (w->addrs[PART_ALLOC][i]) {
		s->uid =
			(uint32_t)part_value(w, PART_ALLOC, i, FIELD_ALLOC_UID);
		s->ino = part_value(w, PART_ALLOC, i, FIELD_ALLOC_INO);
	}
	if (w->addrs[PART_COUNTERS][i])
		s->drops = (uint32_t)(part_value(w, PART_COUNTERS, i,
						 FIELD_COUNTERS_0) +
				      part_value(w, PART_COUNTERS, i,
						 FIELD_COUNTERS_1));
}

/* The name of a Unix socket, behind its family; false: none is that long. */
static bool sock_ask_path(const struct parts_work *w, size_t i,
			  struct space_read *read)
{
	uint32_t name = profile_field(w->k->profile, FIELD_UNIX_NAME)->offset;
	uint64_t len = part_value(w, PART_UNIX_ADDR, i, FIELD_UNIX_LEN);

	if (len < 2)
		return true;
	len -= 2;
	if (len > SOCK_PATH_MAX)
		return false;
	read->va = w->addrs[PART_UNIX_ADDR][i] + name + 2;
	read->dst = w->v[i].path;
	read->len = len;
	return true;
}

/* Names of Unix sockets, and the first 32 groups of netlink ones. */
static int sock_read_last(struct parts_work *w, struct err *err)
{
	_cleanup_free_ struct space_read *reads =
		calloc(w->n + 1, sizeof(*reads));
	size_t i;
	int rc;

	if (!reads)
		return err_nomem(err);
	for (i = 0; i < w->n; i++) {
		uint64_t groups =
			part_value(w, PART_NETLINK, i, FIELD_NETLINK_GROUPS);

		reads[i].root = &w->k->root;
		if (w->addrs[PART_UNIX_ADDR][i] &&
		    !sock_ask_path(w, i, &reads[i]))
			w->r[PART_UNIX_ADDR].ok[i] = false;
		if (!groups)
			continue;
		reads[i].va = groups;
		reads[i].dst = w->v[i].path;
		reads[i].len = 4;
	}
	rc = space_read(w->k->machine, reads, w->n, err);
	for (i = 0; i < w->n && !rc; i++) {
		struct sock *s = &w->v[i];

		if (reads[i].got < reads[i].len) /* a part of it is torn */
			w->r[PART_ANY].ok[i] = false;
		s->has_path = w->addrs[PART_UNIX_ADDR][i];
		s->path_len = s->has_path ? reads[i].got : 0;
		if (w->addrs[PART_NETLINK][i])
			s->groups = le32(s->path);
	}
	return rc;
}

/* Whether something that socket i has could not be read. */
static bool sock_is_torn(const struct parts_work *w, size_t i)
{
	size_t part;

	for (part = 0; part < PARTS; part++)
		if (w->addrs[part][i] && !w->r[part].ok[i])
			return true;
	return false;
}

/* Leave out what could not be read whole. */
static void sock_parts_drop_torn(const struct parts_work *w,
				 struct sock_parts *p, struct remarks *remarks)
{
	size_t i, n = 0;

	for (i = 0; i < w->n; i++) {
		if (sock_is_torn(w, i)) {
			remarks_add(remarks,
				    "a socket cannot be read, at 0x%" PRIx64,
				    w->v[i].addr);
			continue;
		}
		p->listeners.v[n] = p->listeners.v[i];
		p->socks->v.v[n++] = p->socks->v.v[i];
	}
	p->socks->v.n = n;
}

int sock_parts_read(struct kernel *k, struct sock_parts *p,
		    struct remarks *remarks, struct err *err)
{
	_cleanup_(parts_work_deinit) struct parts_work w = {
		.k = k, .v = p->socks->v.v, .n = p->socks->v.n};
	size_t i;
	int rc;

	if (parts_work_init(&w))
		return err_nomem(err);
	sock_parts_plan(&w);
	rc = kernel_read_symbol(k, "jiffies_64", 8, &w.jiffies, err);
	if (!rc)
		rc = sock_parts_read_some(&w, 0, PARTS_FIRST, err);
	for (i = 0; i < w.n && !rc; i++) {
		sock_take_small(&w, i, &w.v[i]);
		sock_take_other(&w, i, &w.v[i]);
		if (w.addrs[PART_TCP][i])
			sock_take_tcp(&w, i, &w.v[i]);
		if (w.addrs[PART_ANY][i])
			sock_take_any(&w, i, &w.v[i]);
	}
	if (!rc)
		rc = sock_parts_read_some(&w, PARTS_FIRST, PARTS, err);
	for (i = 0; i < w.n && !rc; i++)
		sock_take_second(&w, i, &w.v[i]);
	if (!rc)
		rc = sock_read_last(&w, err);
	if (!rc)
		sock_parts_drop_torn(&w, p, remarks);
	return rc;
}

void sock_parts_deinit(struct sock_parts *p)
{
	vec_deinit(&p->listeners);
}

bool sock_has_old_packets(const struct kernel *k)
{
	return profile_field(k->profile, FIELD_PACKET_RUNNING)->present;
}

bool sock_knows_packets(const struct kernel *k)
{
	return profile_field(k->profile, FIELD_PACKET_IFINDEX)->present;
}
