/* SPDX-License-Identifier: BSD-2-Clause */
/* Code in which every task sleeps: that of the scheduler, and of locks. */
#ifndef KERNEL_SCHED_TEXT_H
#define KERNEL_SCHED_TEXT_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/kernel.h"

/* Two ranges of the image; empty where this kernel does not name them. */
struct sched_text {
	uint64_t start[2], end[2];
};

void sched_text_init(struct sched_text *s, const struct kernel *k);

/* in_sched_functions(), kernel/sched/core.c */
bool sched_text_has(const struct sched_text *s, uint64_t va);

#endif
