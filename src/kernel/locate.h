/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the kernel is, from nothing but vCPU registers and page tables. */
#ifndef KERNEL_LOCATE_H
#define KERNEL_LOCATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "walk/space.h"
#include "walk/walk.h"

#define KERNEL_MAP	0xffffffff80000000ULL /* __START_KERNEL_map */
#define KERNEL_MAP_SIZE (1ULL << 30)	      /* KERNEL_IMAGE_SIZE at most */

/* A root that maps the kernel, and what it maps of the image. */
struct location {
	struct walk_root root;
	struct space_run *runs; /* in [KERNEL_MAP, + KERNEL_MAP_SIZE) */
	size_t n_runs;
	uint64_t text; /* first mapped address there: _text */
};

/*
 * Look at every vCPU's CR3, and under PTI at the kernel half of the pair, and
 * take the root that maps most of the kernel image.  ERR_NO_LINUX says in
 * which state the vCPUs are instead.  Release with location_deinit().
 */
int location_find(struct machine *m, struct location *out, struct err *err);
void location_deinit(struct location *l);

#endif
