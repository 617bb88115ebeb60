/* SPDX-License-Identifier: BSD-2-Clause */
/* Who maps a frame, and how that is shown. */
#ifndef CLI_WHOMAPS_H
#define CLI_WHOMAPS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/out.h"
#include "kernel/mm/rmap.h"
#include "proc/maps.h"

struct whomaps {
	struct rmap rmap;
	struct task *mapping_tasks; /* that have it, and their areas */
	struct proc_values maps;
	size_t *part; /* of each mapping, which of these; not the kernel's */
};

void whomaps_show(struct out *out, const struct kernel *k,
		  const struct whomaps *a);

#endif
