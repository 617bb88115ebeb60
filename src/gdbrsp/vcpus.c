/* SPDX-License-Identifier: BSD-2-Clause */
/* The stub's vCPUs: which there are, their registers read and written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "gdbrsp/exchange.h"
#include "gdbrsp/limits.h"
#include "gdbrsp/target_xml.h"
#include "gdbrsp/threads.h"

/* vCPUs asked for their registers at once: about 100 KiB of replies. */
#define VCPU_BATCH 64

/* Beside the registers: requests, acks, whether it is halted; in bytes. */
#define OVERHEAD 256

/* What is asked per vCPU; `g` also makes KVM hand over current values:
 * docs/facts/gdbstub.md, "Registers". */
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
	if (n > c->regs_max)
		return err_set(err, ERR_NO_GUEST,
			       "%s: the stub sends %zu bytes of registers, and "
			       "describes %zu",
			       gdbrsp_conn_name(c->conn), n, c->regs_max);
	free(vcpu->regs);
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

static int vcpus_take_vcpu(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
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

static int read_all_regs(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			 struct err *err)
{
	size_t asked, taken = 0;
	int ret = gdbrsp_client_begin(c, err);

	if (ret)
		return ret;
	gdbrsp_client_allow(c, out->v.n * (2 * c->regs_max + OVERHEAD));
	for (asked = 0; !ret && taken < out->v.n; taken++) {
		while (asked < out->v.n && asked < taken + VCPU_BATCH)
			put_vcpu(c, &out->v.v[asked++]);
		ret = vcpus_take_vcpu(c, &out->v.v[taken], err);
	}
	if (!ret)
		gdbrsp_client_end(c);
	return ret;
}

/* The same vCPUs, in the same order. */
static bool are_listed(const struct gdbrsp_vcpus *known,
		       const struct gdbrsp_vcpus *listed)
{
	size_t i;

	if (known->v.n != listed->v.n)
		return false;
	for (i = 0; i < known->v.n; i++)
		if (strcmp(known->v.v[i].id, listed->v.v[i].id) != 0)
			return false;
	return true;
}

/*
 * All in one go, as if these were the vCPUs: 1, with their registers in
 * `listed`; 0: they are others, only listed.
 */
static int read_foreseen(struct gdbrsp_client *c,
			 const struct gdbrsp_vcpus *known,
			 struct gdbrsp_vcpus *listed, struct err *err)
{
	const struct buf *reply;
	bool same = false;
	size_t i;
	int ret = gdbrsp_client_begin(c, err);

	if (ret)
		return ret;
	gdbrsp_client_allow(c, (known->v.n + 1) *
				       (2 * c->regs_max + 2 * OVERHEAD));
	gdbrsp_threads_put(c, known->v.n);
	for (i = 0; i < known->v.n; i++)
		put_vcpu(c, &known->v.v[i]);
	ret = gdbrsp_threads_take(c, known->v.n, listed, err);
	if (!ret)
		same = are_listed(known, listed);
	for (i = 0; !ret && same && i < known->v.n; i++)
		ret = vcpus_take_vcpu(c, &listed->v.v[i], err);
	for (i = 0; !ret && !same && i < 3 * known->v.n; i++)
		ret = gdbrsp_client_receive(c, &reply, err);
	if (!ret)
		gdbrsp_client_end(c);
	return ret ? ret : same;
}

int gdbrsp_client_read_vcpus(struct gdbrsp_client *c, struct gdbrsp_vcpus *out,
			     struct err *err)
{
	struct gdbrsp_vcpus known = *out;
	int ret = 0;

	*out = (struct gdbrsp_vcpus){0};
	if (known.v.n && known.v.n <= VCPU_BATCH)
		ret = read_foreseen(c, &known, out, err);
	gdbrsp_vcpus_deinit(&known);
	if (ret)
		return ret < 0 ? ret : 0;
	gdbrsp_vcpus_deinit(out);
	ret = gdbrsp_threads_list(c, out, err);
	return ret ? ret : read_all_regs(c, out, err);
}

void gdbrsp_vcpus_deinit(struct gdbrsp_vcpus *vcpus)
{
	size_t i;

	for (i = 0; i < vcpus->v.n; i++)
		free(vcpus->v.v[i].regs);
	vec_deinit(&vcpus->v);
}

int gdbrsp_client_read_vcpu(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
			    struct err *err)
{
	int ret = gdbrsp_client_begin(c, err);

	if (ret)
		return ret;
	put_vcpu(c, vcpu);
	ret = vcpus_take_vcpu(c, vcpu, err);
	if (!ret)
		gdbrsp_client_end(c);
	return ret;
}

static void put_regs(struct gdbrsp_client *c, const struct gdbrsp_vcpu *vcpu,
		     const struct gdbrsp_reg *const *regs, size_t n)
{
	char request[64];
	size_t i;

	snprintf(request, sizeof(request), "Hg%s", vcpu->id);
	gdbrsp_client_put(c, request);
	for (i = 0; i < n; i++) {
		snprintf(request, sizeof(request), "p%x", regs[i]->num);
		gdbrsp_client_put(c, request);
	}
}

static int take_one(struct gdbrsp_client *c, const struct gdbrsp_reg *reg,
		    uint64_t *value, struct err *err)
{
	uint8_t bytes[8] = {0};
	const struct buf *reply;
	int ret = gdbrsp_client_receive(c, &reply, err);

	if (ret)
		return ret;
	if (reg->size > sizeof(bytes) || reply->len != 2 * (size_t)reg->size ||
	    !gdbrsp_hex_decode(bytes, reply->data, reg->size))
		return gdbrsp_client_unexpected(c, "p", reply, err);
	*value = le64(bytes);
	return 0;
}

int gdbrsp_client_read_regs(struct gdbrsp_client *c,
			    const struct gdbrsp_vcpu *vcpu,
			    const struct gdbrsp_reg *const *regs, size_t n,
			    uint64_t *values, struct err *err)
{
	const struct buf *reply;
	size_t i;
	int ret = gdbrsp_client_begin(c, err);

	if (ret)
		return ret;
	gdbrsp_client_allow(c, (n + 1) * OVERHEAD);
	put_regs(c, vcpu, regs, n);
	ret = gdbrsp_client_receive(c, &reply, err);
	if (!ret)
		ret = gdbrsp_client_expect_ok(c, "Hg", reply, err);
	for (i = 0; i < n && !ret; i++)
		ret = take_one(c, regs[i], &values[i], err);
	if (!ret)
		gdbrsp_client_end(c);
	return ret;
}

static int take_write(struct gdbrsp_client *c, const char *name,
		      const struct buf *reply, struct err *err)
{
	if (reply->data[0] == 'E')
		return err_set(err, ERR_REFUSED,
			       "the stub does not write register %s (%.20s)",
			       name, reply->data);
	return gdbrsp_client_expect_ok(c, name, reply, err);
}

/* All registers as they are, but one: for stubs that do not know `P`. */
static int vcpus_write_all(struct gdbrsp_client *c,
			   const struct gdbrsp_vcpu *vcpu,
			   const struct gdbrsp_reg *reg, const uint8_t *bytes,
			   struct err *err)
{
	_cleanup_(buf_deinit) struct buf request = {0};
	size_t end = (size_t)reg->offset + reg->size;
	const struct buf *reply;
	int ret;

	if (end > vcpu->regs_len)
		return err_set(err, ERR_REFUSED,
			       "the stub gives no register %s with the others",
			       reg->name);
	buf_puts(&request, "G");
	gdbrsp_hex_encode(&request, vcpu->regs, reg->offset);
	gdbrsp_hex_encode(&request, bytes, reg->size);
	gdbrsp_hex_encode(&request, vcpu->regs + end, vcpu->regs_len - end);
	if (request.oom)
		return err_nomem(err);
	ret = gdbrsp_client_call(c, request.data, &reply, err);
	return ret ? ret : take_write(c, reg->name, reply, err);
}

static int write_one(struct gdbrsp_client *c, const struct gdbrsp_reg *reg,
		     const uint8_t *bytes, bool *known, struct err *err)
{
	_cleanup_(buf_deinit) struct buf request = {0};
	const struct buf *reply;
	int ret;

	buf_printf(&request, "P%x=", reg->num);
	gdbrsp_hex_encode(&request, bytes, reg->size);
	if (request.oom)
		return err_nomem(err);
	ret = gdbrsp_client_call(c, request.data, &reply, err);
	*known = ret || reply->len;
	if (ret || !*known)
		return ret;
	return take_write(c, reg->name, reply, err);
}

static int write_reg(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
		     const struct gdbrsp_reg *reg, const uint8_t *bytes,
		     struct err *err)
{
	bool known = true;
	int ret;

	ret = gdbrsp_client_read_vcpu(c, vcpu, err);
	if (!ret)
		ret = write_one(c, reg, bytes, &known, err);
	if (!ret && !known)
		ret = vcpus_write_all(c, vcpu, reg, bytes, err);
	return ret;
}

int gdbrsp_client_write_reg(struct gdbrsp_client *c, struct gdbrsp_vcpu *vcpu,
			    const struct gdbrsp_reg *reg, const uint8_t *bytes,
			    struct err *err)
{
	int ret = gdbrsp_conn_hold_signals(c->conn, err);

	if (ret)
		return ret;
	ret = write_reg(c, vcpu, reg, bytes, err);
	if (ret && ret != ERR_REFUSED && gdbrsp_client_is_there(c))
		ret = write_reg(c, vcpu, reg, bytes, err);
	return ret;
}
