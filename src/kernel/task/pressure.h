/* SPDX-License-Identifier: BSD-2-Clause */
/* How much tasks had to wait for want of something (PSI). */
#ifndef KERNEL_PRESSURE_H
#define KERNEL_PRESSURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"

/* Of what there was not enough. */
enum pressure_kind {
	PRESSURE_IO,
	PRESSURE_MEMORY,
	PRESSURE_CPU,
	PRESSURES
};

/* Over 10, 60 and 300 seconds, with 11 bits behind the point; and in all. */
struct pressure {
	uint64_t average[3];
	uint64_t total_us;
};

struct pressure_lines {
	struct pressure some; /* of the tasks waited */
	struct pressure full; /* all of them did */
	bool has_full;
};

/*
 * Read that of the whole system (psi_system: docs/facts/kernel.md,
 * "Pressure"), as the kernel has summed it up last: one batch.  ERR_NO_LINUX:
 * kept in no way that is known;
 * ERR_UNREADABLE.
 */
int pressure_read(struct kernel *k, enum pressure_kind kind,
		  struct pressure_lines *out, struct err *err);

#endif
