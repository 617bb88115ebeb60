/* SPDX-License-Identifier: BSD-2-Clause */
/* Times the maps of so many VMAs alone: what more of them cost. */
#include "base/clock.h"
#include "bench.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "guest/number.h"
#include "proc/proc.h"

/* Processes of the test guest that are all alike (tests/vm/guest/init.c). */
#define ALIKE "sleeper."

struct scale {
	uint64_t wanted, got; /* VMAs */
	struct users users;
	struct proc_values maps;
	size_t n; /* processes */
	uint64_t us;
	struct machine_stats cost;
};

static int scale_prepare(void *state, char **words, struct err *err)
{
	struct scale *sc = state;

	return number_parse(words[0], "COUNT", 10000000, &sc->wanted, err);
}

/* The first of those alike, until their VMAs are enough. */
static int choose(struct scale *sc, struct users *u, struct err *err)
{
	uint64_t vmas = 0;
	size_t i;

	for (i = 0; i < u->tasks.n && vmas < sc->wanted; i++) {
		if (strncmp(u->tasks.v[i].comm, ALIKE, strlen(ALIKE)) != 0)
			continue;
		vmas += u->mms[i].map_count;
		u->tasks.v[sc->n++] = u->tasks.v[i];
	}
	if (vmas < sc->wanted)
		return err_set(err, ERR_NOT_FOUND,
			       "the guest has %" PRIu64 " such VMAs only",
			       vmas);
	return 0;
}

static int scale_look(struct guest *g, void *state, struct err *err)
{
	struct scale *sc = state;
	struct users *u = &sc->users;
	struct machine_stats before;
	uint64_t start;
	int rc = users_read(u, g->kernel, err);

	if (!rc)
		rc = choose(sc, u, err);
	if (rc)
		return rc;
	machine_drop_cache(g->machine);
	before = g->machine->stats;
	start = clock_now_us();
	rc = proc_read(&proc_pid_maps, g->kernel, u->tasks.v, sc->n, &sc->maps,
		       err);
	sc->us = clock_now_us() - start;
	sc->cost = g->machine->stats;
	sc->cost.batches -= before.batches;
	sc->cost.read_bytes -= before.read_bytes;
	return rc;
}

static int scale_tell(void *state, struct buf *out, struct err *err)
{
	struct scale *sc = state;
	size_t i;

	for (i = 0; i < sc->n; i++) {
		sc->got += sc->maps.parts[i].records;
		if (sc->maps.parts[i].torn)
			return err_set(err, ERR_UNREADABLE, "%s",
				       sc->maps.parts[i].why.data);
	}
	buf_printf(out,
		   "us=%" PRIu64 " processes=%zu vmas=%" PRIu64
		   " batches=%" PRIu64 " read_bytes=%" PRIu64 "\n",
		   sc->us, sc->n, sc->got, sc->cost.batches,
		   sc->cost.read_bytes);
	return 0;
}

static void scale_deinit(void *state)
{
	struct scale *sc = state;

	proc_values_deinit(&sc->maps);
	users_deinit(&sc->users);
}

const struct operation bench_scale = {
	.name = "scale",
	.words = "COUNT",
	.n_words = 1,
	.needs_kernel = true,
	.state_size = sizeof(struct scale),
	.prepare = scale_prepare,
	.look = scale_look,
	.tell = scale_tell,
	.deinit = scale_deinit,
};
