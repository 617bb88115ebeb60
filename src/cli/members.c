/* SPDX-License-Identifier: BSD-2-Clause */
/* Fills rows about processes that have something in common. */
#include "cli/members.h"

void member_row_put(struct row_table *t, size_t at, const struct task *task,
		    uint32_t inside)
{
	row_number(t, at + MEMBER_PID, task->pid);
	if (inside)
		row_number(t, at + MEMBER_INSIDE, inside);
	row_number(t, at + MEMBER_PPID, task->ppid);
	row_number(t, at + MEMBER_UID, task->uid);
	row_string(t, at + MEMBER_COMM, task->comm);
}
