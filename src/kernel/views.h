/* SPDX-License-Identifier: BSD-2-Clause */
/* Which vCPUs show the open kernel, and what the others show. */
#ifndef KERNEL_VIEWS_H
#define KERNEL_VIEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "kernel/kernel.h"
#include "kernel/locate.h"

enum kernel_shows {
	SHOWS_NONE, /* no kernel in its page tables, or no page tables */
	SHOWS_THIS,
	SHOWS_OTHER
};

struct kernel_view {
	enum kernel_shows shows;
	bool parked; /* it will not run on, as far as that was looked at */
	uint64_t text, phys_text; /* unless SHOWS_NONE */
	char banner[256];	  /* of another kernel; "unknown" */
};

/* Fill k->views with what location_find() saw; other kernels' banners are read.
 */
int kernel_take_views(struct kernel *k, const struct location_views *l,
		      struct err *err);

/* v is one of the machine's. */
const struct kernel_view *kernel_view_of(const struct kernel *k,
					 const struct vcpu *v);

/*
 * What a vCPU does: "user" or "kernel" where it is this kernel's; "other": its
 * page tables show another kernel; "guest": they show none, and the CPU is one
 * that runs guests of its own; "unknown": likewise, and it is none; without
 * paging "firmware", or "waiting", where it is halted (to be started).
 */
const char *kernel_vcpu_mode(const struct kernel *k, const struct vcpu *v);

#endif
