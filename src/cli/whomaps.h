/* SPDX-License-Identifier: BSD-2-Clause */
/* Who maps a frame, and how that is shown. */
#ifndef CLI_WHOMAPS_H
#define CLI_WHOMAPS_H

#include <stddef.h>
#include <stdint.h>

#include "cli/out.h"
#include "kernel/alias.h"
#include "kernel/mm.h"
#include "kernel/page.h"
#include "kernel/task.h"
#include "proc/maps.h"
#include "walk/mappings.h"

struct whomaps {
	uint64_t pa;
	struct task_list tasks; /* of each mm one */
	struct mm *mms;		/* of these */
	size_t n_unread;	/* of them that could not be read */
	size_t *owner; /* of each space that was looked through, its task; the
			  first is the kernel */
	struct space_tables tables;
	struct mappings found;
	struct task *mapping_tasks; /* that have it, and their areas */
	struct proc_values maps;
	size_t *part; /* of each mapping, which of these; not the kernel's */
	struct page_info page;
	struct aliases aliases;
};

void whomaps_show(struct out *out, const struct kernel *k,
		  const struct whomaps *a);

#endif
