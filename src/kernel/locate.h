/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the kernel is, from nothing but vCPU registers and page tables. */
#ifndef KERNEL_LOCATE_H
#define KERNEL_LOCATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "machine/machine.h"
#include "walk/space.h"
#include "walk/walk.h"

/* A root that maps a kernel, and what it maps of the image. */
struct location {
	struct walk_root root;
	struct space_run *runs; /* in [KERNEL_MAP, + KERNEL_MAP_SIZE) */
	size_t n_runs;		/* 0: no kernel */
	uint64_t text;		/* first mapped address there: _text */
	uint64_t phys_text;	/* where that lies */
};

/* The kernel that one vCPU's page tables show. */
struct location_view {
	struct location at;
	size_t image; /* the first view of the same one: its number */
	/*
	 * It will not run on: its last instruction was HLT, with interrupts
	 * off.  So Linux parks the CPUs of a kernel that ends, and CPUs that
	 * are offline (docs/facts/kernel.md, "Kernels that have ended").
	 */
	bool parked;
};

/* Whose kernel is meant, where several are in memory. */
struct location_choice {
	const struct vcpu *only; /* the one that this vCPU shows; or NULL */
	/* Set where none is chosen: what would help. */
	bool needed; /* `only`: there are several, or one that does not run */
	bool later;  /* to look again when the guest has run on: its vCPUs seem
			to run guests of their own */
	/* Where that is so, take one that was open in this boot before. */
	bool remembered;
};

/* One for each vCPU of the machine, in its order. */
struct location_views {
	struct location_view *v;
	size_t n, chosen;	    /* n: one that no vCPU shows, in v[n] */
	struct space_tables tables; /* that could not be read, of all roots */
};

/*
 * Look at every vCPU's CR3, and under PTI at the kernel half of the pair, and
 * choose: a root of the kernel that runs; of its roots the one that maps most
 * of the image.  A kernel runs where one of its vCPUs is not parked; after a
 * crash or kexec, the page tables of parked ones show the kernel that was.
 * With choice->only, it is the kernel that this vCPU shows, dead or alive.
 *
 * ERR_NO_LINUX says in which state the vCPUs are instead, that a kernel is
 * there, but does not run, or that two of them seem to.  Release with
 * location_deinit().
 */
int location_find(struct machine *m, struct location_choice *choice,
		  struct location_views *out, struct err *err);

/*
 * The pages of memory that location_find() reads first, as places: top tables,
 * by the registers of up to `max` / 2 vCPUs.  How many there are.
 */
size_t location_places(const struct machine *m, uint64_t *places, size_t max);

/*
 * The kernel that a root maps, which no vCPU shows: l->v[l->n] is chosen.
 * ERR_NO_LINUX: it maps none.
 */
int location_by_root(struct machine *m, const struct walk_root *root,
		     struct location_views *out, struct err *err);
void location_deinit(struct location_views *l);

#endif
