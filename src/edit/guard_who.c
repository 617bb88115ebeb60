/* SPDX-License-Identifier: BSD-2-Clause */
/* Looks through the memory of all processes, once. */
#include "edit/guard_who.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"
#include "kernel/task/task.h"
#include "kernel/x86_64.h"

/* Processes that have memory, and that memory. */
struct crowd {
	struct task_list tasks;
	struct mm *mms; /* tasks.n of them */
};

static void crowd_deinit(struct crowd *c)
{
	task_list_deinit(&c->tasks);
	free(c->mms);
}

static int crowd_read(struct kernel *k, struct crowd *c, struct err *err)
{
	int rc = task_list_read(k, false, &c->tasks, err);

	if (rc)
		return rc;
	task_list_keep_memory(&c->tasks);
	c->mms = calloc(c->tasks.n + 1, sizeof(*c->mms));
	if (!c->mms)
		return err_nomem(err);
	return mm_of_tasks(k, c->tasks.v, c->tasks.n, c->mms, err);
}

/* The same for both of a pair. */
static uint64_t root_key(const struct kernel *k, uint64_t root)
{
	return k->pti ? x86_64_kernel_half(root) : root;
}

/* From roots of page tables to the first process that has them. */
static int keys_of(const struct kernel *k, const struct crowd *c,
		   struct map *keys)
{
	size_t i;

	for (i = 0; i < c->tasks.n; i++) {
		uint64_t key = root_key(k, c->mms[i].root.pgd);

		if (c->mms[i].readable && !map_get(keys, key, NULL) &&
		    map_put(keys, key, i))
			return ERR_NOMEM;
	}
	return 0;
}

int guard_mms_of_roots(struct kernel *k, const uint64_t *roots, size_t n,
		       struct mm *out, struct err *err)
{
	_cleanup_(crowd_deinit) struct crowd c = {0};
	_cleanup_(map_deinit) struct map keys = {0};
	uint64_t at;
	size_t i;
	int rc = n ? crowd_read(k, &c, err) : 0;

	if (!rc && keys_of(k, &c, &keys))
		rc = err_nomem(err);
	for (i = 0; i < n && !rc; i++)
		if (map_get(&keys, root_key(k, roots[i]), &at))
			out[i] = c.mms[at];
	return rc;
}

#define NAMED 6

void guard_others(struct kernel *k, const struct mm *own, uint64_t va,
		  uint64_t pa, char *text, size_t size)
{
	_cleanup_(crowd_deinit) struct crowd c = {0};
	_cleanup_free_ struct walk *walks = NULL;
	size_t i, n = 0, len = 0;

	*text = '\0';
	if (crowd_read(k, &c, NULL))
		return;
	walks = calloc(c.tasks.n + 1, sizeof(*walks));
	if (!walks)
		return;
	for (i = 0; i < c.tasks.n; i++)
		walk_launch(&walks[i], &c.mms[i].root, va);
	if (walk_run(k->machine, walks, c.tasks.n, NULL))
		return;
	for (i = 0; i < c.tasks.n; i++) {
		if (walks[i].result != WALK_MAPPED || walks[i].pa != pa ||
		    !c.mms[i].readable || c.mms[i].addr == own->addr)
			continue;
		if (n++ < NAMED && len < size)
			len += (size_t)snprintf(text + len, size - len,
						n > 1 ? ", %u"
						      : ", also PID %u",
						c.tasks.v[i].pid);
	}
	if (n > NAMED && len < size)
		snprintf(text + len, size - len, "...");
}
