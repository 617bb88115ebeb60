/* SPDX-License-Identifier: BSD-2-Clause */
/* The list of a stub's threads: GDB manual, "General Query Packets". */
#include "gdbrsp/threads.h"

#include <string.h>

#include "gdbrsp/exchange.h"
#include "gdbrsp/limits.h"

static const char first[] = "qfThreadInfo", next[] = "qsThreadInfo";

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
	if (!gdbrsp_hex_number(in, &tid) || !tid || tid > GDBRSP_VCPUS_MAX ||
	    in->pos - start >= sizeof(vcpu->id))
		return false;
	memcpy(vcpu->id, in->base + start, in->pos - start);
	vcpu->index = (unsigned int)tid - 1;
	return true;
}

/* Those that were listed so far: each is there once. */
struct listed {
	bool has[GDBRSP_VCPUS_MAX];
};

/* The IDs of one reply: `m` and IDs between commas. */
static int take_threads(struct gdbrsp_client *c, struct listed *listed,
			const struct buf *reply, struct gdbrsp_vcpus *out,
			struct err *err)
{
	struct gdbrsp_vcpu vcpu;
	struct cursor in;

	cursor_init(&in, reply->data, reply->len);
	cursor_skip(&in, 1);
	do {
		if (!take_thread(&in, &vcpu))
			return gdbrsp_client_unexpected(
				c, out->v.n ? next : first, reply, err);
		if (listed->has[vcpu.index])
			return err_set(err, ERR_NO_GUEST,
				       "%s: the stub lists thread %s twice",
				       gdbrsp_conn_name(c->conn), vcpu.id);
		listed->has[vcpu.index] = true;
		if (vec_push(&out->v, vcpu))
			return err_nomem(err);
	} while (cursor_left(&in) && cursor_u8(&in) == ',');
	return 0;
}

/* One reply.  1: it says that there are no more; 0: some; or an error. */
static int take_reply(struct gdbrsp_client *c, struct listed *listed,
		      struct gdbrsp_vcpus *out, struct err *err)
{
	const struct buf *reply;
	int ret = gdbrsp_client_receive(c, &reply, err);

	if (ret)
		return ret;
	if (reply->data[0] == 'l' && out->v.n)
		return 1;
	if (reply->data[0] != 'm')
		return gdbrsp_client_unexpected(c, out->v.n ? next : first,
						reply, err);
	return take_threads(c, listed, reply, out, err);
}

void gdbrsp_threads_put(struct gdbrsp_client *c, size_t n)
{
	size_t i;

	gdbrsp_client_put(c, first);
	for (i = 0; i < n; i++)
		gdbrsp_client_put(c, next);
}

int gdbrsp_threads_take(struct gdbrsp_client *c, size_t n,
			struct gdbrsp_vcpus *out, struct err *err)
{
	struct listed listed = {{false}};
	size_t i;
	int ret = 0;

	for (i = 0; ret >= 0 && i <= n; i++)
		ret = take_reply(c, &listed, out, err);
	return ret < 0 ? ret : 0;
}

int gdbrsp_threads_list(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			struct err *err)
{
	struct listed listed = {{false}};
	int ret;

	do {
		ret = gdbrsp_client_begin(c, err);
		if (ret)
			return ret;
		gdbrsp_client_put(c, out->v.n ? next : first);
		ret = take_reply(c, &listed, out, err);
		if (ret >= 0)
			gdbrsp_client_end(c);
	} while (!ret);
	return ret < 0 ? ret : 0;
}
