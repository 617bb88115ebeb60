/* SPDX-License-Identifier: BSD-2-Clause */
/* struct pids: the numbers that one has, a namespace each. */
#ifndef KERNEL_PID_H
#define KERNEL_PID_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define PID_LEVELS_MAX 33 /* MAX_PID_NS_LEVEL, and the initial one */

/* include/linux/pid.h; numbers[0] is that of the initial namespace. */
struct pid_numbers {
	size_t n;		     /* 0: none, or it cannot be read */
	uint32_t nr[PID_LEVELS_MAX]; /* by level */
	uint64_t ns[PID_LEVELS_MAX]; /* pid_namespace */
};

/*
 * n struct pids, in one batch, or two where one has a number in a namespace
 * that is not the initial one; an address of 0 is of none.
 */
int pids_read(struct kernel *k, const uint64_t *addrs, size_t n,
	      struct pid_numbers *out, struct err *err);

/* pid_nr_ns(): the number of one in a namespace of that level; 0: it has none.
 */
uint32_t pid_number_in(const struct pid_numbers *pid, uint64_t ns,
		       size_t level);

#endif
