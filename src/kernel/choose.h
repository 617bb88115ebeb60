/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the kernels in a guest's memory is meant: the one that runs. */
#ifndef KERNEL_CHOOSE_H
#define KERNEL_CHOOSE_H

#include "kernel/locate.h"

/*
 * What a vCPU's control registers say, ordered by how near it is to running a
 * kernel (SDM vol. 3A 9.8, 4.1.1).
 */
enum location_mode {
	LOCATION_REAL,
	LOCATION_UNPAGED,
	LOCATION_PAGED_32,
	LOCATION_PAGED_64
};

enum location_mode location_mode(const struct vcpu *v);

/*
 * Whether a vCPU may be running a guest of its own: virtualisation is turned on
 * (AMD: EFER.SVME, Intel: CR4.VMXE), and so it is, seen from outside, while it
 * runs that guest.
 */
bool location_may_host(const struct vcpu *v);

/* How much of an image a root maps. */
uint64_t location_bytes(const struct location *l);

/* A vCPU that runs something, but no kernel that is seen; l->n: none. */
size_t location_runs_without(const struct machine *m,
			     const struct location_views *l);

/* Set l->chosen, as location_find() has it; all views are filled. */
int location_choose(const struct machine *m, struct location_views *l,
		    struct location_choice *choice, struct err *err);

#endif
