/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads sockets: what all begin with, and then by what each is. */
#include "kernel/net/sock.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "base/map.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/net/sock_parts.h"

/* What is wanted of the types. */
enum {
	FIELD_COMMON_FAMILY = WANTS_OF(READER_SOCK),
	FIELD_COMMON_STATE,
	FIELD_COMMON_NET,
	FIELD_COMMON_REFS,
	FIELD_COMMON_DADDR,
	FIELD_COMMON_SADDR,
	FIELD_COMMON_DADDR6,
	FIELD_COMMON_SADDR6,
	FIELD_COMMON_DPORT,
	FIELD_COMMON_NUM,
	FIELD_COMMON_LISTENER
};

static const struct want want_table[] = {
	FIELD(COMMON_FAMILY, "sock_common", REQUIRED, "skc_family"),
	FIELD(COMMON_STATE, "sock_common", REQUIRED, "skc_state"),
	FIELD(COMMON_NET, "sock_common", REQUIRED, "skc_net.net"),
	FIELD(COMMON_REFS, "sock_common", REQUIRED, "skc_refcnt"),
	FIELD(COMMON_DADDR, "sock_common", REQUIRED, "skc_daddr"),
	FIELD(COMMON_SADDR, "sock_common", REQUIRED, "skc_rcv_saddr"),
	FIELD(COMMON_DADDR6, "sock_common", OPTIONAL, "skc_v6_daddr"),
	FIELD(COMMON_SADDR6, "sock_common", OPTIONAL, "skc_v6_rcv_saddr"),
	FIELD(COMMON_DPORT, "sock_common", REQUIRED, "skc_dport"),
	FIELD(COMMON_NUM, "sock_common", REQUIRED, "skc_num"),
	FIELD(COMMON_LISTENER, "sock_common", OPTIONAL, "skc_listener"),
};

const struct wants sock_wants = {
	.reader = "sockets", .v = want_table, .n = WANTS_N(want_table)};

/* Network byte order. */
static uint16_t sock_port(const struct records *r, size_t i, uint32_t field)
{
	uint16_t port = (uint16_t)records_u64(r, i, field);

	return (uint16_t)(port << 8 | port >> 8);
}

static void sock_take_address(const struct records *r, size_t i, uint32_t field,
			      uint8_t out[16])
{
	const uint8_t *bytes = records_bytes(r, i, field);

	if (bytes)
		memcpy(out, bytes,
		       records_size(r, field) < 16 ? records_size(r, field)
						   : 16);
}

static struct sock sock_take(const struct sock_at *at, const struct records *r,
			     size_t i)
{
	struct sock s = {
		.addr = at->addr,
		.net = records_u64(r, i, FIELD_COMMON_NET),
		.table = at->table,
		.bucket = at->bucket,
		.family = (uint16_t)records_u64(r, i, FIELD_COMMON_FAMILY),
		.state = (uint8_t)records_u64(r, i, FIELD_COMMON_STATE),
		.refs = (uint32_t)records_u64(r, i, FIELD_COMMON_REFS),
		.num = (uint16_t)records_u64(r, i, FIELD_COMMON_NUM),
	};
	bool six = s.family == SOCK_FAMILY_INET6;

	if (s.family != SOCK_FAMILY_INET && !six)
		return s;
	s.remote_port = sock_port(r, i, FIELD_COMMON_DPORT);
	s.port = s.num;
	sock_take_address(r, i, six ? FIELD_COMMON_DADDR6 : FIELD_COMMON_DADDR,
			  s.remote);
	sock_take_address(r, i, six ? FIELD_COMMON_SADDR6 : FIELD_COMMON_SADDR,
			  s.local);
	return s;
}

/* What all begin with: which are of these namespaces. */
static int sock_read_common(struct kernel *k, const struct sock_nets *nets,
			    const struct socks_at *at, struct sock_parts *out,
			    struct remarks *remarks, struct err *err)
{
	static const uint32_t fields[] = {
		FIELD_COMMON_FAMILY, FIELD_COMMON_STATE,   FIELD_COMMON_NET,
		FIELD_COMMON_REFS,   FIELD_COMMON_DADDR,   FIELD_COMMON_SADDR,
		FIELD_COMMON_DADDR6, FIELD_COMMON_SADDR6,  FIELD_COMMON_DPORT,
		FIELD_COMMON_NUM,    FIELD_COMMON_LISTENER};
	_cleanup_(records_deinit) struct records r = {0};
	_cleanup_free_ uint64_t *addrs = calloc(at->v.n + 1, sizeof(*addrs));
	_cleanup_(map_deinit) struct map of = {0};
	size_t i;
	int rc;

	if (!addrs || sock_nets_map(nets, &of))
		return err_nomem(err);
	for (i = 0; i < at->v.n; i++)
		addrs[i] = at->v.v[i].addr;
	rc = records_read(k, addrs, at->v.n, fields, 11, &r, err);
	for (i = 0; i < at->v.n && !rc; i++) {
		if (!r.ok[i])
			remarks_add(remarks,
				    "a socket cannot be read, at 0x%" PRIx64,
				    addrs[i]);
		if (!r.ok[i] ||
		    !map_get(&of, records_u64(&r, i, FIELD_COMMON_NET), NULL))
			continue;
		if (vec_push(&out->socks->v, sock_take(&at->v.v[i], &r, i)) ||
		    vec_push(&out->listeners,
			     records_u64(&r, i, FIELD_COMMON_LISTENER)))
			rc = err_nomem(err);
	}
	return rc;
}

/* One that is being opened belongs to whom its listener does. */
static int sock_find_owners(const struct sock_parts *p)
{
	_cleanup_(map_deinit) struct map at = {0};
	size_t i;
	uint64_t owner;

	for (i = 0; i < p->socks->v.n; i++)
		if (map_put(&at, p->socks->v.v[i].addr, i))
			return ERR_NOMEM;
	for (i = 0; i < p->socks->v.n; i++)
		if (p->socks->v.v[i].state == SOCK_NEW_SYN_RECV &&
		    map_get(&at, p->listeners.v[i], &owner))
			p->socks->v.v[i].uid = p->socks->v.v[owner].uid;
	return 0;
}

int socks_read(struct kernel *k, const struct sock_nets *nets,
	       unsigned int which, struct socks *out, struct remarks *remarks,
	       struct err *err)
{
	_cleanup_(socks_at_deinit) struct socks_at at = {0};
	_cleanup_(sock_parts_deinit) struct sock_parts parts = {.socks = out};
	int rc;

	*out = (struct socks){0};
	/* who is opened tells of who listens */
	if (which & 1u << SOCK_TABLE_TCP)
		which |= 1u << SOCK_TABLE_LISTEN;
	rc = sock_tables_read(k, nets, which, &at, remarks, err);
	if (!rc)
		rc = sock_read_common(k, nets, &at, &parts, remarks, err);
	if (!rc)
		rc = sock_parts_read(k, &parts, remarks, err);
	if (!rc && sock_find_owners(&parts))
		rc = err_nomem(err);
	return rc;
}

void socks_deinit(struct socks *s)
{
	vec_deinit(&s->v);
}

void sock_path(const struct sock *s, struct buf *out)
{
	size_t i = 0, n = s->path_len;

	if (n && !s->path[0]) {
		buf_puts(out, "@");
		i++;
	} else if (n) {
		n--; /* others end in one, which counts */
	}
	for (; i < n; i++) {
		char c = s->path[i] ? (char)s->path[i] : '@';

		buf_add(out, &c, 1);
	}
}
