/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory through the stub, as a machine's provider. */
#include "target/stub.h"

void target_stub_end(struct target_stub *stub, int code, const char *words)
{
	err_set(&stub->gone, code, "%s", words);
}

static int refuse(const struct target_stub *stub, struct err *err)
{
	return err_set(err, stub->gone.code, "%s", stub->gone.text);
}

static int stub_read(void *ctx, struct mem_read *reads, size_t n,
		     struct err *err)
{
	struct target_stub *stub = ctx;
	struct err why = {0};
	int ret;

	if (stub->gone.code)
		return refuse(stub, err);
	ret = gdbrsp_client_read(stub->client, reads, n, &why);
	if (!ret)
		return 0;
	target_stub_end(stub, ret, why.text);
	return refuse(stub, err);
}

static int stub_write(void *ctx, struct mem_write *writes, size_t n,
		      struct err *err)
{
	struct target_stub *stub = ctx;
	struct err why = {0};
	int ret;

	if (stub->gone.code)
		return refuse(stub, err);
	ret = gdbrsp_client_write(stub->client, writes, n, &why);
	if (!ret)
		return 0;
	if (ret == ERR_UNREADABLE) /* an answer, if not the one hoped for */
		return err_set(err, ret, "%s", why.text);
	target_stub_end(stub, ret, why.text);
	return refuse(stub, err);
}

const struct machine_ops target_stub_ops = {
	.read = stub_read,
	.write = stub_write,
};
