/* SPDX-License-Identifier: BSD-2-Clause */
/* The tree of sysctls: which there are, and where their values lie. */
#ifndef KERNEL_SYSCTL_H
#define KERNEL_SYSCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"
#include "kernel/task/task_ns.h"

/* One file below /proc/sys: a ctl_table of the kernel's. */
struct sysctl {
	size_t name; /* in sysctls.names: "kernel/hostname" */
	uint64_t data, handler;
	uint32_t maxlen;
	uint32_t mode; /* as of stat(2) */
};

/* In the order in which the kernel lists each directory. */
struct sysctls {
	VEC(struct sysctl) v;
	struct buf names;
};

/*
 * Those that a reader in the network, IPC, user and PID namespaces of `ns` sees
 * (docs/facts/kernel.md, "Sysctls"), directory level by directory level, each
 * in as many batches as its largest tree is deep.  At most SYSCTLS_MAX, whose
 * paths have SYSCTL_PATH_BYTES_MAX_ALL.  Remarks say what was damaged.
 * ERR_NO_LINUX: the kernel's types do not tell of them.  The caller frees with
 * sysctls_deinit(), also after an error.
 */
int sysctls_read(struct kernel *k, const struct task_ns *ns,
		 struct sysctls *out, struct remarks *remarks, struct err *err);
void sysctls_deinit(struct sysctls *s);

const char *sysctl_name(const struct sysctls *s, size_t i);

#endif
