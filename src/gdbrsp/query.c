/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to the stub: mode of addressing, XML, monitor. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/exchange.h"
#include "gdbrsp/limits.h"

/* Monitor commands under way at once. */
#define MONITOR_BATCH 64

int gdbrsp_client_get_phys_mode(struct gdbrsp_client *c, bool *on,
				struct err *err)
{
	static const char request[] = "qqemu.PhyMemMode";
	const struct buf *reply;
	int ret;

	ret = gdbrsp_client_call(c, request, &reply, err);
	if (ret)
		return ret;
	if (strcmp(reply->data, "0") != 0 && strcmp(reply->data, "1") != 0)
		return gdbrsp_client_unexpected(c, request, reply, err);
	*on = reply->data[0] == '1';
	return 0;
}

/* GDB manual, qXfer: `m` and data, more to come; `l` and data, the last. */
int gdbrsp_client_fetch_xml(void *ctx, const char *annex, struct buf *out,
			    struct err *err)
{
	struct gdbrsp_client *c = ctx;
	/* Escapes can double a chunk, and QEMU cuts it at half a packet:
	 * docs/facts/gdbstub.md, "What is asked for". */
	size_t chunk = c->packet_size / 2 - 5;
	const struct buf *reply;
	char request[256];
	int i, ret;

	for (i = 0; i < GDBRSP_XML_PACKETS_MAX; i++) {
		snprintf(request, sizeof(request),
			 "qXfer:features:read:%.128s:%zx,%zx", annex, out->len,
			 chunk);
		ret = gdbrsp_client_call(c, request, &reply, err);
		if (ret)
			return ret;
		if ((reply->data[0] != 'm' && reply->data[0] != 'l') ||
		    (reply->data[0] == 'm' && reply->len < 2) ||
		    out->len + reply->len > GDBRSP_XML_MAX)
			return gdbrsp_client_unexpected(c, request, reply, err);
		buf_add(out, reply->data + 1, reply->len - 1);
		if (out->oom)
			return err_nomem(err);
		if (reply->data[0] == 'l')
			return 0;
	}
	c->dirty = true;
	return err_set(err, ERR_NO_GUEST,
		       "%s: the stub floods: %s in %d pieces, and no end",
		       gdbrsp_conn_name(c->conn), annex, i);
}

/* A piece of console output: `O` and hex. */
static int take_console(struct gdbrsp_client *c, const char *command,
			const struct buf *reply, struct buf *out,
			struct err *err)
{
	_cleanup_free_ char *text = NULL;
	size_t n = (reply->len - 1) / 2;

	if (n > GDBRSP_MONITOR_MAX - c->said)
		return err_set(err, ERR_NO_GUEST,
			       "%s: the stub floods: `%s` has no end after %zu "
			       "bytes",
			       gdbrsp_conn_name(c->conn), command, out->len);
	c->said += n;
	text = malloc(n + 1);
	if (!text)
		return err_nomem(err);
	if (!gdbrsp_hex_decode(text, reply->data + 1, n))
		return gdbrsp_client_unexpected(c, command, reply, err);
	buf_add(out, text, n);
	return out->oom ? err_nomem(err) : 0;
}

static int put_command(struct gdbrsp_client *c, const char *command,
		       struct err *err)
{
	_cleanup_(buf_deinit) struct buf request = {0};

	buf_puts(&request, "qRcmd,");
	gdbrsp_hex_encode(&request, command, strlen(command));
	if (request.oom)
		return err_nomem(err);
	gdbrsp_conn_put(c->conn, request.data, request.len);
	return 0;
}

/* The output of one command; *reply is what ends it, "OK" where all is well. */
static int take_output(struct gdbrsp_client *c, const char *command,
		       struct buf *out, const struct buf **reply,
		       struct err *err)
{
	int ret;

	buf_add(out, "", 0); /* a string, even where nothing is printed */
	for (;;) {
		ret = gdbrsp_client_receive(c, reply, err);
		if (ret)
			return ret;
		if ((*reply)->data[0] != 'O' || !strcmp((*reply)->data, "OK"))
			return 0;
		ret = take_console(c, command, *reply, out, err);
		if (ret)
			return ret;
	}
}

/* So few that neither side's socket fills up. */
static int run_commands(struct gdbrsp_client *c, const char *const *commands,
			struct buf *outs, size_t n, struct err *err)
{
	const struct buf *reply;
	size_t i;
	int ret;

	ret = gdbrsp_client_begin(c, err);
	/* How much will be said is not known: in hex, what is left. */
	if (!ret)
		gdbrsp_client_allow(c, 2 * (GDBRSP_MONITOR_MAX - c->said) + 1);
	for (i = 0; !ret && i < n; i++)
		ret = put_command(c, commands[i], err);
	for (i = 0; !ret && i < n; i++) {
		ret = take_output(c, commands[i], &outs[i], &reply, err);
		if (!ret)
			ret = gdbrsp_client_expect_ok(c, commands[i], reply,
						      err);
	}
	if (!ret)
		gdbrsp_client_end(c);
	return ret;
}

int gdbrsp_client_monitors(struct gdbrsp_client *c, const char *const *commands,
			   struct buf *outs, size_t n, struct err *err)
{
	size_t i, some;
	int ret = 0;

	for (i = 0; !ret && i < n; i += some) {
		some = n - i < MONITOR_BATCH ? n - i : MONITOR_BATCH;
		ret = run_commands(c, commands + i, outs + i, some, err);
	}
	return ret;
}
