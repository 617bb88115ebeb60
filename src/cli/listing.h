/* SPDX-License-Identifier: BSD-2-Clause */
/* What a file of /proc says, as a table: commands that do nothing else. */
#ifndef CLI_LISTING_H
#define CLI_LISTING_H

#include "cli/cmd.h"
#include "proc/proc.h"

/* The state of such a command. */
struct listing {
	struct proc_values values;
};

/* Read a file of the system's; for `run`, of a command whose state is that. */
int listing_read(const struct proc_file *f, struct session *s, void *state,
		 struct err *err);

/* Its rows, where there are its columns or more, and what they lack. */
void listing_rows(const struct listing *l, struct out *out);

/* For `show` and `deinit`. */
int listing_show(struct session *s, void *state, struct out *out,
		 struct err *err);
void listing_deinit(void *state);

#endif
