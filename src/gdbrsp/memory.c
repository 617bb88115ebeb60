/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory through the stub: pipelined reads. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/digits.h"
#include "gdbrsp/exchange.h"

/*
 * What may be under way: requests, and characters of replies to them.  Enough
 * to keep QEMU busy; no more than a Unix socket's buffer holds, since QEMU
 * sleeps where a write would block (docs/facts/gdbstub.md, "Packets and their
 * sizes"); and little enough to be drained in some milliseconds after a signal.
 */
#define WINDOW_REQUESTS 512
#define WINDOW_CHARS	(128u << 10)

/* With large packets (QEMU 10.2 and later) still so many. */
#define WINDOW_PACKETS 4

/* A request, its ack and what is around an answer, in bytes; and the seal. */
#define OVERHEAD 64

/*
 * One request: `len` bytes from `offset` of piece `first` on, and maybe into
 * the pieces behind it.
 */
struct chunk {
	size_t first, offset, len;
};

/*
 * A pass over all pieces that are MEM_PENDING.  A piece becomes MEM_FAILED
 * with the first request that fails and holds some of it, else MEM_OK with its
 * last byte.
 */
struct pass {
	struct gdbrsp_client *client;
	struct mem_read *reads;
	size_t n;
	uint64_t bytes;			      /* of all pieces */
	size_t chunk_max;		      /* bytes per request */
	size_t chars_max;		      /* characters under way */
	bool merge;			      /* a request may span pieces */
	size_t next, offset;		      /* the first byte not asked for */
	struct chunk window[WINDOW_REQUESTS]; /* a ring, oldest at `head` */
	size_t head, under_way, chars;
	bool sealed; /* all is asked for, see gdbrsp_client_seal() */
	bool failed; /* a request did */
};

static bool follows(const struct mem_read *a, const struct mem_read *b)
{
	return b->status == MEM_PENDING && a->pa + a->len == b->pa;
}

/* The next request in order; false when all bytes are asked for. */
static bool cut_chunk(struct pass *p, struct chunk *chunk)
{
	size_t piece;

	while (p->next < p->n && (p->reads[p->next].status != MEM_PENDING ||
				  p->offset == p->reads[p->next].len)) {
		p->next++;
		p->offset = 0;
	}
	if (p->next == p->n)
		return false;
	*chunk = (struct chunk){.first = p->next, .offset = p->offset};
	for (;;) {
		const struct mem_read *r = &p->reads[p->next];

		piece = r->len - p->offset;
		if (piece > p->chunk_max - chunk->len)
			piece = p->chunk_max - chunk->len;
		chunk->len += piece;
		p->offset += piece;
		if (p->offset < r->len || !p->merge || p->next + 1 == p->n ||
		    chunk->len == p->chunk_max || !follows(r, r + 1))
			break;
		p->next++;
		p->offset = 0;
	}
	return true;
}

static void memory_ask(struct pass *p, const struct chunk *chunk)
{
	char request[2 + 2 * DIGITS_MAX], *at = request;

	*at++ = 'm';
	at = digits_hex(at, p->reads[chunk->first].pa + chunk->offset, 1);
	*at++ = ',';
	at = digits_hex(at, chunk->len, 1);
	gdbrsp_conn_put(p->client->conn, request, (size_t)(at - request));
	p->window[(p->head + p->under_way++) % WINDOW_REQUESTS] = *chunk;
	p->chars += 2 * chunk->len;
}

/*
 * Ask for as much as may be under way, once half of it has come.  Answers of
 * one length look alike: the last request is followed by the seal.
 */
static void memory_refill(struct pass *p)
{
	struct chunk chunk;

	if (p->sealed || p->under_way > WINDOW_REQUESTS / 2 ||
	    p->chars > p->chars_max / 2)
		return;
	while (p->under_way < WINDOW_REQUESTS && p->chars < p->chars_max) {
		if (!cut_chunk(p, &chunk)) {
			p->sealed = true;
			gdbrsp_client_seal(p->client);
			return;
		}
		memory_ask(p, &chunk);
	}
}

/* Spread the digits of a reply over the pieces that the chunk holds. */
static bool scatter(struct pass *p, const struct chunk *chunk, const char *hex)
{
	struct mem_read *r = &p->reads[chunk->first];
	size_t offset = chunk->offset, left = chunk->len;

	while (left) {
		size_t piece = r->len - offset < left ? r->len - offset : left;

		if (!gdbrsp_hex_decode((uint8_t *)r->dst + offset, hex, piece))
			return false;
		if (offset + piece == r->len && r->status == MEM_PENDING)
			r->status = MEM_OK;
		hex += 2 * piece;
		left -= piece;
		offset = 0;
		r++;
	}
	return true;
}

static void memory_fail(struct pass *p, const struct chunk *chunk)
{
	struct mem_read *r = &p->reads[chunk->first];
	size_t offset = chunk->offset, left = chunk->len;

	while (left) {
		size_t piece = r->len - offset < left ? r->len - offset : left;

		r->status = MEM_FAILED;
		left -= piece;
		offset = 0;
		r++;
	}
	p->failed = true;
}

/* Take the reply to the oldest request. */
static int memory_take(struct pass *p, struct err *err)
{
	const struct chunk *chunk = &p->window[p->head];
	const struct buf *reply;
	int ret;

	ret = gdbrsp_client_receive(p->client, &reply, err);
	if (ret)
		return ret;
	if (gdbrsp_client_is_error(reply))
		memory_fail(p, chunk);
	else if (reply->len != 2 * chunk->len ||
		 !scatter(p, chunk, reply->data))
		return gdbrsp_client_unexpected(p->client, "m", reply, err);
	p->head = (p->head + 1) % WINDOW_REQUESTS;
	p->under_way--;
	p->chars -= 2 * chunk->len;
	return 0;
}

static int memory_run(struct pass *p, struct err *err)
{
	int ret;

	ret = gdbrsp_client_begin(p->client, err);
	if (ret)
		return ret;
	gdbrsp_client_allow(p->client, 2 * p->bytes + OVERHEAD * (p->n + 1));
	memory_refill(p);
	while (!ret && p->under_way) {
		gdbrsp_conn_expect_much(p->client->conn,
					p->chars > p->chars_max / 2);
		ret = memory_take(p, err);
		if (!ret)
			memory_refill(p);
	}
	gdbrsp_conn_expect_much(p->client->conn, false);
	if (!ret)
		ret = gdbrsp_client_unseal(p->client, err);
	if (!ret)
		gdbrsp_client_end(p->client);
	return ret;
}

int gdbrsp_client_read(struct gdbrsp_client *c, struct mem_read *reads,
		       size_t n, struct err *err)
{
	struct pass p = {.client = c,
			 .reads = reads,
			 .n = n,
			 .chunk_max = c->packet_size / 2,
			 .chars_max = WINDOW_PACKETS * c->packet_size,
			 .merge = true};
	size_t i;
	int ret;

	if (p.chars_max < WINDOW_CHARS)
		p.chars_max = WINDOW_CHARS;
	for (i = 0; i < n; i++) {
		reads[i].status = reads[i].len ? MEM_PENDING : MEM_OK;
		p.bytes += reads[i].len;
	}
	ret = p.bytes ? memory_run(&p, err) : 0;
	if (ret || !p.failed)
		return ret;
	/* Once more: each for itself, and an error may be of the moment. */
	for (i = 0; i < n; i++)
		if (reads[i].status == MEM_FAILED)
			reads[i].status = MEM_PENDING;
	p.merge = p.sealed = false;
	p.next = p.offset = 0;
	return memory_run(&p, err);
}
