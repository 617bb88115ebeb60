/* SPDX-License-Identifier: BSD-2-Clause */
/* The caches of the slab allocator, as the text of /proc/slabinfo. */
#include "bench.h"

#include "proc/proc.h"

static int slab_look(struct guest *g, void *state, struct err *err)
{
	return proc_read(&proc_slabinfo, g->kernel, NULL, 1, state, err);
}

static int slab_tell(void *state, struct buf *out, struct err *err)
{
	const struct proc_values *v = state;
	size_t record;

	if (v->parts[0].why.len)
		return err_set(err, ERR_UNREADABLE, "slabs are not whole: %s",
			       v->parts[0].why.data);
	for (record = 0; record < v->parts[0].records; record++)
		proc_text(v, 0, record, out);
	return 0;
}

static void slab_deinit(void *state)
{
	proc_values_deinit(state);
}

const struct operation bench_slab = {
	.name = "slab",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct proc_values),
	.look = slab_look,
	.tell = slab_tell,
	.deinit = slab_deinit,
};
