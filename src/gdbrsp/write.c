/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory through the stub: pipelined writes. */
#include <inttypes.h>

#include "base/cleanup.h"
#include "gdbrsp/exchange.h"
#include "gdbrsp/limits.h"

/*
 * What may be under way: much, so that an ordinary write goes out in one piece
 * and is not cut, but not the tens of MiB that a large one has.
 */
#define WINDOW_REQUESTS GDBRSP_REQUESTS_MAX
#define WINDOW_CHARS	(128u << 10)

/* A request's head, its ack and an answer, in bytes; and the seal. */
#define OVERHEAD 64

/* A byte of the pieces. */
struct position {
	size_t piece, offset;
};

/* A pass over all pieces that are MEM_PENDING; no request spans pieces. */
struct pass {
	struct gdbrsp_client *client;
	struct mem_write *writes;
	size_t n;
	uint64_t bytes;		/* of all pieces */
	size_t max;		/* bytes per request */
	struct position next;	/* the first byte not sent */
	struct position oldest; /* the first byte not answered */
	size_t under_way, chars;
	bool sealed;		     /* all is sent, see gdbrsp_client_seal() */
	bool piece_failed;	     /* the one at `oldest` */
	size_t failed, first_failed; /* pieces */
};

/* What one request can hold beside "M...,...:" and QEMU's NUL:
 * docs/facts/gdbstub.md, "Packets and their sizes". */
static size_t write_max(const struct gdbrsp_client *c)
{
	return (c->packet_size - 1 - 34) / 2;
}

static void skip_done(const struct pass *p, struct position *at)
{
	while (at->piece < p->n && p->writes[at->piece].status != MEM_PENDING)
		at->piece++;
}

static size_t chunk_len(const struct pass *p, const struct position *at)
{
	size_t left = p->writes[at->piece].len - at->offset;

	return left < p->max ? left : p->max;
}

/* Behind a chunk; true at the end of its piece. */
static bool write_step(const struct pass *p, struct position *at, size_t len)
{
	at->offset += len;
	return at->offset == p->writes[at->piece].len;
}

static void next_piece(const struct pass *p, struct position *at)
{
	*at = (struct position){.piece = at->piece + 1};
	skip_done(p, at);
}

static int write_put(struct pass *p, struct err *err)
{
	_cleanup_(buf_deinit) struct buf request = {0};
	const struct mem_write *w = &p->writes[p->next.piece];
	size_t len = chunk_len(p, &p->next);

	buf_printf(&request, "M%" PRIx64 ",%zx:", w->pa + p->next.offset, len);
	gdbrsp_hex_encode(&request, (const uint8_t *)w->src + p->next.offset,
			  len);
	if (request.oom)
		return err_nomem(err);
	gdbrsp_conn_put(p->client->conn, request.data, request.len);
	p->under_way++;
	p->chars += 2 * len;
	if (write_step(p, &p->next, len))
		next_piece(p, &p->next);
	return 0;
}

/* Send as much as may be under way, once half of it is answered. */
static int write_refill(struct pass *p, struct err *err)
{
	int ret = 0;

	if (p->sealed || p->under_way > WINDOW_REQUESTS / 2 ||
	    p->chars > WINDOW_CHARS / 2)
		return 0;
	while (!ret && p->next.piece < p->n && p->under_way < WINDOW_REQUESTS &&
	       p->chars < WINDOW_CHARS)
		ret = write_put(p, err);
	if (!ret && p->next.piece == p->n) {
		p->sealed = true;
		gdbrsp_client_seal(p->client);
	}
	return ret;
}

static void end_piece(struct pass *p)
{
	if (p->piece_failed && !p->failed++)
		p->first_failed = p->oldest.piece;
	p->writes[p->oldest.piece].status =
		p->piece_failed ? MEM_FAILED : MEM_OK;
	p->piece_failed = false;
	next_piece(p, &p->oldest);
}

/* Take the answer to the oldest request. */
static int write_take(struct pass *p, struct err *err)
{
	size_t len = chunk_len(p, &p->oldest);
	const struct buf *reply;
	int ret;

	ret = gdbrsp_client_receive(p->client, &reply, err);
	if (!ret && gdbrsp_client_is_error(reply))
		p->piece_failed = true;
	else if (!ret)
		ret = gdbrsp_client_expect_ok(p->client, "M", reply, err);
	if (ret)
		return ret;
	p->under_way--;
	p->chars -= 2 * len;
	if (write_step(p, &p->oldest, len))
		end_piece(p);
	return 0;
}

static int write_exchange(struct pass *p, struct err *err)
{
	int ret;

	ret = gdbrsp_client_begin(p->client, err);
	if (ret)
		return ret;
	gdbrsp_client_allow(p->client, 2 * p->bytes + OVERHEAD * (p->n + 1));
	ret = write_refill(p, err);
	while (!ret && p->under_way) {
		ret = write_take(p, err);
		if (!ret)
			ret = write_refill(p, err);
	}
	if (!ret)
		ret = gdbrsp_client_unseal(p->client, err);
	if (!ret)
		gdbrsp_client_end(p->client);
	return ret;
}

/* Write what is not MEM_OK. */
static int write_write_all(struct gdbrsp_client *c, struct mem_write *writes,
			   size_t n, struct err *err)
{
	struct pass p = {
		.client = c, .writes = writes, .n = n, .max = write_max(c)};
	size_t i;
	int ret;

	for (i = 0; i < n; i++) {
		if (writes[i].status != MEM_OK)
			writes[i].status = writes[i].len ? MEM_PENDING : MEM_OK;
		p.bytes += writes[i].len;
	}
	skip_done(&p, &p.next);
	p.oldest = p.next;
	if (p.next.piece == n)
		return 0;
	ret = write_exchange(&p, err);
	if (ret || !p.failed)
		return ret;
	return err_set(err, ERR_PARTIAL,
		       "0x%" PRIx64 ": the stub does not write there",
		       writes[p.first_failed].pa);
}

int gdbrsp_client_write(struct gdbrsp_client *c, struct mem_write *writes,
			size_t n, struct err *err)
{
	size_t i;
	int ret = gdbrsp_conn_hold_signals(c->conn, err);

	if (ret)
		return ret;
	for (i = 0; i < n; i++)
		writes[i].status = MEM_PENDING;
	ret = write_write_all(c, writes, n, err);
	if (!ret)
		return 0;
	/* Once more: an error may be of the moment.  Where an answer is in
	 * doubt, all are. */
	if (ret != ERR_PARTIAL) {
		if (!gdbrsp_client_is_there(c))
			return ret;
		for (i = 0; i < n; i++)
			writes[i].status = MEM_PENDING;
	}
	return write_write_all(c, writes, n, err);
}
