/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory type ranges of x86: how physical memory is cached. */
#ifndef KERNEL_X86_64_MTRR_H
#define KERNEL_X86_64_MTRR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

#define MTRR_RANGES_MAX 256u

/* A range that is in use. */
struct mtrr_range {
	uint32_t number;
	uint32_t users;
	uint64_t base, size; /* in pages of 4 KiB */
	const char *kind;    /* "uncachable", as /proc/mtrr has it */
};

struct mtrr_ranges {
	struct mtrr_range v[MTRR_RANGES_MAX];
	size_t n;
};

/*
 * Read them as the kernel has set them (mtrr_state: docs/facts/kernel.md,
 * "CPUs"): one batch.  The registers themselves are not asked.  ERR_NO_LINUX:
 * kept in no way that is known.
 */
int mtrr_ranges_read(struct kernel *k, struct mtrr_ranges *out,
		     struct err *err);

#endif
