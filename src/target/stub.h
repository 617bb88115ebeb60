/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory and registers through the stub, as a machine's provider. */
#ifndef TARGET_STUB_H
#define TARGET_STUB_H

#include "base/err.h"
#include "gdbrsp/client.h"
#include "gdbrsp/target_xml.h"
#include "machine/machine.h"
#include "target/ask.h"

/*
 * ctx of target_stub_ops: a client whose stub addresses physical memory.  The
 * first error ends it for good, since the guest may have run in between, and
 * a later answer would be of another moment; it is then given again.
 */
struct target_stub {
	struct gdbrsp_client *client;
	struct target_ask ask;
	struct err gone;		/* code 0: it is not */
	struct gdbrsp_target_desc desc; /* of its registers, by the survey */
	struct gdbrsp_vcpus vcpus;	/* likewise, registers as found */
};

void target_stub_deinit(struct target_stub *stub);

extern const struct machine_ops target_stub_ops;

/*
 * machine_ops.write_reg and read_regs, ctx being a target_stub (regs.c).  A
 * vCPU that runs 32-bit code has the stub cut what it writes: refused.
 */
int target_stub_write_reg(void *ctx, unsigned int vcpu,
			  const struct arch_reg *reg, uint64_t value,
			  struct err *err);
int target_stub_read_regs(void *ctx, struct vcpu *v, struct err *err);

/* What an error of the client means for all that follows; returns it. */
int target_stub_fail(struct target_stub *stub, int code, const struct err *why,
		     struct err *err);

/* No more reading and writing, with these words. */
void target_stub_end(struct target_stub *stub, int code, const char *words);

#endif
