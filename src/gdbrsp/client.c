/* SPDX-License-Identifier: BSD-2-Clause */
/* The conversation with a stub: what comes, calls, staying in step with it. */
#include "gdbrsp/client.h"
#include "gdbrsp/exchange.h"

#include <stdio.h>
#include <string.h>

#include "gdbrsp/limits.h"

/* Lengths of target.xml's beginning; docs/facts/gdbstub.md, "What is asked
 * for". */
#define MARKER_MIN   32
#define MARKER_COUNT 64

void gdbrsp_client_init(struct gdbrsp_client *c, struct gdbrsp_conn *conn)
{
	*c = (struct gdbrsp_client){.conn = conn,
				    .regs_max = GDBRSP_REGS_BYTES_MAX};
}

void gdbrsp_client_put(struct gdbrsp_client *c, const char *request)
{
	gdbrsp_conn_put(c->conn, request, strlen(request));
}

/* Foreign bytes for a message: printable ones, and not too many. */
static const char *quote(const struct buf *reply, char out[64])
{
	size_t i;

	for (i = 0; i < reply->len && i < 60; i++)
		out[i] = reply->data[i] >= ' ' && reply->data[i] < 0x7f
				 ? reply->data[i]
				 : '?';
	snprintf(out + i, 64 - i, "%s", i < reply->len ? "..." : "");
	return out;
}

/* The answer to the last request of a series, see gdbrsp_client_seal(). */
static bool is_seal(const struct gdbrsp_client *c, const struct buf *reply)
{
	return c->seal && reply->len == c->seal + 1 && reply->data[0] == 'm';
}

int gdbrsp_client_unexpected(struct gdbrsp_client *c, const char *request,
			     const struct buf *reply, struct err *err)
{
	char text[64];

	c->dirty = true; /* the one that fits may be yet to come */
	if (!reply->len)
		return err_set(err, ERR_NO_GUEST,
			       "%s: the stub does not know the request `%.60s`",
			       gdbrsp_conn_name(c->conn), request);
	if (is_seal(c, reply))
		return err_set(err, ERR_NO_GUEST,
			       "%s: requests `%.60s` got no answer: they were "
			       "lost, or somebody else let the guest run",
			       gdbrsp_conn_name(c->conn), request);
	return err_set(err, ERR_NO_GUEST,
		       "%s: request `%.60s`: an answer that does not fit: `%s`",
		       gdbrsp_conn_name(c->conn), request, quote(reply, text));
}

bool gdbrsp_client_is_error(const struct buf *reply)
{
	return reply->len == 3 && reply->data[0] == 'E';
}

int gdbrsp_client_expect_ok(struct gdbrsp_client *c, const char *request,
			    const struct buf *reply, struct err *err)
{
	if (!strcmp(reply->data, "OK"))
		return 0;
	return gdbrsp_client_unexpected(c, request, reply, err);
}

static bool has_exited(const struct buf *b)
{
	return b->data[0] == 'W' || b->data[0] == 'X';
}

int gdbrsp_client_not_gdb(struct gdbrsp_client *c, struct err *err)
{
	c->stranger = true;
	return err_set(err, ERR_NO_GUEST,
		       "%s answers, but does not speak the GDB protocol",
		       gdbrsp_conn_name(c->conn));
}

int gdbrsp_client_wrong_event(struct gdbrsp_client *c, enum gdbrsp_event event,
			      struct err *err)
{
	if (!c->answered)
		return gdbrsp_client_not_gdb(c, err);
	return err_set(err, ERR_NO_GUEST, "%s: %s", gdbrsp_conn_name(c->conn),
		       event == GDBRSP_NAK   ? "the stub rejects a packet"
		       : event == GDBRSP_BAD ? "a garbled packet came"
		       : event == GDBRSP_JUNK
			       ? "bytes came that belong to no packet"
			       : "a packet came that is too large");
}

/* A stop reply that nobody asked for. */
static int take_stop(struct gdbrsp_client *c, const struct buf *body,
		     struct err *err)
{
	char text[64];

	c->exited = has_exited(body);
	if (c->exited)
		return err_set(err, ERR_NO_GUEST, "%s: the guest has ended",
			       gdbrsp_conn_name(c->conn));
	if (!c->steady) {
		c->saw_stop = true;
		return 0;
	}
	c->resumed = true;
	return err_set(err, ERR_NO_GUEST,
		       "%s: somebody else let the guest run and stopped it "
		       "again (%s): what was read is not of one moment",
		       gdbrsp_conn_name(c->conn), quote(body, text));
}

int gdbrsp_client_next(struct gdbrsp_client *c, enum gdbrsp_event *event,
		       const struct buf **body, struct err *err)
{
	int ret;

	for (;;) {
		ret = gdbrsp_conn_next(c->conn, event, body, err);
		if (ret)
			return ret;
		/* What is lost may have been the stop reply. */
		c->doubt |= !c->steady && *event != GDBRSP_PACKET &&
			    *event != GDBRSP_NAK;
		if (*event == GDBRSP_NOTE)
			continue;
		if (*event != GDBRSP_PACKET)
			return 0;
		c->answered = true;
		if (!gdbrsp_is_stop(*body) && !has_exited(*body))
			return 0;
		ret = take_stop(c, *body, err);
		if (ret)
			return ret;
	}
}

int gdbrsp_client_receive(struct gdbrsp_client *c, const struct buf **reply,
			  struct err *err)
{
	enum gdbrsp_event event;
	int ret;

	ret = gdbrsp_client_next(c, &event, reply, err);
	if (!ret && event != GDBRSP_PACKET)
		ret = gdbrsp_client_wrong_event(c, event, err);
	return ret;
}

