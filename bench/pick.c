/* SPDX-License-Identifier: BSD-2-Clause */
/* Picks random mapped pages of all processes, the same ones for one seed. */
#include "bench.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "guest/number.h"

#define SEED 0x71766d69ULL
/* What one process's page tables may have; a bound, never reached here. */
#define MOST_TABLES (1u << 20)

/* A mapped stretch of one process; `before` pages lie in those before it. */
struct stretch {
	uint64_t pid, va, before;
};

struct pick {
	const char *path;
	uint64_t n, total; /* pages wanted, pages there are */
	VEC(struct stretch) stretches;
};

static int pick_prepare(void *state, char **words, struct err *err)
{
	struct pick *p = state;

	p->path = words[0];
	return number_parse(words[1], "COUNT", BENCH_MOST_PAGES, &p->n, err);
}

/* What is mapped in the user half of one process. */
static int add_mm(struct pick *p, struct machine *m, uint64_t pid,
		  const struct mm *mm, struct err *err)
{
	uint64_t end = 1ULL << (mm->root.paging->va_bits - 1);
	_cleanup_free_ struct space_run *runs = NULL;
	size_t i, n = 0;
	struct space_tables tables = {.left = MOST_TABLES};
	int rc = space_runs(m, &mm->root, 0, end, &tables, &runs, &n, err);

	for (i = 0; i < n && !rc; i++) {
		if (!runs[i].user)
			continue;
		if (vec_push(&p->stretches, {pid, runs[i].va, p->total}))
			rc = err_nomem(err);
		p->total += runs[i].len / PAGE_SIZE_4K;
	}
	return rc;
}

static int pick_look(struct guest *g, void *state, struct err *err)
{
	_cleanup_(users_deinit) struct users u = {0};
	struct pick *p = state;
	size_t i;
	int rc = users_read(&u, g->kernel, err);

	for (i = 0; i < u.tasks.n && !rc; i++)
		if (u.mms[i].readable)
			rc = add_mm(p, g->machine, u.tasks.v[i].pid, &u.mms[i],
				    err);
	if (!rc && !p->total)
		return err_set(err, ERR_NOT_FOUND, "no user page is mapped");
	return rc;
}

/* Steele, Lea, Flood: SplitMix64, the same on every host. */
static uint64_t next_random(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
	return z ^ (z >> 31);
}

/* The page of that number, counted over all stretches. */
static struct bench_page page_at(const struct pick *p, uint64_t number)
{
	size_t lo = 0, hi = p->stretches.n;
	const struct stretch *s;

	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (p->stretches.v[mid].before <= number)
			lo = mid;
		else
			hi = mid;
	}
	s = &p->stretches.v[lo];
	return (struct bench_page){.pid = s->pid,
				   .va = s->va +
					 (number - s->before) * PAGE_SIZE_4K};
}

static int pick_tell(void *state, struct buf *out, struct err *err)
{
	struct pick *p = state;
	FILE *f = fopen(p->path, "w");
	uint64_t i, seed = SEED;
	bool good = f != NULL;

	for (i = 0; i < p->n && good; i++) {
		struct bench_page page =
			page_at(p, next_random(&seed) % p->total);

		good = fwrite(&page, sizeof(page), 1, f) == 1;
	}
	if (f && fclose(f))
		good = false;
	if (!good)
		return err_sys(err, ERR_SYS, "cannot write %s", p->path);
	buf_printf(out, "picked=%" PRIu64 " of=%" PRIu64 "\n", p->n, p->total);
	return 0;
}

static void pick_deinit(void *state)
{
	struct pick *p = state;

	vec_deinit(&p->stretches);
}

const struct operation bench_pick = {
	.name = "pick",
	.words = "FILE COUNT",
	.n_words = 2,
	.needs_kernel = true,
	.state_size = sizeof(struct pick),
	.prepare = pick_prepare,
	.look = pick_look,
	.tell = pick_tell,
	.deinit = pick_deinit,
};
