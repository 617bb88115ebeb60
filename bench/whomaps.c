/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who maps a frame, that of the kernel's banner: the page tables of all
 * processes are looked through for that.
 */
#include "bench.h"

#include <inttypes.h>

#include "kernel/mm/rmap.h"

static int whomaps_look(struct guest *g, void *state, struct err *err)
{
	uint64_t va;

	if (!profile_symbol(g->profile, "linux_banner", &va))
		return err_set(err, ERR_NOT_FOUND, "no linux_banner");
	return rmap_read(g->kernel, kernel_image_pa(g->kernel, va), state, err);
}

static int whomaps_tell(void *state, struct buf *out, struct err *err)
{
	struct rmap *r = state;
	size_t i;

	if (r->tasks.torn || r->n_unread || r->tables.unreadable)
		return err_set(err, ERR_UNREADABLE, "not all was looked at");
	buf_printf(out, "spaces=%zu\n", r->tasks.n + 1);
	for (i = 0; i < r->found.list.n; i++)
		buf_printf(out, "%zu 0x%" PRIx64 "\n", r->found.list.v[i].space,
			   r->found.list.v[i].va);
	return 0;
}

static void whomaps_deinit(void *state)
{
	rmap_deinit(state);
}

const struct operation bench_whomaps = {
	.name = "whomaps",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct rmap),
	.look = whomaps_look,
	.tell = whomaps_tell,
	.deinit = whomaps_deinit,
};
