/* SPDX-License-Identifier: BSD-2-Clause */
/* Coming to a stub and leaving it, such that nobody is left standing. */
#include <stdio.h>
#include <string.h>

#include "gdbrsp/exchange.h"
#include "gdbrsp/limits.h"

/* How often the first questions are put before giving up. */
#define HELLO_TRIES 3

/*
 * Connecting has stopped the guest.  Should we die, or lose the connection,
 * nothing would tell the next client so but PhyMemMode, which nobody else
 * leaves on: hence it is switched on before anything else, in the first write
 * (docs/facts/gdbstub.md, "What outlives a connection").
 *
 * An empty packet goes first, for a client that died within a packet leaves
 * half of it in the stub's parser.  "qSupported" goes without "multiprocess+":
 * what a client says there outlives its connection, and thread IDs are taken
 * in either form.
 */
static const char *const hello[] = {"", "qSupported", "qqemu.PhyMemMode",
				    "Qqemu.PhyMemMode:1"};
#define HELLO_COUNT (sizeof(hello) / sizeof(*hello))

static const char packet_size[] = "PacketSize=";

/*
 * What only debuggers of a process have: gdbserver, and QEMU's user-mode
 * emulators since 5.0 (a machine has no auxiliary vector).
 */
static const char process_only[] = "qXfer:auxv:read+";

static const char phys_off[] = "Qqemu.PhyMemMode:0";

/* Works whether or not some client once said multiprocess+. */
static const char detach[] = "D;1";

void gdbrsp_client_overhear(struct gdbrsp_client *c, const struct buf *body)
{
	if (c->steady || c->first_mode)
		return;
	if (strstr(body->data, packet_size))
		c->sized = true;
	else if ((c->sized || c->packet_size) && body->len == 1 &&
		 (*body->data == '0' || *body->data == '1'))
		c->first_mode = *body->data;
}

/* What became of one try. */
enum outcome {
	AGAIN = 1, /* answers that do not fit, or were lost */
	NO_PHYS_MODE
};

/* Pass over what belongs to the empty packet; 0 or AGAIN, or an error. */
static int await_packet_size(struct gdbrsp_client *c, struct err *err)
{
	const struct buf *reply;
	enum gdbrsp_event event;
	const char *found;
	size_t i;
	int ret;

	for (i = 0; i < HELLO_COUNT; i++) {
		ret = gdbrsp_client_next(c, &event, &reply, err);
		if (ret)
			return ret;
		if (event == GDBRSP_JUNK)
			return gdbrsp_client_wrong_event(c, event, err);
		c->echoes = event == GDBRSP_PACKET &&
			    !strcmp(reply->data, hello[1]);
		if (c->echoes)
			return gdbrsp_client_not_gdb(c, err);
		found = event == GDBRSP_PACKET
				? strstr(reply->data, packet_size)
				: NULL;
		if (!found) {
			c->doubt |= event == GDBRSP_PACKET && *reply->data;
			continue;
		}
		c->of_process = strstr(reply->data, process_only) != NULL;
		if (sscanf(found, "PacketSize=%8zx", &c->packet_size) == 1 &&
		    c->packet_size >= 256 && c->packet_size <= GDBRSP_BODY_MAX)
			return 0;
		return gdbrsp_client_unexpected(c, hello[1], reply, err);
	}
	return AGAIN;
}

/*
 * The mode as it was found, unless we may have set it ourselves by now.  An
 * empty answer: there is no such mode.
 */
static int await_mode(struct gdbrsp_client *c, bool first, struct err *err)
{
	const struct buf *reply;
	enum gdbrsp_event event;
	int ret;

	ret = gdbrsp_client_next(c, &event, &reply, err);
	if (ret)
		return ret;
	if (event != GDBRSP_PACKET ||
	    (strcmp(reply->data, "0") != 0 && strcmp(reply->data, "1") != 0 &&
	     *reply->data))
		return AGAIN;
	c->is_qemu = *reply->data;
	if (first)
		c->first_mode = *reply->data;
	/* An answer that came before a signal did is known as well. */
	c->found_phys = c->first_mode == '1';
	c->doubt |= !c->first_mode && *reply->data == '1';
	return 0;
}

static int await_mode_set(struct gdbrsp_client *c, struct err *err)
{
	const struct buf *reply;
	enum gdbrsp_event event;
	int ret;

	ret = gdbrsp_client_next(c, &event, &reply, err);
	if (ret)
		return ret;
	if (event != GDBRSP_PACKET ||
	    strcmp(reply->data, c->is_qemu ? "OK" : "") != 0)
		return AGAIN;
	return c->is_qemu ? 0 : NO_PHYS_MODE;
}

