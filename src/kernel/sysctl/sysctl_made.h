/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of sysctls that functions of the kernel's make. */
#ifndef KERNEL_SYSCTL_MADE_H
#define KERNEL_SYSCTL_MADE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/sysctl/sysctl.h"
#include "kernel/sysctl/sysctl_value.h"
#include "kernel/task/task_ns.h"
#include "walk/space.h"

/*
 * Each takes those that are SYSCTL_MADE so far, by the names of their handlers,
 * and puts what it knows of them behind out->made; what it does not know stays
 * as it is.  At most SYSCTL_BYTES_MAX_ALL in all (docs/facts/kernel.md,
 * "Sysctls that code makes").
 */

/* What a few pointers lead to: four batches. */
int sysctl_made_read(struct kernel *k, const struct sysctls *s,
		     const struct task_ns *ns, struct sysctl_values *out,
		     struct err *err);

/* Names in lists: a batch for every two of the longest list, and one. */
int sysctl_lists_read(struct kernel *k, const struct sysctls *s,
		      struct sysctl_values *out, struct err *err);

/* Sums of what CPUs count: three batches. */
int sysctl_sums_read(struct kernel *k, const struct sysctls *s,
		     struct sysctl_values *out, struct err *err);

/* Put bytes behind out->made as the value of sysctl i; 0 or ERR_NOMEM.  Where
 * there is no room for more, it is unreadable. */
int sysctl_made_set(struct sysctl_values *out, size_t i, enum sysctl_kind kind,
		    const void *bytes, size_t n);

/* Whether what a value of that kind takes was read: of a string up to its NUL.
 */
bool sysctl_is_read(enum sysctl_kind kind, const struct space_read *read);

#endif
