/* SPDX-License-Identifier: BSD-2-Clause */
/* The beginning and the end of a connection to a stub. */
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "gdbrsp/address.h"
#include "gdbrsp/conn_inside.h"
#include "gdbrsp/limits.h"

static void tick(void *arg)
{
	struct gdbrsp_conn *c = arg;

	c->progress(c->progress_arg, c->stats.bytes);
}

/*
 * All that it takes to leave a guest, before it is stopped: then no want of
 * memory keeps it from that.
 */
static struct gdbrsp_conn *create(const char *name,
				  const struct gdbrsp_conn_opts *opts)
{
	static const char room[GDBRSP_BODY_MIN];
	struct gdbrsp_conn *c = malloc(sizeof(*c));

	if (!c)
		return NULL;
	memset(c, 0, offsetof(struct gdbrsp_conn, bytes)); /* much, and last */
	c->fd = -1;
	c->wait.timeout_ms = opts->timeout_ms;
	c->wait.interrupt = c->interrupt = opts->interrupt;
	c->wait.tick = opts->progress ? tick : NULL;
	c->wait.arg = c;
	c->progress = opts->progress;
	c->progress_arg = opts->arg;
	c->mute = true;
	gdbrsp_parser_init(&c->parser, GDBRSP_BODY_MAX);
	cursor_init(&c->in, c->bytes, 0);
	snprintf(c->name, sizeof(c->name), "%s", name);
	buf_add(&c->out, room, sizeof(room));
	buf_add(&c->parser.body, room, sizeof(room));
	if (c->out.oom || c->parser.body.oom) {
		gdbrsp_conn_close(c);
		return NULL;
	}
	buf_reset(&c->out);
	return c;
}

/* From here on a guest stands still. */
static void open_begin(struct gdbrsp_conn *c, int fd,
		       const struct gdbrsp_conn_opts *opts)
{
	c->fd = fd;
	c->stats.since_us = clock_now_us();
	if (opts->max_ms)
		c->wait.until_us =
			c->stats.since_us + (uint64_t)opts->max_ms * 1000;
	if (opts->leave_us)
		gdbrsp_conn_leave(c, opts->timeout_ms, opts->leave_us);
}

int gdbrsp_conn_adopt(int fd, const char *name,
		      const struct gdbrsp_conn_opts *opts,
		      struct gdbrsp_conn **out, struct err *err)
{
	struct gdbrsp_conn *c = create(name, opts);

	if (!c) {
		close(fd);
		return err_nomem(err);
	}
	open_begin(c, fd, opts);
	if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) {
		gdbrsp_conn_close(c);
		return err_sys(err, ERR_SYS, "%s: fcntl", name);
	}
	*out = c;
	return 0;
}

int gdbrsp_conn_open(const char *address, const struct gdbrsp_conn_opts *opts,
		     struct gdbrsp_conn **out, struct err *err)
{
	struct gdbrsp_wait wait = {.timeout_ms = opts->timeout_ms,
				   .interrupt = opts->interrupt,
				   .held = opts->leave_us != 0,
				   .until_us = opts->leave_us};
	const struct gdbrsp_dial dial = {
		.wait = &wait, .made = opts->made, .arg = opts->arg};
	struct gdbrsp_conn *c = NULL;
	struct gdbrsp_address a;
	int ret, fd;

	ret = gdbrsp_address_parse(&a, address, err);
	if (!ret && !(c = create(a.text, opts)))
		ret = err_nomem(err);
	if (!ret)
		ret = gdbrsp_address_connect(&a, &dial, &fd, err);
	if (ret) {
		gdbrsp_conn_close(c);
		return ret;
	}
	open_begin(c, fd, opts);
	*out = c;
	return 0;
}

int gdbrsp_conn_take_fd(struct gdbrsp_conn *c)
{
	int fd = c->fd;

	c->fd = -1;
	gdbrsp_conn_close(c);
	return fd;
}

void gdbrsp_conn_close(struct gdbrsp_conn *c)
{
	if (!c)
		return;
	/* Whoever else has a copy of it keeps nobody connected. */
	if (c->fd >= 0) {
		shutdown(c->fd, SHUT_RDWR);
		close(c->fd);
	}
	gdbrsp_parser_deinit(&c->parser);
	buf_deinit(&c->out);
	free(c);
}
