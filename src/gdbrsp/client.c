/* SPDX-License-Identifier: BSD-2-Clause */
/* The conversation with a stub: handshake, calls, resynchronising, leaving. */
#include "gdbrsp/client.h"

#include <stdio.h>
#include <string.h>

/* How often the first question is put before giving up. */
#define HELLO_TRIES 3

/* More replies than can be under way, the lines of a monitor command too. */
#define DRAIN_MAX 200000

/* Lengths of target.xml's beginning; the shortest known has 140 bytes. */
#define MARKER_MIN   32
#define MARKER_COUNT 64

/*
 * Its answer is unmistakable.  Without "multiprocess+": what a client says
 * here outlives its connection, and thread IDs are taken in either form.
 */
static const char hello[] = "qSupported";
static const char hello_answer[] = "PacketSize=";

/* Works whether or not some client once said multiprocess+ (gdbstub.c). */
static const char detach[] = "D;1";

void gdbrsp_client_init(struct gdbrsp_client *c, struct gdbrsp_conn *conn)
{
	*c = (struct gdbrsp_client){.conn = conn};
}

static void put(struct gdbrsp_client *c, const char *request)
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

int gdbrsp_client_unexpected(const struct gdbrsp_client *c, const char *request,
			     const struct buf *reply, struct err *err)
{
	char text[64];

	if (!reply->len)
		return err_set(err, ERR_NO_GUEST,
			       "%s: the stub does not know the request `%.60s`",
			       gdbrsp_conn_name(c->conn), request);
	return err_set(err, ERR_NO_GUEST,
		       "%s: request `%.60s`: an answer that does not fit: `%s`",
		       gdbrsp_conn_name(c->conn), request, quote(reply, text));
}

static bool has_stopped(const struct buf *b)
{
	return b->data[0] == 'T' || b->data[0] == 'S';
}

static bool has_exited(const struct buf *b)
{
	return b->data[0] == 'W' || b->data[0] == 'X';
}

static int not_gdb(struct gdbrsp_client *c, struct err *err)
{
	c->stranger = true;
	return err_set(err, ERR_NO_GUEST,
		       "%s answers, but does not speak the GDB protocol",
		       gdbrsp_conn_name(c->conn));
}

