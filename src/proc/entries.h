/* SPDX-License-Identifier: BSD-2-Clause */
/* What lies in directories below /proc: the names of one level. */
#ifndef PROC_ENTRIES_H
#define PROC_ENTRIES_H

#include <stdbool.h>

#include "base/err.h"
#include "base/vec.h"
#include "proc/lookup.h"

struct proc_entry {
	char *path;			/* below /proc */
	const struct proc_match *match; /* what it is; NULL: a directory */
};

struct proc_entries {
	VEC(struct proc_entry) v;
};

/*
 * The entries of the directories that a path led to, or the file that it is,
 * each once, in the order of the matches.  The lookup was one of all that is
 * below (proc_lookup()) and must outlive them.  The caller frees with
 * proc_entries_deinit(), also after ERR_NOMEM.
 */
int proc_entries(const struct proc_lookup *l, const struct proc_path *paths,
		 size_t path, struct proc_entries *out, struct err *err);
void proc_entries_deinit(struct proc_entries *e);

#endif
