/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the frames of the stacks that tasks have in the kernel. */
#include "kernel/page/page_stack.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/task/task.h"
#include "kernel/stack/task_stack.h"
#include "walk/walk.h"

static int page_stack_walk(struct kernel *k, const uint64_t *stacks, size_t n,
			   struct map *pfns, struct err *err)
{
	size_t each = task_stack_size(k) / PAGE_SIZE_4K, launched = 0, i;
	_cleanup_free_ struct walk *walks =
		calloc(n * each + 1, sizeof(*walks));
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = 0; i < n * each; i++)
		if (kernel_pointer(k, stacks[i / each]))
			walk_launch(&walks[launched++], &k->root,
				    stacks[i / each] + i % each * PAGE_SIZE_4K);
	rc = walk_run(k->machine, walks, launched, err);
	for (i = 0; i < launched && !rc; i++)
		if (walk_has_frame(walks[i].result) &&
		    map_put(pfns, walks[i].pa / PAGE_SIZE_4K, 1))
			return err_nomem(err);
	return rc;
}

int page_stacks_read(struct kernel *k, struct map *pfns,
		     struct remarks *remarks, struct err *err)
{
	_cleanup_(task_list_deinit) struct task_list tasks = {0};
	_cleanup_free_ uint64_t *stacks = NULL;
	int rc;

	if (!task_stacks_known(k)) {
		remarks_add(remarks, "this kernel does not tell how large the "
				     "stacks of tasks are");
		return 0;
	}
	rc = task_list_read(k, true, &tasks, err);
	if (rc)
		return rc;
	if (tasks.torn)
		remarks_add(remarks, "some tasks could not be read: %s",
			    tasks.why);
	stacks = calloc(tasks.n + 1, sizeof(*stacks));
	if (!stacks)
		return err_nomem(err);
	rc = task_stacks_read(k, tasks.v, tasks.n, stacks, err);
	return rc ? rc : page_stack_walk(k, stacks, tasks.n, pfns, err);
}
