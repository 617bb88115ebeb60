/* SPDX-License-Identifier: BSD-2-Clause */
/* What all of a system has: CPUs and zones of a fake kernel. */
#ifndef TESTS_SYSTEM_KIT_H
#define TESTS_SYSTEM_KIT_H

#include "unit/fake_kernel.h"

/*
 * n CPUs, all of them possible, those of the mask `online`; each has its
 * variables 0x1000 behind those of the one before.  From `at` on there are
 * nr_cpu_ids, and at these places __per_cpu_offset and the masks.
 */
#define SYSTEM_KIT_OFFSETS 0x10
#define SYSTEM_KIT_ONLINE  0x100
void system_kit_cpus(struct fake_kernel *f, uint64_t at, uint32_t n,
		     uint64_t online);

/* Members that nodes and their zones are read by, and that lists of free pages
 * have; a zone has 1 KiB, of which there are no arrays yet. */
void system_kit_zone_fields(void);

/* Functions that tell what network devices have counted, and what their CPUs
 * count it in. */
void system_kit_net_counts(void);

#endif
