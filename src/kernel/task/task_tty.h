/* SPDX-License-Identifier: BSD-2-Clause */
/* Terminals of processes. */
#ifndef KERNEL_TASK_TTY_H
#define KERNEL_TASK_TTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

struct task_tty {
	uint32_t major, minor;
	uint32_t pgrp; /* that has it in the foreground; 0: none */
	bool known;
};

/* n tty_structs, in three batches; an address of 0 is of none. */
int task_ttys_read(struct kernel *k, const uint64_t *addrs, size_t n,
		   struct task_tty *out, struct err *err);

#endif
