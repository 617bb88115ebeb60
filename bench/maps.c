/* SPDX-License-Identifier: BSD-2-Clause */
/* The maps of all processes, as the text of their /proc/PID/maps. */
#include "bench.h"

#include <string.h>

#include "base/escape.h"
#include "proc/proc.h"

struct all_maps {
	struct task_list tasks;
	struct proc_values maps;
};

static int all_maps_look(struct guest *g, void *state, struct err *err)
{
	struct all_maps *all = state;
	int rc = task_list_read(g->kernel, false, &all->tasks, err);

	if (rc)
		return rc;
	task_list_keep_memory(&all->tasks);
	return proc_read(&proc_pid_maps, g->kernel, all->tasks.v, all->tasks.n,
			 &all->maps, err);
}

static int all_maps_tell(void *state, struct buf *out, struct err *err)
{
	struct all_maps *all = state;
	const struct proc_part *part;
	const struct task *t;
	size_t i, record;

	if (all->tasks.torn)
		return err_set(err, ERR_UNREADABLE, "tasks are missing: %s",
			       all->tasks.why);
	for (i = 0; i < all->tasks.n; i++) {
		t = &all->tasks.v[i];
		part = &all->maps.parts[i];
		if (part->why.len)
			return err_set(err, ERR_UNREADABLE,
				       "maps of pid %u are not whole: %s",
				       t->pid, part->why.data);
		buf_printf(out, "==> %u ", t->pid);
		escape_add(out, ESCAPE_TEXT, t->comm, strlen(t->comm));
		buf_puts(out, " <==\n");
		for (record = 0; record < part->records; record++)
			proc_text(&all->maps, i, record, out);
	}
	return 0;
}

static void all_maps_deinit(void *state)
{
	struct all_maps *all = state;

	proc_values_deinit(&all->maps);
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
