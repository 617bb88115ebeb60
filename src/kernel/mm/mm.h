/* SPDX-License-Identifier: BSD-2-Clause */
/* mm_structs: the memory of processes. */
#ifndef KERNEL_MM_H
#define KERNEL_MM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/task/task.h"

/* One mm_struct; its resident set is in rss.h. */
struct mm {
	uint64_t addr;
	struct walk_root root; /* its page tables (kernel PGD under PTI) */
	uint64_t start_brk, brk, start_stack;
	uint64_t task_size; /* addresses end there; 0: not known */
	uint64_t flags;	    /* MMF_*; 0 where they are not known */
	uint64_t vma_head;  /* root of the maple or the red-black tree */
	uint32_t map_count;
	bool vsyscall; /* its gate area is visible (not 32-bit) */
	bool readable; /* false: nothing but addr is set */
};

/* Read n mm_structs at addrs into out, as one breadth-first batch. */
int mm_read(struct kernel *k, const uint64_t *addrs, size_t n, struct mm *out,
	    struct err *err);

/* Those of n tasks; where a task has no memory of its own, addr is 0. */
int mm_of_tasks(struct kernel *k, const struct task *tasks, size_t n,
		struct mm *out, struct err *err);

/*
 * Whether mm, as mm_of_tasks() gave it for t, is one.  ERR_NOT_FOUND with
 * words for people when the task has none ("pid 2 (kthreadd) is a kernel
 * thread: it has no user memory"); ERR_UNREADABLE.
 */
int mm_check(const struct task *t, const struct mm *mm, struct err *err);

/* The mm of one task, checked. */
int mm_of_task(struct kernel *k, const struct task *t, struct mm *out,
	       struct err *err);

#endif
