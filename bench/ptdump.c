/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All that the kernel's page tables map; a plain line for each run, for the
 * form of the kernel's own dump is the command line's.
 */
#include "bench.h"

#include <inttypes.h>

#include "walk/ptdump.h"

struct dump {
	struct ptdump ptdump;
	const struct paging *paging;
};

static int dump_look(struct guest *g, void *state, struct err *err)
{
	struct dump *d = state;

	d->paging = g->kernel->root.paging;
	return ptdump_read(g->machine, &g->kernel->root, PTDUMP_BOTH,
			   &d->ptdump, err);
}

static int dump_tell(void *state, struct buf *out, struct err *err)
{
	struct dump *d = state;
	size_t i;

	if (d->ptdump.cut || d->ptdump.unreadable.n)
		return err_set(err, ERR_UNREADABLE, "the dump is not whole");
	for (i = 0; i < d->ptdump.runs.n; i++) {
		const struct ptdump_run *r = &d->ptdump.runs.v[i];

		buf_printf(out,
			   "%016" PRIx64 "-%016" PRIx64 " %" PRIu64
			   " %c%c%c %" PRIx64 "\n",
			   r->va, ptdump_last(r),
			   ptdump_page_size(d->paging, r), r->write ? 'w' : '-',
			   r->nx ? '-' : 'x', r->user ? 'u' : '-',
			   r->attributes);
	}
	return 0;
}

static void dump_deinit(void *state)
{
	struct dump *d = state;

	ptdump_deinit(&d->ptdump);
}

const struct operation bench_ptdump = {
	.name = "ptdump",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct dump),
	.look = dump_look,
	.tell = dump_tell,
	.deinit = dump_deinit,
};
