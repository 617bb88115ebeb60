/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All slabs of a cache with the state of each object, as `qvmi slab dentry` has
 * them; the table is the command line's.
 */
#include "bench.h"

#include "kernel/alloc/slab.h"
#include "kernel/alloc/slab_find.h"

#define CACHE "dentry"

struct slab {
	struct slab_contents contents;
	struct remarks remarks;
};

static int slab_look(struct guest *g, void *state, struct err *err)
{
	struct slab *s = state;
	struct slab_cache cache = {0};
	int rc = slab_cache_find(g->kernel, CACHE, &cache, &s->remarks, err);

	return rc ? rc
		  : slab_contents_read(g->kernel, cache.addr, &s->contents,
				       &s->remarks, err);
}

static int slab_tell(void *state, struct buf *out, struct err *err)
{
	const struct slab *s = state;
	const char *remark = remarks_next(&s->remarks, NULL);
	size_t i, n[SLAB_FREE_IN_SHEAF + 1] = {0};

	if (remark)
		return err_set(err, ERR_UNREADABLE, "%s", remark);
	for (i = 0; i < s->contents.states.n; i++)
		n[s->contents.states.v[i]]++;
	for (i = 0; i <= SLAB_FREE_IN_SHEAF; i++)
		buf_printf(out, "%s=%zu\n",
			   slab_state_words((enum slab_state)i), n[i]);
	return 0;
}

static void slab_deinit(void *state)
{
	struct slab *s = state;

	slab_contents_deinit(&s->contents);
	remarks_deinit(&s->remarks);
}

const struct operation bench_slab = {
	.name = "slab",
	.words = "",
	.needs_kernel = true,
	.state_size = sizeof(struct slab),
	.look = slab_look,
	.tell = slab_tell,
	.deinit = slab_deinit,
};
