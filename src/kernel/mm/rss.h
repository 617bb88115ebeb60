/* SPDX-License-Identifier: BSD-2-Clause */
/* Resident set counters: how much memory processes have. */
#ifndef KERNEL_RSS_H
#define KERNEL_RSS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* In pages, as the kernel's counters have them; zero-initialise for none. */
struct rss {
	uint64_t file, anon, shmem, swap;
	/* Without CPUs' shares, as stat has it: resident, and swapped out. */
	uint64_t rough, rough_swap;
	bool known; /* all of it could be read; false: nothing else is set */
};

/* Resident pages: file, anonymous and shared memory together. */
uint64_t rss_total(const struct rss *rss);

/*
 * The counters of n mm_structs: mm_rss_stat (up to 6.1), or percpu_counter
 * with the share of every CPU (6.2 and later, include/linux/mm_types.h), as
 * one breadth-first batch or two.
 */
int rss_read(struct kernel *k, const uint64_t *mms, size_t n, struct rss *out,
	     struct err *err);

/*
 * Those of n tasks, read once of each mm_struct, however many threads share
 * it.  A task without one has none: zeros, and known.
 */
int rss_of_tasks(struct kernel *k, const struct task *tasks, size_t n,
		 struct rss *out, struct err *err);

#endif
