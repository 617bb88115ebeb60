/* SPDX-License-Identifier: BSD-2-Clause */
/* Which of the kernels in a guest's memory is meant: the one that runs. */
#ifndef KERNEL_CHOOSE_H
#define KERNEL_CHOOSE_H

#include "kernel/locate.h"

/* How much of an image a root maps. */
uint64_t location_bytes(const struct location *l);

/* A vCPU that runs something, but no kernel that is seen; l->n: none. */
size_t location_runs_without(const struct machine *m,
			     const struct location_views *l);

/* Set l->chosen, as location_find() has it; all views are filled. */
int location_choose(const struct machine *m, struct location_views *l,
		    struct location_choice *choice, struct err *err);

#endif
