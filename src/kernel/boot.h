/* SPDX-License-Identifier: BSD-2-Clause */
/* What tells one boot of a kernel from another boot of the same. */
#ifndef KERNEL_BOOT_H
#define KERNEL_BOOT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/*
 * What one boot draws once: the stack canary of the first idle task; and where
 * there is none, the nanosecond in which PID 1 was made.  0: not (yet).  With
 * their addresses.
 */
struct kernel_drawn {
	uint64_t canary_at, canary;
	uint64_t start_at, start;
};

int kernel_read_drawn(struct kernel *k, struct kernel_drawn *out,
		      struct err *err);

/*
 * A number that stays the same from the start of user space to the end of one
 * boot, and that another boot has with a chance of one in 2^56 at most.  It is
 * made of what the kernel draws once:
 *
 *	init_task.stack_canary	 random; boot_init_stack_canary(), called by
 *				 start_kernel(), init/main.c; the idle task is
 *				 never made again
 *	where the kernel, the direct map, the vmalloc area and the struct
 *				 pages lie: KASLR, setup_arch()
 *
 * and, in a kernel without stack canaries, of the nanosecond in which PID 1
 * was made (task_struct.start_time; clock_gettime(CLOCK_MONOTONIC)).  Why of
 * nothing else: docs/facts/kernel.md, "One boot and another"
 *
 * *known is false where there is neither canary nor PID 1: so early that
 * nothing is drawn yet, or a kernel whose types lack both.
 */
int kernel_boot_id(struct kernel *k, uint64_t *id, bool *known,
		   struct err *err);

#endif
