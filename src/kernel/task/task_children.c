/* SPDX-License-Identifier: BSD-2-Clause */
/* Follows the lists of children. */
#include "kernel/task/task_children.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/limits.h"
#include "kernel/list.h"
#include "kernel/readers.h"

/* What is wanted of the types. */
enum {
	FIELD_TASK_CHILDREN = WANTS_OF(READER_TASK_CHILDREN),
	FIELD_TASK_SIBLING
};

static const struct want want_table[] = {
	FIELD(TASK_CHILDREN, "task_struct", OPTIONAL, "children"),
	FIELD(TASK_SIBLING, "task_struct", OPTIONAL, "sibling"),
};

const struct wants task_children_wants = {
	.reader = "children", .v = want_table, .n = WANTS_N(want_table)};

struct children_reading {
	struct task_list all;
	struct map pids; /* by where their links among siblings are */
	struct list *lists;
	size_t n;
};

static void children_reading_deinit(struct children_reading *r)
{
	size_t i;

	for (i = 0; r->lists && i < r->n; i++)
		list_deinit(&r->lists[i]);
	free(r->lists);
	map_deinit(&r->pids);
	task_list_deinit(&r->all);
}

/* All links that such lists can have, at once: no list is long then. */
static int children_fetch(struct kernel *k, struct children_reading *r,
			  uint32_t sibling, struct err *err)
{
	_cleanup_free_ uint64_t *links = NULL;
	size_t i;
	int rc = task_list_read(k, false, &r->all, err);

	if (rc)
		return rc;
	links = calloc(r->all.n + 1, sizeof(*links));
	if (!links)
		return err_nomem(err);
	for (i = 0; i < r->all.n; i++) {
		links[i] = r->all.v[i].addr + sibling;
		if (map_put(&r->pids, links[i], r->all.v[i].pid))
			return err_nomem(err);
	}
	return lists_fetch(k, links, r->all.n, err);
}

static int children_take(const struct children_reading *r, size_t i,
			 struct task_children *out)
{
	const struct list *list = &r->lists[i];
	uint64_t pid;
	size_t link;

	out->torn = list->torn || list->cut;
	for (link = 0; link < list->links.n; link++) {
		if (!map_get(&r->pids, list->links.v[link], &pid))
			out->torn = true;
		else if (vec_push(&out->pids, (uint32_t)pid))
			return ERR_NOMEM;
	}
	out->known = true;
	return 0;
}

int task_children_read(struct kernel *k, const struct task *tasks, size_t n,
		       struct task_children *out, struct err *err)
{
	const struct profile_field *children =
		profile_field(k->profile, FIELD_TASK_CHILDREN);
	const struct profile_field *sibling =
		profile_field(k->profile, FIELD_TASK_SIBLING);
	_cleanup_(children_reading_deinit) struct children_reading r = {.n = n};
	size_t i;
	int rc;

	if (!children->present || !sibling->present)
		return 0;
	r.lists = calloc(n + 1, sizeof(*r.lists));
	if (!r.lists)
		return err_nomem(err);
	for (i = 0; i < n; i++)
		r.lists[i] =
			(struct list){.head = tasks[i].addr + children->offset,
				      .most = TASKLIST_MAX};
	rc = children_fetch(k, &r, sibling->offset, err);
	if (!rc)
		rc = lists_read_within(k, r.lists, n, TASK_CHILDREN_MAX_ALL,
				       err);
	for (i = 0; i < n && !rc; i++)
		if (children_take(&r, i, &out[i]))
			return err_nomem(err);
	return rc;
}

void task_children_deinit(struct task_children *c, size_t n)
{
	size_t i;

	for (i = 0; c && i < n; i++)
		vec_deinit(&c[i].pids);
}
