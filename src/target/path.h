/* SPDX-License-Identifier: BSD-2-Clause */
/* The way to guest memory: QEMU's process where that is possible, the stub. */
#ifndef TARGET_PATH_H
#define TARGET_PATH_H

#include <stdbool.h>

#include "base/err.h"
#include "machine/machine.h"
#include "target/process.h"
#include "target/stub.h"
#include "target/target.h"

/*
 * ctx of target_path_ops.  Zero-initialise and set stub.client: then all goes
 * through the stub.
 */
struct target_path {
	struct target_stub stub;
	struct target_process process;
	bool by_process; /* reads; writes never are, TCG must see them */
	char note[320];	 /* why reads are not, or no longer, or empty */
};

void target_path_deinit(struct target_path *path);

/*
 * Choose, once the machine is filled and the stub addresses physical memory.
 * 0, also where MEMORY_AUTO stays with the stub; ERR_REFUSED: MEMORY_PROCESS,
 * and why that cannot be had; or what the client says.
 */
int target_path_choose(struct target_path *path, enum target_memory want,
		       const struct machine *m, struct err *err);

/*
 * Reads that fail by the process are done by the stub, and so are all that
 * follow.
 */
extern const struct machine_ops target_path_ops;

#endif