/* An event that is no packet: what it means depends on whether we met. */
static int wrong_event(struct gdbrsp_client *c, enum gdbrsp_event event,
		       struct err *err)
{
	if (!c->answered)
		return not_gdb(c, err);
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

/* The next event, notifications and expected stop replies left out. */
static int next_event(struct gdbrsp_client *c, enum gdbrsp_event *event,
		      const struct buf **body, struct err *err)
{
	int ret;

	for (;;) {
		ret = gdbrsp_conn_next(c->conn, event, body, err);
		if (ret || *event == GDBRSP_NAK)
			return ret;
		if (*event == GDBRSP_NOTE)
			continue;
		if (*event != GDBRSP_PACKET)
			return wrong_event(c, *event, err);
		c->answered = true;
		if (!has_stopped(*body) && !has_exited(*body))
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

	ret = next_event(c, &event, reply, err);
	if (!ret && event == GDBRSP_NAK)
		ret = wrong_event(c, event, err);
	return ret;
}

int gdbrsp_client_begin(struct gdbrsp_client *c, struct err *err)
{
	int ret = c->dirty ? gdbrsp_client_resync(c, err) : 0;

	if (!ret)
		c->dirty = true;
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
	put(c, request);
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

	for (i = 0; i < DRAIN_MAX; i++) {
		ret = gdbrsp_conn_next(c->conn, &event, &body, err);
		if (ret)
			return ret;
		if (event != GDBRSP_PACKET)
			continue;
		if (body->len == len && body->data[0] == 'm')
			return 0;
		c->answered = true;
		if (has_stopped(body))
			*(c->steady ? &c->resumed : &c->saw_stop) = true;
	}
	return err_set(err, ERR_NO_GUEST, "%s: the stub does not stop talking",
		       gdbrsp_conn_name(c->conn));
}

/*
 * The marker asks for a number of bytes that no other request asks for, the
 * markers before it included: they may be unanswered, too.  Twice, because a
 * byte that stops a guest resumed by somebody else is lost.
 */
int gdbrsp_client_resync(struct gdbrsp_client *c, struct err *err)
{
	char marker[64];
	int ret = 0, i;

	for (i = 0; i < 2; i++) {
		unsigned int len = MARKER_MIN + c->markers++ % MARKER_COUNT;

		snprintf(marker, sizeof(marker),
			 "qXfer:features:read:target.xml:0,%x", len);
		put(c, marker);
		ret = drain(c, len + 1, err);
		if (!ret) {
			c->dirty = false;
			return 0;
		}
		if (ret != ERR_NO_GUEST || gdbrsp_conn_lost(c->conn))
			break;
	}
	return ret;
}

/*
 * The first question.  A client that died within a packet leaves half of it
 * in the stub's parser: ours then completes it and is rejected, or, should
 * the sums agree, taken for something else.
 */
static int say_hello(struct gdbrsp_client *c, struct err *err)
{
	const struct buf *reply;
	enum gdbrsp_event event;
	int ret, tries;

	c->dirty = true;
	for (tries = 0; tries < HELLO_TRIES; tries++) {
		put(c, hello);
		ret = next_event(c, &event, &reply, err);
		if (ret)
			return ret;
		if (event == GDBRSP_PACKET && strstr(reply->data, hello_answer))
			break;
	}
	c->dirty = false;
	if (tries == HELLO_TRIES)
		return c->answered ? err_set(err, ERR_NO_GUEST,
					     "%s: a stub, but not QEMU's: it "
					     "does not tell its packet size",
					     gdbrsp_conn_name(c->conn))
				   : not_gdb(c, err);
	c->steady = false;
	if (sscanf(strstr(reply->data, hello_answer), "PacketSize=%8zx",
		   &c->packet_size) != 1 ||
	    c->packet_size < 256 || c->packet_size > GDBRSP_BODY_MAX)
		return gdbrsp_client_unexpected(c, hello, reply, err);
	return 0;
}

/* Words for a first exchange that failed before a single byte came. */
static int explain_silence(struct gdbrsp_client *c, int ret, struct err *err)
{
	const char *name = gdbrsp_conn_name(c->conn);

	if (ret != ERR_NO_GUEST || !gdbrsp_conn_mute(c->conn))
		return ret;
	if (gdbrsp_conn_lost(c->conn))
		return err_set(err, ret,
			       "%s closes the connection at once: is a GDB "
			       "stub there?",
			       name);
	return err_set(err, ret,
		       "%s: no answer within %g s: is another debugger "
		       "attached?",
		       name, gdbrsp_conn_timeout(c->conn) / 1000.0);
}

int gdbrsp_client_handshake(struct gdbrsp_client *c, struct err *err)
{
	const struct buf *reply;
	int ret;

	/* Stubs other than QEMU's want acks before they can be told apart. */
	gdbrsp_conn_set_acks(c->conn, true);
	ret = say_hello(c, err);
	if (ret)
		return explain_silence(c, ret, err);
	ret = gdbrsp_client_call(c, "qqemu.Supported", &reply, err);
	if (ret)
		return ret;
	c->is_qemu = strstr(reply->data, "PhyMemMode");
	if (!c->is_qemu)
		return err_set(
			err, ERR_NO_GUEST,
			"%s: a stub, but none that gives access to "
			"physical memory: not QEMU's, or QEMU before 4.1",
			gdbrsp_conn_name(c->conn));
	gdbrsp_conn_set_acks(c->conn, false);
	c->steady = true;
	return 0;
}

int gdbrsp_client_detach(struct gdbrsp_client *c, struct err *err)
{
	const struct buf *reply;
	int ret;

	gdbrsp_conn_set_acks(c->conn, false);
	ret = gdbrsp_client_call(c, c->is_qemu ? detach : "D", &reply, err);
	if (ret)
		return ret;
	if (strcmp(reply->data, "OK") != 0)
		return gdbrsp_client_unexpected(c, "D", reply, err);
	return 0;
}

void gdbrsp_client_abandon(struct gdbrsp_client *c, bool run)
{
	gdbrsp_conn_set_acks(c->conn, false);
	put(c, "Qqemu.PhyMemMode:0");
	if (run)
		put(c, detach);
	gdbrsp_conn_push(c->conn);
}
