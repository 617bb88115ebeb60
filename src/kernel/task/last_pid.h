/* SPDX-License-Identifier: BSD-2-Clause */
/* The PID that was given last. */
#ifndef KERNEL_LAST_PID_H
#define KERNEL_LAST_PID_H

#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* In the initial PID namespace (init_pid_ns.idr, 4.15): one batch.
 * ERR_NO_LINUX: kept in no way that is known; ERR_UNREADABLE. */
int last_pid_read(struct kernel *k, uint32_t *pid, struct err *err);

#endif
