/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory and registers through the stub, as a machine's provider. */
#ifndef QEMU_STUB_H
#define QEMU_STUB_H

#include "base/err.h"
#include "gdbrsp/client.h"
#include "gdbrsp/target_xml.h"
#include "machine/machine.h"
#include "qemu/monitor.h"

/*
 * ctx of qemu_stub_ops: a client whose stub addresses physical memory.  The
 * first error ends it for good, since the guest may have run in between, and
 * a later answer would be of another moment; it is then given again.
 */
struct qemu_stub {
	struct gdbrsp_client *client;
	struct qemu_monitor monitor;	/* by that client */
	struct err gone;		/* code 0: it is not */
	struct gdbrsp_target_desc desc; /* of its registers, by the survey */
	struct gdbrsp_vcpus vcpus;	/* likewise, registers as found */
};

void qemu_stub_deinit(struct qemu_stub *stub);

extern const struct machine_ops qemu_stub_ops;

/*
 * machine_ops.write_reg and read_regs, ctx being a qemu_stub (regs.c).  A
 * vCPU that runs 32-bit code has the stub cut what it writes: refused.
 */
int qemu_stub_write_reg(void *ctx, unsigned int vcpu,
			const struct arch_reg *reg, uint64_t value,
			struct err *err);
int qemu_stub_read_regs(void *ctx, struct vcpu *v, struct err *err);

/* What an error of the client means for all that follows; returns it. */
int qemu_stub_fail(struct qemu_stub *stub, int code, const struct err *why,
		   struct err *err);

/* No more reading and writing, with these words. */
void qemu_stub_end(struct qemu_stub *stub, int code, const char *words);

#endif
