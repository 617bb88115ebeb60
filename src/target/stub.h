/* SPDX-License-Identifier: BSD-2-Clause */
/* Guest memory through the stub, as a machine's provider. */
#ifndef TARGET_STUB_H
#define TARGET_STUB_H

#include "base/err.h"
#include "gdbrsp/client.h"
#include "machine/machine.h"

/*
 * ctx of target_stub_ops: a client whose stub addresses physical memory.  The
 * first error ends it for good, since the guest may have run in between, and
 * a later answer would be of another moment; it is then given again.
 */
struct target_stub {
	struct gdbrsp_client *client;
	struct err gone; /* code 0: it is not */
};

extern const struct machine_ops target_stub_ops;

/* No more reading and writing, with these words. */
void target_stub_end(struct target_stub *stub, int code, const char *words);

#endif
