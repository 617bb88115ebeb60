/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes into files of memory, as changes of the guest. */
#ifndef CLI_SERVING_WRITE_H
#define CLI_SERVING_WRITE_H

#include "cli/session.h"
#include "mount/tree.h"

/*
 * While the guest stands still: one transaction, guarded and in the journal, as
 * `write` without options does it.  ERR_REFUSED, and what else change_run()
 * says.
 */
int serving_write(struct session *s, const struct mount_tree_write *w,
		  struct err *err);

#endif
