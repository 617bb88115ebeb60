/* SPDX-License-Identifier: BSD-2-Clause */
/* struct pids: the numbers that one has, a namespace each. */
#ifndef KERNEL_PID_H
#define KERNEL_PID_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define PID_LEVELS_MAX 33 /* MAX_PID_NS_LEVEL, and the initial one */

/* struct upid, include/linux/pid.h */
struct pid_number {
	uint64_t ns; /* pid_namespace */
	uint32_t nr;
};

/* Of n struct pids; those of pid i are by level, from `of[i].first` on. */
struct pids {
	struct pid_numbers {
		size_t first;
		size_t n; /* 0: there is none, or it cannot be read */
	} * of;
	struct pid_number *numbers;
};

/*
 * Read n struct pids, in one batch, or two where one has a number in a
 * namespace that is not the initial one; an address of 0 is of none.  The
 * caller frees them, also after an error.
 */
int pids_read(struct kernel *k, const uint64_t *addrs, size_t n,
	      struct pids *out, struct err *err);
void pids_deinit(struct pids *p);

/* The number of pid i in the initial namespace, 0 where it has none. */
uint32_t pids_first(const struct pids *p, size_t i);

/* pid_nr_ns(): that of pid i in a namespace of that level; 0: none. */
uint32_t pids_in(const struct pids *p, size_t i, uint64_t ns, size_t level);

#endif
