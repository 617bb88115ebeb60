/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of processes. */
#ifndef KERNEL_PIDFD_H
#define KERNEL_PIDFD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/pid.h"

/* What n of them lead to. */
struct pidfds {
	struct pids pids; /* of each, none where it is not known */
	bool *alive;	  /* of each: somebody has that number still */
	bool namespaces;  /* this kernel has them of PIDs (CONFIG_PID_NS) */
};

/*
 * Read them by their struct pids, as pids_read(), and one batch more.  The
 * caller frees with pidfds_deinit(), also after an error.
 */
int pidfds_read(struct kernel *k, const uint64_t *addrs, size_t n,
		struct pidfds *out, struct err *err);
void pidfds_deinit(struct pidfds *p);

#endif
