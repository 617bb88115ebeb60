/* SPDX-License-Identifier: BSD-2-Clause */
/* Rows about the processes in a namespace or a control group. */
#ifndef CLI_MEMBERS_H
#define CLI_MEMBERS_H

#include <stddef.h>
#include <stdint.h>

#include "kernel/task/task.h"
#include "rows/rows.h"

enum {
	MEMBER_PID,
	MEMBER_INSIDE,
	MEMBER_PPID,
	MEMBER_UID,
	MEMBER_COMM,
	N_MEMBER_COLUMNS
};

/* The columns of a table from number `at` on, one for each of these. */
#define MEMBER_COLUMNS(at)                                                    \
	[(at) + MEMBER_PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),            \
		[(at) + MEMBER_INSIDE] =                                      \
			ROW_COLUMN("pid_inside", "INSIDE", ROW_COUNT),        \
		[(at) + MEMBER_PPID] = ROW_COLUMN("ppid", "PPID", ROW_COUNT), \
		[(at) + MEMBER_UID] = ROW_COLUMN("uid", "UID", ROW_COUNT),    \
		[(at) + MEMBER_COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST)

/* Fill them, in the row that was added last; `inside` is its PID as it sees it
 * itself, 0: not known. */
void member_row_put(struct row_table *t, size_t at, const struct task *task,
		    uint32_t inside);

#endif
