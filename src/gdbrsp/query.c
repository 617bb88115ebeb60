/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to the stub: mode of addressing, XML, monitor, vCPUs. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/client.h"

#define XML_MAX	    (4u << 20)
#define MONITOR_MAX (16u << 20)
#define VCPUS_MAX   8192

/* vCPUs asked for their registers at once: about 100 KiB of replies. */
#define VCPU_BATCH 64

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
	/* Escapes can double a chunk, and QEMU cuts it at half a packet. */
	size_t chunk = c->packet_size / 2 - 5;
	const struct buf *reply;
	char request[256];
	int ret;

	for (;;) {
		snprintf(request, sizeof(request),
			 "qXfer:features:read:%.128s:%zx,%zx", annex, out->len,
			 chunk);
		ret = gdbrsp_client_call(c, request, &reply, err);
		if (ret)
			return ret;
		if ((reply->data[0] != 'm' && reply->data[0] != 'l') ||
		    (reply->data[0] == 'm' && reply->len < 2) ||
		    out->len + reply->len > XML_MAX)
			return gdbrsp_client_unexpected(c, request, reply, err);
		buf_add(out, reply->data + 1, reply->len - 1);
		if (out->oom)
			return err_nomem(err);
		if (reply->data[0] == 'l')
			return 0;
	}
}

/* A piece of console output: `O` and hex. */
static bool take_console(const struct buf *reply, struct buf *out)
{
	_cleanup_free_ char *text = NULL;
	size_t n = (reply->len - 1) / 2;

	text = malloc(n + 1);
	if (!text || !gdbrsp_hex_decode(text, reply->data + 1, n))
		return false;
	buf_add(out, text, n);
	return !out->oom && out->len <= MONITOR_MAX;
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
		if (!take_console(*reply, out))
			return gdbrsp_client_unexpected(c, command, *reply,
							err);
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

int gdbrsp_client_monitor(struct gdbrsp_client *c, const char *command,
			  struct buf *out, struct err *err)
{
	return run_commands(c, &command, out, 1, err);
}

/* One thread ID, "01" or "p01.01", at the cursor. */
static bool take_thread(struct cursor *in, struct gdbrsp_vcpu *vcpu)
{
	size_t start = in->pos;
	uint64_t tid = 0;

	*vcpu = (struct gdbrsp_vcpu){0};
	if (cursor_left(in) && in->base[in->pos] == 'p') {
		cursor_skip(in, 1);
		gdbrsp_hex_number(in, &tid);
		if (cursor_u8(in) != '.')
			return false;
	}
	if (!gdbrsp_hex_number(in, &tid) || !tid || tid > VCPUS_MAX ||
	    in->pos - start >= sizeof(vcpu->id))
		return false;
	memcpy(vcpu->id, in->base + start, in->pos - start);
	vcpu->index = (unsigned int)tid - 1;
	return true;
}

/* The IDs of one reply: `m` and IDs between commas. */
static int take_threads(struct gdbrsp_client *c, const char *request,
			const struct buf *reply, struct gdbrsp_vcpus *out,
			struct err *err)
{
	struct gdbrsp_vcpu vcpu;
	struct cursor in;

	cursor_init(&in, reply->data, reply->len);
	cursor_skip(&in, 1);
	do {
		if (!take_thread(&in, &vcpu) || out->v.n >= VCPUS_MAX)
			return gdbrsp_client_unexpected(c, request, reply, err);
		if (vec_push(&out->v, vcpu))
			return err_nomem(err);
	} while (cursor_left(&in) && cursor_u8(&in) == ',');
	return 0;
}

static int list_threads(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			struct err *err)
{
	const char *request = "qfThreadInfo";
	const struct buf *reply;
	int ret;

	for (;;) {
		ret = gdbrsp_client_call(c, request, &reply, err);
		if (ret)
			return ret;
		if (reply->data[0] == 'l' && out->v.n)
			return 0;
		if (reply->data[0] != 'm')
			return gdbrsp_client_unexpected(c, request, reply, err);
		ret = take_threads(c, request, reply, out, err);
		if (ret)
			return ret;
		request = "qsThreadInfo";
	}
}

/* What is asked per vCPU; `g` also makes KVM hand over current values. */
static void put_vcpu(struct gdbrsp_client *c, const struct gdbrsp_vcpu *vcpu)
{
	char request[64];
	int n;

	n = snprintf(request, sizeof(request), "Hg%s", vcpu->id);
	gdbrsp_conn_put(c->conn, request, (size_t)n);
	gdbrsp_conn_put(c->conn, "g", 1);
	n = snprintf(request, sizeof(request), "qThreadExtraInfo,%s", vcpu->id);
	gdbrsp_conn_put(c->conn, request, (size_t)n);
}

static int take_regs(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
		     const struct buf *reply, struct err *err)
{
	size_t n = reply->len / 2;

	if (!n || reply->len % 2)
		return gdbrsp_client_unexpected(c, "g", reply, err);
	vcpu->regs = malloc(n);
	if (!vcpu->regs)
		return err_nomem(err);
	if (!gdbrsp_hex_decode(vcpu->regs, reply->data, n))
		return gdbrsp_client_unexpected(c, "g", reply, err);
	vcpu->regs_len = n;
	return 0;
}

/* "CPU#0 [running]" or "CPU#0 [halted ]"; a stub may say nothing. */
static int take_extra(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
		      const struct buf *reply, struct err *err)
{
	char text[128] = "";
	size_t n = reply->len / 2;

	if (reply->len % 2 || n >= sizeof(text) ||
	    !gdbrsp_hex_decode(text, reply->data, n))
		return gdbrsp_client_unexpected(c, "qThreadExtraInfo", reply,
						err);
	vcpu->halted = strstr(text, "[halted");
	return 0;
}

static int take_vcpu(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
		     struct err *err)
{
	const struct buf *reply;
	int ret;

	ret = gdbrsp_client_receive(c, &reply, err);
	if (!ret)
		ret = gdbrsp_client_expect_ok(c, "Hg", reply, err);
	if (!ret)
		ret = gdbrsp_client_receive(c, &reply, err);
	if (!ret)
		ret = take_regs(c, vcpu, reply, err);
	if (!ret)
		ret = gdbrsp_client_receive(c, &reply, err);
	return ret ? ret : take_extra(c, vcpu, reply, err);
}

int gdbrsp_client_read_vcpus(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			     struct err *err)
{
	size_t asked, taken = 0;
	int ret;

	ret = list_threads(c, out, err);
	if (!ret)
		ret = gdbrsp_client_begin(c, err);
	if (ret)
		return ret;
	for (asked = 0; taken < out->v.n; taken++) {
		while (asked < out->v.n && asked < taken + VCPU_BATCH)
			put_vcpu(c, &out->v.v[asked++]);
		ret = take_vcpu(c, &out->v.v[taken], err);
		if (ret)
			return ret;
	}
	gdbrsp_client_end(c);
	return 0;
}

void gdbrsp_vcpus_deinit(struct gdbrsp_vcpus *vcpus)
{
	size_t i;

	for (i = 0; i < vcpus->v.n; i++)
		free(vcpus->v.v[i].regs);
	vec_deinit(&vcpus->v);
}
