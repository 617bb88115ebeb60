/* SPDX-License-Identifier: BSD-2-Clause */
/* A connection to a stub: packets go out, packets come in, nobody blocks. */
#include "gdbrsp/conn.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "gdbrsp/conn_inside.h"
#include "gdbrsp/limits.h"

/* Forget what is sent, once moving the rest costs less than it frees. */
static void compact(struct gdbrsp_conn *c)
{
	size_t left = c->out.len - c->out_pos;

	if (left > c->out_pos || !c->out_pos)
		return;
	memmove(c->out.data, c->out.data + c->out_pos, left);
	c->out.len = left;
	c->out_pos = 0;
}

void gdbrsp_conn_put(struct gdbrsp_conn *c, const void *body, size_t len)
{
	compact(c);
	gdbrsp_encode(&c->out, body, len);
	c->stats.packets++;
}

static int lose(struct gdbrsp_conn *c, const char *how, struct err *err)
{
	c->lost = true;
	return err_set(err, ERR_NO_GUEST, "%s: the connection is lost: %s",
		       c->name, how);
}

static bool is_passing(int error)
{
	return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

static void conn_progress(struct gdbrsp_conn *c, size_t n)
{
	c->stats.bytes += n;
	gdbrsp_wait_start(&c->wait);
	gdbrsp_account_move(&c->account, n);
}

static int send_some(struct gdbrsp_conn *c, struct err *err)
{
	ssize_t n;

	if (c->out.oom)
		return err_nomem(err);
	if (c->out_pos == c->out.len || c->send_error)
		return 0;
	n = send(c->fd, c->out.data + c->out_pos, c->out.len - c->out_pos,
		 MSG_NOSIGNAL);
	if (n < 0) {
		c->send_error = is_passing(errno) ? 0 : errno;
		return 0;
	}
	c->out_pos += (size_t)n;
	conn_progress(c, (size_t)n);
	return 0;
}

void gdbrsp_conn_push(struct gdbrsp_conn *c)
{
	if (!c->lost)
		send_some(c, NULL);
}

static int receive_some(struct gdbrsp_conn *c, struct err *err)
{
	ssize_t n = recv(c->fd, c->bytes, sizeof(c->bytes), 0);

	if (n < 0 && c->send_error)
		return lose(c, strerror(c->send_error), err);
	if (n < 0)
		return is_passing(errno) ? 0 : lose(c, strerror(errno), err);
	if (!n)
		return lose(c, "closed by the other side", err);
	cursor_init(&c->in, c->bytes, (size_t)n);
	c->mute = c->silent = false;
	conn_progress(c, (size_t)n);
	return 0;
}

static int explain_wait(struct gdbrsp_conn *c, struct err *err)
{
	switch (errno) {
	case EINTR:
		return err_set(err, ERR_INTERRUPTED,
			       c->leaving ? "interrupted once more"
					  : "interrupted");
	case ETIME:
		if (!c->leaving)
			return gdbrsp_wait_too_long(err);
		c->unruly = true;
		return err_set(err, ERR_NO_GUEST,
			       "%s: the stub did not answer all within %g s",
			       c->name, GDBRSP_LEAVE_BUDGET_MS / 1000.0);
	case EPROTO:
		c->late = true;
		return gdbrsp_account_late(&c->account, c->name, err);
	case ETIMEDOUT:
		c->silent = true;
		return err_set(err, ERR_NO_GUEST, "%s: no answer within %g s",
			       c->name, c->wait.timeout_ms / 1000.0);
	default:
		return err_sys(err, ERR_SYS, "%s: poll", c->name);
	}
}

/*
 * One round of output and input.  Both are always looked at: a stub that is
 * stuck in writing to us does not read either.
 */
static int conn_exchange(struct gdbrsp_conn *c, struct err *err)
{
	int ret, events;

	if (c->lost)
		return lose(c, "closed by the other side", err);
	ret = send_some(c, err);
	if (ret)
		return ret;
	/* The other side has gone, but may have said something before. */
	if (c->send_error)
		return receive_some(c, err);
	c->wait.answer_us = c->account.until_us;
	events = gdbrsp_wait(&c->wait, c->fd,
			     c->out_pos < c->out.len ? POLLIN | POLLOUT
						     : POLLIN);
	if (events < 0)
		return explain_wait(c, err);
	if (events & ~POLLOUT)
		return receive_some(c, err);
	return 0;
}

void gdbrsp_conn_allow(struct gdbrsp_conn *c, size_t body_max, uint64_t bytes)
{
	c->parser.max = body_max;
	gdbrsp_account_open(&c->account, c->wait.timeout_ms, body_max,
			    bytes + (c->out.len - c->out_pos));
}

/* Parse up to the next event; 0, or an error where it is too much. */
static int conn_parse(struct gdbrsp_conn *c, enum gdbrsp_event *e,
		      struct err *err)
{
	size_t from = c->in.pos;
	int ret;

	*e = gdbrsp_parser_next(&c->parser, &c->in);
	ret = gdbrsp_account_book(&c->account, c->in.pos - from, &c->parser, *e,
				  c->name, err);
	c->unruly |= ret != 0;
	return ret;
}

int gdbrsp_conn_next(struct gdbrsp_conn *c, enum gdbrsp_event *event,
		     const struct buf **body, struct err *err)
{
	enum gdbrsp_event e;
	int ret;

	gdbrsp_wait_start(&c->wait);
	for (;;) {
		ret = conn_parse(c, &e, err);
		if (ret)
			return ret;
		if (e == GDBRSP_ACK)
			continue;
		if (e != GDBRSP_MORE)
			break;
		ret = conn_exchange(c, err);
		if (ret)
			return ret;
	}
	/* It leaves before we wait again: some read nothing else till then. */
	if (e == GDBRSP_PACKET && c->acks)
		buf_puts(&c->out, "+");
	*body = &c->parser.body;
	*event = e;
	return 0;
}

int gdbrsp_conn_await(struct gdbrsp_conn *c, unsigned int ms, bool *came,
		      enum gdbrsp_event *event, const struct buf **body,
		      struct err *err)
{
	unsigned int patience = c->wait.timeout_ms;
	bool silent = c->silent, late = c->late;
	int ret;

	c->wait.timeout_ms = ms;
	c->silent = c->late = false;
	/* For what drips time passes, too. */
	gdbrsp_conn_allow(c, GDBRSP_BODY_MIN, 0);
	ret = gdbrsp_conn_next(c, event, body, err);
	c->wait.timeout_ms = patience;
	*came = !ret;
	if (ret == ERR_NO_GUEST && (c->silent || c->late))
		ret = 0;
	c->silent = silent;
	c->late = late;
	return ret;
}

void gdbrsp_conn_put_interrupt(struct gdbrsp_conn *c)
{
	buf_puts(&c->out, "\003");
}

void gdbrsp_conn_set_acks(struct gdbrsp_conn *c, bool on)
{
	c->acks = on;
}

void gdbrsp_conn_leave(struct gdbrsp_conn *c, unsigned int timeout_ms,
		       uint64_t until_us)
{
	/* What did not fit is not sent; there is room for what follows. */
	c->out.oom = false;
	c->wait.timeout_ms = timeout_ms;
	c->wait.interrupt = c->interrupt;
	c->wait.held = c->leaving = true;
	c->wait.until_us = until_us;
}

int gdbrsp_conn_hold_signals(struct gdbrsp_conn *c, struct err *err)
{
	int ret = gdbrsp_wait_over(&c->wait, err);

	if (ret)
		return ret;
	c->wait.interrupt = NULL;
	c->wait.until_us = 0;
	return 0;
}

void gdbrsp_conn_extend(struct gdbrsp_conn *c, uint64_t us)
{
	if (c->wait.until_us)
		c->wait.until_us += us;
}

uint64_t gdbrsp_conn_until(const struct gdbrsp_conn *c)
{
	return c->wait.until_us;
}

/*
 * With the slack that Linux gives timers (50 us) some 16 KiB of what QEMU
 * sends; of what was asked for it has then enough left to be busy.
 */
#define LINGER_US 30

void gdbrsp_conn_expect_much(struct gdbrsp_conn *c, bool much)
{
	c->wait.linger_us = much ? LINGER_US : 0;
}

const struct gdbrsp_wait *gdbrsp_conn_wait(const struct gdbrsp_conn *c)
{
	return &c->wait;
}

unsigned int gdbrsp_conn_timeout(const struct gdbrsp_conn *c)
{
	return c->wait.timeout_ms;
}

bool gdbrsp_conn_lost(const struct gdbrsp_conn *c)
{
	return c->lost;
}

bool gdbrsp_conn_silent(const struct gdbrsp_conn *c)
{
	return c->silent;
}

bool gdbrsp_conn_unruly(const struct gdbrsp_conn *c)
{
	return c->unruly || c->late;
}

bool gdbrsp_conn_mute(const struct gdbrsp_conn *c)
{
	return c->mute;
}

int gdbrsp_conn_fd(const struct gdbrsp_conn *c)
{
	return c->fd;
}

const char *gdbrsp_conn_name(const struct gdbrsp_conn *c)
{
	return c->name;
}

void gdbrsp_conn_stats(const struct gdbrsp_conn *c,
		       struct gdbrsp_conn_stats *stats)
{
	*stats = c->stats;
}
