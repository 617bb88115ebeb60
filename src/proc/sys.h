/* SPDX-License-Identifier: BSD-2-Clause */
/* Sysctls as /proc/sys shows them. */
#ifndef PROC_SYS_H
#define PROC_SYS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/sysctl/sysctl.h"
#include "kernel/sysctl/sysctl_value.h"

/* Those of the namespaces of PID 1, or of the initial ones. */
struct sys {
	struct sysctls list;
	struct sysctl_values values;
	struct remarks remarks;
};

/* As sysctls_read() and sysctl_values_read(); the caller frees with
 * sys_deinit(), also after an error. */
int sys_read(struct kernel *k, struct sys *out, struct err *err);
void sys_deinit(struct sys *s);

/* Append the text of one, where it is known (sys_is_known()). */
void sys_text(const struct sys *s, size_t i, struct buf *out);
bool sys_is_known(const struct sys *s, size_t i);

#endif
