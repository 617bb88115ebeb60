/* SPDX-License-Identifier: BSD-2-Clause */
/* The kernel's log: what printk() has said and is not overwritten yet. */
#ifndef KERNEL_PRINTK_H
#define KERNEL_PRINTK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/kernel.h"

/* One record; its text may have several lines, and ends in none. */
struct printk_record {
	uint64_t seq;	  /* counted from 0 since the boot */
	uint64_t ts_nsec; /* local_clock(): since the boot, about */
	uint8_t level;	  /* 0 to 7, LOG_EMERG to LOG_DEBUG */
	uint8_t facility; /* 0: the kernel; as syslog(3) has them */
	const char *text; /* in printk_log.data */
	size_t len;
	bool cont; /* what was said before goes on */
	/* Of what a driver said, in printk_log.infos: cut, or with a NUL. */
	const char *subsystem, *device;
	size_t subsystem_max, device_max;
};

#define PRINTK_SETTLED UINT64_MAX

/* In order.  Zero-initialise. */
struct printk_log {
	VEC(struct printk_record) v;
	uint8_t *data, *infos;
	bool times;	/* the kernel prints them (its parameter printk.time) */
	size_t damaged; /* records that make no sense, which are left out */
	/* The first one that is being written, or that a writer may add to
	 * still; PRINTK_SETTLED: there is none. */
	uint64_t pending;
};

/*
 * The ring buffer of 5.10 and later (docs/facts/kernel.md, "The kernel's
 * log"): three arrays, read in one batch.  Records that are
 * being written or were overwritten while the guest was stopped are left out,
 * as readers in the guest do.  ERR_NO_LINUX: this kernel's types have no such
 * buffer, or lack a member of it; ERR_CORRUPT: it is larger than one can be;
 * ERR_UNREADABLE.  The caller frees with printk_deinit(), also after an error.
 */
int printk_read(struct kernel *k, struct printk_log *out, struct err *err);
void printk_deinit(struct printk_log *l);

#endif
