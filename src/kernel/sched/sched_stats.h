/* SPDX-License-Identifier: BSD-2-Clause */
/* What the scheduler has counted of CPUs, and of their domains. */
#ifndef KERNEL_SCHED_STATS_H
#define KERNEL_SCHED_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/vec.h"
#include "kernel/cpu_masks.h"
#include "kernel/kernel.h"
#include "kernel/remarks.h"

/* In the order in which /proc/schedstat has them. */
enum queue_number {
	QUEUE_YIELDS,
	QUEUE_SCHEDULES,
	QUEUE_IDLES,
	QUEUE_WAKEUPS,
	QUEUE_LOCAL_WAKEUPS,
	QUEUE_CPU_TIME,
	QUEUE_RUN_DELAY,
	QUEUE_TIMES_RUN,
	QUEUE_NUMBERS
};

struct sched_queue {
	uint32_t cpu;
	bool known; /* it could be read */
	uint64_t v[QUEUE_NUMBERS];
};

/* CPU_MAX_IDLE_TYPES, and what is counted for each: 8, from 6.15 on 11; and
 * once for a domain. */
#define DOMAIN_IDLE_TYPES 3
#define DOMAIN_KINDS	  11
#define DOMAIN_ONCE	  12
#define DOMAIN_NUMBERS	  (DOMAIN_IDLE_TYPES * DOMAIN_KINDS + DOMAIN_ONCE)
#define DOMAIN_NAME	  32

struct sched_domain {
	size_t queue; /* index of that of its CPU */
	bool known;
	char name[DOMAIN_NAME]; /* raw bytes */
	uint32_t v[DOMAIN_NUMBERS];
};

struct sched_stats {
	unsigned int version; /* SCHEDSTAT_VERSION: 15; 16 (6.10); 17 (6.15) */
	uint64_t jiffies;
	VEC(struct sched_queue) queues;	  /* of CPUs that are online */
	VEC(struct sched_domain) domains; /* by CPU, the innermost first */
	size_t n_numbers;		  /* of each domain */
	struct cpu_masks spans;		  /* of each */
};

/*
 * Read them (kernel/sched/stats.c, show_schedstat()): a batch for each level
 * of domains, and some more.  ERR_NO_LINUX: kept in no way that is known;
 * damage is in the remarks.  The caller frees with sched_stats_deinit(), also
 * after an error.
 */
int sched_stats_read(struct kernel *k, struct sched_stats *out,
		     struct remarks *remarks, struct err *err);
void sched_stats_deinit(struct sched_stats *s);

#endif
