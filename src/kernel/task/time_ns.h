/* SPDX-License-Identifier: BSD-2-Clause */
/* Time namespaces: how much clocks in them differ. */
#ifndef KERNEL_TIME_NS_H
#define KERNEL_TIME_NS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct time_ns {
	struct time_ns_offset {
		int64_t s, ns;
	} monotonic, boottime;
	bool none;	  /* a task that has exited is in none */
	bool known, torn; /* neither: this kernel's types do not tell */
};

/* That which children of each of n tasks will be in, in three batches. */
int time_ns_read(struct kernel *k, const struct task *tasks, size_t n,
		 struct time_ns *out, struct err *err);

#endif
