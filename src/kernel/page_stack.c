/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the frames of the stacks that tasks have in the kernel. */
#include "kernel/page_stack.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "kernel/records.h"
#include "kernel/task.h"
#include "kernel/task_stack.h"
#include "walk/walk.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_STACK = WANTS_OF(READER_PAGE_STACK)
};

static const struct want want_table[] = {
	FIELD(TASK_STACK, "task_struct", OPTIONAL, "stack"),
};

const struct wants page_stack_wants = {.reader = "frames of stacks",
				       .v = want_table,
				       .n = WANTS_N(want_table)};

static int page_stack_walk(struct kernel *k, const struct records *stacks,
			   uint64_t size, struct map *pfns, struct err *err)
{
	size_t each = size / PAGE_SIZE_4K, n = 0, i;
	_cleanup_free_ struct walk *walks =
		calloc(stacks->n * each + 1, sizeof(*walks));
	int rc;

	if (!walks)
		return err_nomem(err);
	for (i = 0; i < stacks->n * each; i++) {
		uint64_t at = records_u64(stacks, i / each, FIELD_TASK_STACK);

		if (kernel_pointer(k, at)) /* a dead task has none */
			walk_launch(&walks[n++], &k->root,
				    at + i % each * PAGE_SIZE_4K);
	}
	rc = walk_run(k->machine, walks, n, err);
	for (i = 0; i < n && !rc; i++)
		if (walk_has_frame(walks[i].result) &&
		    map_put(pfns, walks[i].pa / PAGE_SIZE_4K, 1))
			return err_nomem(err);
	return rc;
}

int page_stacks_read(struct kernel *k, struct map *pfns,
		     struct remarks *remarks, struct err *err)
{
	static const uint32_t fields[] = {FIELD_TASK_STACK};
	_cleanup_(task_list_deinit) struct task_list tasks = {0};
	_cleanup_(records_deinit) struct records stacks = {0};
	_cleanup_free_ uint64_t *addrs = NULL;
	uint64_t size = task_stack_size(k);
	size_t i;
	int rc;

	if (!size || !profile_field(k->profile, FIELD_TASK_STACK)->present) {
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
	addrs = calloc(tasks.n + 1, sizeof(*addrs));
	if (!addrs)
		return err_nomem(err);
	for (i = 0; i < tasks.n; i++)
		addrs[i] = tasks.v[i].addr;
	rc = records_read(k, addrs, tasks.n, fields, 1, &stacks, err);
	return rc ? rc : page_stack_walk(k, &stacks, size, pfns, err);
}