/* Put all of them; 0, an outcome, or an error. */
static int try_hello(struct gdbrsp_client *c, struct err *err)
{
	bool first = !c->asked;
	size_t i;
	int ret;

	c->asked = true;
	for (i = 0; i < HELLO_COUNT; i++)
		gdbrsp_client_put(c, hello[i]);
	ret = await_packet_size(c, err);
	if (!ret)
		ret = await_mode(c, first, err);
	return ret ? ret : await_mode_set(c, err);
}

/*
 * For a stub that drops what comes while it answers: each when the one before
 * is answered.
 */
static int try_one_by_one(struct gdbrsp_client *c, struct err *err)
{
	int ret;

	c->one_by_one = true;
	gdbrsp_client_allow(c, 0);
	gdbrsp_client_put(c, hello[1]);
	ret = await_packet_size(c, err);
	if (ret)
		return ret;
	gdbrsp_client_put(c, hello[2]);
	ret = await_mode(c, false, err);
	if (ret)
		return ret;
	gdbrsp_client_put(c, hello[3]);
	return await_mode_set(c, err);
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

static int explain_stranger(struct gdbrsp_client *c, int outcome,
			    struct err *err)
{
	if (!c->answered)
		return gdbrsp_client_not_gdb(c, err);
	if (c->of_process)
		return err_set(
			err, ERR_NO_GUEST,
			"%s: the stub of a process (gdbserver, or QEMU's "
			"user-mode emulator): there is no machine to "
			"look into",
			gdbrsp_conn_name(c->conn));
	if (outcome == AGAIN && c->packet_size)
		return err_set(err, ERR_NO_GUEST,
			       "%s: a stub, but not QEMU's: its answers do not "
			       "fit the questions",
			       gdbrsp_conn_name(c->conn));
	if (outcome == AGAIN)
		return err_set(err, ERR_NO_GUEST,
			       "%s: a stub, but not QEMU's: it does not tell "
			       "its packet size",
			       gdbrsp_conn_name(c->conn));
	return err_set(err, ERR_NO_GUEST,
		       "%s: a stub, but none that gives access to physical "
		       "memory: not QEMU's, or QEMU before 4.1",
		       gdbrsp_conn_name(c->conn));
}

int gdbrsp_client_handshake(struct gdbrsp_client *c, struct err *err)
{
	int ret = AGAIN, tries;

	/* Stubs other than QEMU's want acks before they can be told apart. */
	gdbrsp_conn_set_acks(c->conn, true);
	c->dirty = true;
	gdbrsp_client_allow(c, 0);
	for (tries = 0; ret == AGAIN && tries < HELLO_TRIES; tries++)
		ret = try_hello(c, err);
	if (ret < 0 && c->answered && gdbrsp_conn_silent(c->conn))
		ret = try_one_by_one(c, err);
	if (ret < 0)
		return explain_silence(c, ret, err);
	c->dirty = false;
	if (ret)
		return explain_stranger(c, ret, err);
	gdbrsp_conn_set_acks(c->conn, false);
	/* What was only late comes behind what answered in its place. */
	if (tries > 1 || c->one_by_one) {
		ret = gdbrsp_client_resync(c, err);
		if (ret)
			return ret;
	}
	c->steady = true;
	return 0;
}

static int await_ok(struct gdbrsp_client *c, const char *request,
		    struct err *err)
{
	const struct buf *reply;
	int ret;

	ret = gdbrsp_client_receive(c, &reply, err);
	return ret ? ret : gdbrsp_client_expect_ok(c, request, reply, err);
}

/* One write: there is no moment at which the guest stands unmarked. */
int gdbrsp_client_leave(struct gdbrsp_client *c, bool run, struct err *err)
{
	int ret;

	gdbrsp_conn_set_acks(c->conn, false);
	ret = gdbrsp_client_begin(c, err);
	if (ret)
		return ret;
	if (c->is_qemu)
		gdbrsp_client_put(c, phys_off);
	if (c->is_qemu && c->one_by_one)
		ret = await_ok(c, phys_off, err);
	if (run)
		gdbrsp_client_put(c, c->is_qemu ? detach : "D");
	c->parted = run;
	if (!ret && c->is_qemu && !c->one_by_one)
		ret = await_ok(c, phys_off, err);
	if (!ret && run)
		ret = await_ok(c, "D", err);
	if (!ret)
		gdbrsp_client_end(c);
	return ret;
}

void gdbrsp_client_abandon(struct gdbrsp_client *c, bool run)
{
	if (c->parted)
		return;
	gdbrsp_conn_set_acks(c->conn, false);
	gdbrsp_client_put(c, phys_off);
	if (run)
		gdbrsp_client_put(c, detach);
	c->parted = run;
	gdbrsp_conn_push(c->conn);
}