void gdbrsp_client_allow(struct gdbrsp_client *c, uint64_t bytes)
{
	size_t max = c->packet_size ? c->packet_size : GDBRSP_HELLO_MAX;

	if (max < GDBRSP_BODY_MIN)
		max = GDBRSP_BODY_MIN;
	gdbrsp_conn_allow(c->conn, max, bytes ? bytes : max);
}

int gdbrsp_client_begin(struct gdbrsp_client *c, struct err *err)
{
	int ret = c->dirty ? gdbrsp_client_resync(c, err) : 0;

	if (!ret) {
		c->dirty = true;
		gdbrsp_client_allow(c, 0);
	}
	return ret;
}

void gdbrsp_client_end(struct gdbrsp_client *c)
{
	c->dirty = false;
}

int gdbrsp_client_call(struct gdbrsp_client *c, const char *request,
		       const struct buf **reply, struct err *err)
{
	int ret;

	ret = gdbrsp_client_begin(c, err);
	if (ret)
		return ret;
	gdbrsp_client_put(c, request);
	ret = gdbrsp_client_receive(c, reply, err);
	if (ret)
		return ret;
	gdbrsp_client_end(c);
	return 0;
}

/* Drop packets, good and bad, until one of `len` bytes begins with 'm'. */
static int drain(struct gdbrsp_client *c, size_t len, struct err *err)
{
	const struct buf *body;
	enum gdbrsp_event event;
	int i, ret;

	gdbrsp_client_allow(c, 0);
	for (i = 0; i < GDBRSP_DRAIN_MAX; i++) {
		ret = gdbrsp_conn_next(c->conn, &event, &body, err);
		if (ret)
			return ret;
		if (event != GDBRSP_PACKET) {
			c->doubt |= !c->steady && event != GDBRSP_NAK;
			continue;
		}
		c->answered = true;
		if (body->len == len && body->data[0] == 'm')
			return 0;
		gdbrsp_client_overhear(c, body);
		if (gdbrsp_is_stop(body))
			*(c->steady ? &c->resumed : &c->saw_stop) = true;
	}
	return err_set(err, ERR_NO_GUEST,
		       "%s: the stub floods: %d packets came where one answer "
		       "should",
		       gdbrsp_conn_name(c->conn), i);
}

/*
 * The marker asks for a number of bytes that no other request asks for, the
 * markers before it included: they may be unanswered, too.  Returns how many.
 */
static size_t put_marker(struct gdbrsp_client *c)
{
	unsigned int len = MARKER_MIN + c->markers++ % MARKER_COUNT;
	char marker[64];

	snprintf(marker, sizeof(marker), "qXfer:features:read:target.xml:0,%x",
		 len);
	gdbrsp_client_put(c, marker);
	return len;
}

/*
 * An empty packet goes first: what it begins with ends half a packet in the
 * stub's parser, or is the byte that stops a guest resumed by somebody else.
 */
int gdbrsp_client_resync(struct gdbrsp_client *c, struct err *err)
{
	int ret = 0, i;

	c->dirty = true;
	for (i = 0; i < 2; i++) {
		if (!c->one_by_one)
			gdbrsp_client_put(c, "");
		ret = drain(c, put_marker(c) + 1, err);
		if (!ret) {
			c->dirty = false;
			return 0;
		}
		if (ret != ERR_NO_GUEST || gdbrsp_conn_lost(c->conn) ||
		    gdbrsp_conn_unruly(c->conn))
			break;
	}
	return ret;
}

void gdbrsp_client_seal(struct gdbrsp_client *c)
{
	c->seal = put_marker(c);
}

int gdbrsp_client_unseal(struct gdbrsp_client *c, struct err *err)
{
	const struct buf *reply;
	int ret;

	ret = gdbrsp_client_receive(c, &reply, err);
	if (ret)
		return ret;
	if (is_seal(c, reply))
		return 0;
	c->dirty = true;
	return err_set(err, ERR_NO_GUEST,
		       "%s: answers came that nobody asked for, or not all "
		       "that were",
		       gdbrsp_conn_name(c->conn));
}

/*
 * While it runs nothing may be sent, not even an ack: any byte would stop it
 * (docs/facts/gdbstub.md, "While the guest runs").
 * PhyMemMode stays on; should we die meanwhile, the guest runs.
 */
int gdbrsp_client_run(struct gdbrsp_client *c, unsigned int ms, bool *alone,
		      struct err *err)
{
	enum gdbrsp_event event;
	const struct buf *body;
	bool came;
	int ret;

	ret = gdbrsp_client_begin(c, err);
	if (ret)
		return ret;
	gdbrsp_client_put(c, "c");
	ret = gdbrsp_conn_await(c->conn, ms, &came, &event, &body, err);
	*alone = !came;
	if (!ret && !came) {
		gdbrsp_conn_put_interrupt(c->conn);
		gdbrsp_client_allow(c, 0);
		ret = gdbrsp_conn_next(c->conn, &event, &body, err);
	}
	if (ret)
		return ret;
	if (event != GDBRSP_PACKET)
		return gdbrsp_client_wrong_event(c, event, err);
	c->exited = has_exited(body);
	if (c->exited)
		return err_set(err, ERR_NO_GUEST, "%s: the guest has ended",
			       gdbrsp_conn_name(c->conn));
	if (!gdbrsp_is_stop(body))
		return gdbrsp_client_unexpected(c, "c", body, err);
	gdbrsp_client_end(c);
	return 0;
}

bool gdbrsp_client_is_there(struct gdbrsp_client *c)
{
	if (gdbrsp_conn_lost(c->conn) || gdbrsp_conn_unruly(c->conn) ||
	    c->exited || c->resumed)
		return false;
	return !gdbrsp_client_resync(c, NULL) && !c->resumed;
}
