/* SPDX-License-Identifier: BSD-2-Clause */
/* Which process hangs below which. */
#include "cli/tree.h"

#include <stdlib.h>

#include "base/cleanup.h"
#include "base/map.h"

static int index_by_pid(const struct task *tasks, size_t n, struct map *m)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (!map_get(m, tasks[i].pid, NULL) &&
		    map_put(m, tasks[i].pid, i))
			return ERR_NOMEM;
	return 0;
}

static size_t find_parent(const struct task *t, const struct map *m)
{
	uint32_t pid = t->pid == t->tgid ? t->ppid : t->tgid;
	uint64_t i;

	return pid && map_get(m, pid, &i) ? (size_t)i : TREE_ROOT;
}

/*
 * The depth of i, 1 for roots.  A chain that comes back to itself, or is too
 * long, is cut where it is found to be so.
 */
static void tree_settle(size_t i, size_t *parents, unsigned int *depth)
{
	size_t chain[TREE_MAX_DEPTH];
	unsigned int n = 0, d;

	while (i != TREE_ROOT && !depth[i] && n < TREE_MAX_DEPTH) {
		chain[n++] = i;
		i = parents[i];
	}
	d = i == TREE_ROOT || !depth[i] ? 0 : depth[i];
	if (n && i != TREE_ROOT && (!depth[i] || d + n > TREE_MAX_DEPTH)) {
		parents[chain[n - 1]] = TREE_ROOT;
		d = 0;
	}
	while (n)
		depth[chain[--n]] = ++d;
}

int tree_parents(const struct task *tasks, size_t n, size_t *parents)
{
	_cleanup_free_ unsigned int *depth = calloc(n + 1, sizeof(*depth));
	_cleanup_(map_deinit) struct map pids = {0};
	size_t i;

	if (!depth || index_by_pid(tasks, n, &pids))
		return ERR_NOMEM;
	for (i = 0; i < n; i++)
		parents[i] = find_parent(&tasks[i], &pids);
	for (i = 0; i < n; i++)
		tree_settle(i, parents, depth);
	return 0;
}
