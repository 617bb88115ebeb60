/* SPDX-License-Identifier: BSD-2-Clause */
/* Autogroups: sessions that the scheduler treats as one. */
#ifndef KERNEL_AUTOGROUP_H
#define KERNEL_AUTOGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

struct autogroup {
	int64_t id;
	int32_t nice;
	bool is_group;	  /* else it is that of all who are in none */
	bool known, torn; /* neither: this kernel's types do not tell */
};

/* Those of n tasks (signal_struct.autogroup), in four batches. */
int autogroups_read(struct kernel *k, const struct task *tasks, size_t n,
		    struct autogroup *out, struct err *err);

#endif
