/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory and registers through the stub, as a machine's provider. */
#include "qemu/stub.h"

void qemu_stub_end(struct qemu_stub *stub, int code, const char *words)
{
	err_set(&stub->gone, code, "%s", words);
}

int qemu_stub_fail(struct qemu_stub *stub, int code, const struct err *why,
		   struct err *err)
{
	if (!stub->gone.code)
		qemu_stub_end(stub, code, why->text);
	return err_pass(err, &stub->gone);
}

static int stub_read(void *ctx, struct mem_read *reads, size_t n,
		     struct err *err)
{
	struct qemu_stub *stub = ctx;
	struct err why = stub->gone;
	int ret = why.code;

	if (!ret)
		ret = gdbrsp_client_read(stub->client, reads, n, &why);
	return ret ? qemu_stub_fail(stub, ret, &why, err) : 0;
}

static int stub_write(void *ctx, struct mem_write *writes, size_t n,
		      struct err *err)
{
	struct qemu_stub *stub = ctx;
	struct err why = stub->gone;
	int ret = why.code;

	if (!ret)
		ret = gdbrsp_client_write(stub->client, writes, n, &why);
	if (!ret)
		return 0;
	if (ret == ERR_PARTIAL) /* an answer, if not the one hoped for */
		return err_pass(err, &why);
	return qemu_stub_fail(stub, ret, &why, err);
}

void qemu_stub_deinit(struct qemu_stub *stub)
{
	gdbrsp_target_desc_deinit(&stub->desc);
	gdbrsp_vcpus_deinit(&stub->vcpus);
	qemu_monitor_forget(&stub->monitor);
}

const struct machine_ops qemu_stub_ops = {
	.read = stub_read,
	.write = stub_write,
	.write_reg = qemu_stub_write_reg,
	.read_regs = qemu_stub_read_regs,
};
