/* SPDX-License-Identifier: BSD-2-Clause */
/* The processes of a guest that have memory of their own. */
#include "bench.h"

#include <stdlib.h>

void users_deinit(struct users *u)
{
	task_list_deinit(&u->tasks);
	free(u->addrs);
	free(u->mms);
}

int users_read(struct users *u, struct kernel *k, struct err *err)
{
	size_t i, n = 0;
	int rc = task_list_read(k, false, &u->tasks, err);

	if (rc)
		return rc;
	for (i = 0; i < u->tasks.n; i++)
		if (u->tasks.v[i].mm && !task_is_kthread(&u->tasks.v[i]))
			u->tasks.v[n++] = u->tasks.v[i];
	u->tasks.n = n;
	u->addrs = calloc(n + 1, sizeof(*u->addrs));
	u->mms = calloc(n + 1, sizeof(*u->mms));
	if (!u->addrs || !u->mms)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		u->addrs[i] = u->tasks.v[i].mm;
	return mm_read(k, u->addrs, n, u->mms, err);
}
