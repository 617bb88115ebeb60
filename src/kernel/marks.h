/* SPDX-License-Identifier: BSD-2-Clause */
/* Is the kernel that was open still the one that runs?  In one batch. */
#ifndef KERNEL_MARKS_H
#define KERNEL_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define MARKS_MAX 3

/*
 * Words of physical memory that no other boot has, as kernel_boot_id() has
 * them (the stack canary of the first idle task, and the nanosecond in which
 * PID 1 was made), and the entry of the top page table by which every process
 * maps the kernel's image, one and the same in all of them
 * (docs/facts/kernel.md, "Where the kernel is").
 */
struct kernel_marks {
	struct kernel_mark {
		uint64_t pa, value;
	} v[MARKS_MAX];
	size_t n;
	uint64_t top; /* that entry */
	/* jiffies_64, which goes on for as long as nobody turns the time back;
	 * pa 0: the kernel has none */
	struct kernel_mark time;
};

/* What there is of an open kernel, which was found in this pause. */
int kernel_marks_take(struct kernel *k, struct kernel_marks *m,
		      struct err *err);

enum kernel_since {
	KERNEL_SAME,
	/* The same, at an earlier time: a snapshot was loaded.  (Where its
	 * clock has come to where it was by now, nothing tells.) */
	KERNEL_BACK,
	KERNEL_OTHER /* another boot, or another kernel: close it */
};

/*
 * In another pause of the same machine: what kernel_open() and marks_take()
 * found is valid still, but for what vCPUs show (kernel/views.h), which is
 * taken anew.  Where each of them shows this kernel, that is one batch of
 * reads.  only: the vCPU whose kernel it is to be, or NULL.  ERR_NO_LINUX: none
 * of them shows a kernel; as location_find().
 */
int kernel_marks_check(struct kernel *k, struct kernel_marks *m,
		       const struct vcpu *only, enum kernel_since *since,
		       struct err *err);

#endif
