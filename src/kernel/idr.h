/* SPDX-License-Identifier: BSD-2-Clause */
/* The PID table: every struct pid by its number. */
#ifndef KERNEL_IDR_H
#define KERNEL_IDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

#define PID_MAX_LIMIT (4u << 20) /* include/linux/threads.h */

/* An entry of the table: the number and the address of its struct pid. */
struct idr_entry {
	uint32_t nr;
	uint64_t pid;
};

struct idr {
	VEC(struct idr_entry) entries; /* ascending by nr */
	bool torn;		       /* a node was not what it must be */
	uint64_t torn_at;
};

/*
 * Read the initial PID namespace's table (an xarray of struct pid, >= 4.20,
 * lib/xarray.c), level by level: all entries, or, where n is not 0, only those
 * of the n numbers, which ascend.  The caller frees with idr_deinit(), also
 * after an error.
 */
int idr_read(struct kernel *k, const uint32_t *only, size_t n, struct idr *out,
	     struct err *err);
void idr_deinit(struct idr *idr);

#endif
