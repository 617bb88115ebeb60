/* SPDX-License-Identifier: BSD-2-Clause */
/* vCPU registers through the stub: set one, read all of them back. */
#include <string.h>

#include "base/cleanup.h"
#include "base/cursor.h"
#include "qemu/monitor_text.h"
#include "machine/regs.h"
#include "qemu/stub.h"
#include "qemu/survey.h"

static struct gdbrsp_vcpu *regs_find(struct qemu_stub *stub, unsigned int index)
{
	size_t i;

	for (i = 0; i < stub->vcpus.v.n; i++)
		if (stub->vcpus.v.v[i].index == index)
			return &stub->vcpus.v.v[i];
	return NULL;
}

/*
 * QEMU writes 32 bits of a register, or none, where the vCPU runs 16 or 32-bit
 * code, and by `G` even puts registers in wrong places (docs/facts/gdbstub.md,
 * "Registers").
 */
static int check_64_bit(struct qemu_stub *stub, unsigned int index,
			struct err *err)
{
	static const char *const command = "info registers -a";
	_cleanup_(buf_deinit) struct buf said = {0};
	bool is_64_bit = false;
	int ret;

	ret = qemu_monitor_run(&stub->monitor, &command, &said, 1, err);
	if (ret)
		return ret;
	ret = monitor_parse_64_bit(said.data, index, &is_64_bit, err);
	if (ret || is_64_bit)
		return ret;
	return err_set(err, ERR_REFUSED,
		       "vCPU %u runs 16 or 32-bit code now: QEMU's stub cuts "
		       "what is written to its registers; try again when it "
		       "runs 64-bit code",
		       index);
}

static int set(struct qemu_stub *stub, struct gdbrsp_vcpu *vcpu,
	       const struct arch_reg *reg, uint64_t value, struct err *err)
{
	const struct gdbrsp_reg *to =
		gdbrsp_target_desc_find(&stub->desc, reg->name);
	uint8_t bytes[8];
	int ret;

	if (!to || to->size > sizeof(bytes))
		return err_set(err, ERR_REFUSED,
			       "the stub describes no register %s of up to 8 "
			       "bytes",
			       reg->name);
	ret = check_64_bit(stub, vcpu->index, err);
	if (ret)
		return ret;
	le_store(bytes, value, to->size);
	return gdbrsp_client_write_reg(stub->client, vcpu, to, bytes, err);
}

int qemu_stub_write_reg(void *ctx, unsigned int vcpu,
			const struct arch_reg *reg, uint64_t value,
			struct err *err)
{
	struct qemu_stub *stub = ctx;
	struct gdbrsp_vcpu *at = regs_find(stub, vcpu);
	struct err why = stub->gone;
	int ret = why.code;

	if (!at)
		return err_set(err, ERR_REFUSED, "the stub has no vCPU %u",
			       vcpu);
	if (!ret)
		ret = set(stub, at, reg, value, &why);
	if (ret == ERR_REFUSED)
		return err_pass(err, &why);
	return ret ? qemu_stub_fail(stub, ret, &why, err) : 0;
}

int qemu_stub_read_regs(void *ctx, struct vcpu *v, struct err *err)
{
	struct qemu_stub *stub = ctx;
	struct gdbrsp_vcpu *from = regs_find(stub, v->index);
	struct err why = stub->gone;
	int ret = why.code;

	if (!from)
		return err_set(err, ERR_REFUSED, "the stub has no vCPU %u",
			       v->index);
	if (!ret)
		ret = gdbrsp_client_read_vcpu(stub->client, from, &why);
	/* What was written is to be known: once more, as for writes. */
	if (ret && !stub->gone.code && gdbrsp_client_is_there(stub->client))
		ret = gdbrsp_client_read_vcpu(stub->client, from, &why);
	if (!ret)
		ret = qemu_survey_regs(&stub->desc, from->regs, from->regs_len,
				       v, &why);
	return ret ? qemu_stub_fail(stub, ret, &why, err) : 0;
}
