/* SPDX-License-Identifier: BSD-2-Clause */
/* The maps of all processes, as the text of their /proc/PID/maps. */
#include "bench.h"

#include <string.h>

#include "base/escape.h"
#include "kernel/maps.h"
#include "proc/maps.h"

struct all_maps {
	struct task_list tasks;
	struct maps_set maps;
};

static int all_maps_look(struct guest *g, void *state, struct err *err)
{
	struct all_maps *all = state;
	int rc = task_list_read(g->kernel, false, &all->tasks, err);

	if (rc)
		return rc;
	task_list_keep_memory(&all->tasks);
	return maps_read(g->kernel, all->tasks.v, all->tasks.n, &all->maps,
			 err);
}

static int all_maps_tell(void *state, struct buf *out, struct err *err)
{
	struct all_maps *all = state;
	const struct maps *maps;
	const struct task *t;
	size_t i, row;

	if (all->tasks.torn)
		return err_set(err, ERR_UNREADABLE, "tasks are missing: %s",
			       all->tasks.why);
	for (i = 0; i < all->tasks.n; i++) {
		t = &all->tasks.v[i];
		maps = &all->maps.v[i];
		if (maps->torn)
			return err_set(err, ERR_UNREADABLE,
				       "maps of pid %u are not whole: %s",
				       t->pid, maps->why);
		buf_printf(out, "==> %u ", t->pid);
		escape_add(out, ESCAPE_TEXT, t->comm, strlen(t->comm));
		buf_puts(out, " <==\n");
		for (row = 0; row < maps->n; row++)
			proc_maps_line(&maps->v[row], out);
	}
	return 0;
}

static void all_maps_deinit(void *state)
{
	struct all_maps *all = state;

	maps_deinit(&all->maps);
	task_list_deinit(&all->tasks);
}

const struct operation bench_maps = {
	.name = "maps",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct all_maps),
	.look = all_maps_look,
	.tell = all_maps_tell,
	.deinit = all_maps_deinit,
};
