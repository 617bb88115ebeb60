/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi percpu: per-CPU memory, where each CPU has it, and its chunks. */
#include "cli/commands.h"

#include "kernel/alloc/percpu_chunk.h"

struct state {
	struct percpu_areas areas;
	struct remarks remarks;
};

static int percpu_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;

	return percpu_areas_read(s->guest.kernel, &st->areas, &st->remarks,
				 err);
}

enum {
	BASE,
	UNIT_SIZE,
	UNITS,
	STATIC,
	RESERVED,
	DYNAMIC,
	MEMORY,
	CPUS,
	CHUNKS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[BASE] = ROW_COLUMN("base", "Base", ROW_HEX),
	[UNIT_SIZE] = ROW_COLUMN("unit_size", "Unit", ROW_SIZE),
	[UNITS] = ROW_COLUMN("units", "Units", ROW_COUNT),
	[STATIC] = ROW_COLUMN("static_size", "Static", ROW_SIZE),
	[RESERVED] = ROW_COLUMN("reserved_size", "Reserved", ROW_SIZE),
	[DYNAMIC] = ROW_COLUMN("dynamic_size", "Dynamic", ROW_SIZE),
	[MEMORY] = ROW_COLUMN("memory", "Memory", ROW_SIZE),
	[CPUS] = ROW_COLUMN("cpus", "CPUs", ROW_TABLE),
	[CHUNKS] = ROW_COLUMN("chunks", "Chunks", ROW_TABLE),
};

static const struct row_column cpu_columns[] = {
	ROW_COLUMN("cpu", "CPU", ROW_COUNT),
	ROW_COLUMN("base", "BASE", ROW_HEX),
	ROW_COLUMN("offset", "OFFSET", ROW_HEX),
};

enum {
	CHUNK_BASE,
	CHUNK_KIND,
	CHUNK_SIZE,
	CHUNK_FREE,
	CHUNK_POPULATED,
	CHUNK_ADDRESS,
	N_CHUNK_COLUMNS
};

static const struct row_column chunk_columns[] = {
	[CHUNK_BASE] = ROW_COLUMN("base", "BASE", ROW_HEX),
	[CHUNK_KIND] = ROW_COLUMN("kind", "KIND", ROW_WORDS),
	[CHUNK_SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[CHUNK_FREE] = ROW_COLUMN("free", "FREE", ROW_SIZE),
	[CHUNK_POPULATED] =
		ROW_COLUMN("populated_pages", "POPULATED", ROW_COUNT),
	[CHUNK_ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
};

static void percpu_show_sizes(const struct percpu_areas *a, struct row_table *t)
{
	row_add(t);
	row_number(t, BASE, a->base);
	row_number(t, UNIT_SIZE, a->unit_size);
	row_number(t, UNITS, a->units);
	row_number(t, STATIC, a->static_size);
	row_number(t, RESERVED, a->reserved_size);
	row_number(t, DYNAMIC, a->dynamic_size);
	row_number(t, MEMORY, a->memory);
}

static int percpu_show(struct session *s, void *state, struct out *out,
		       struct err *err)
{
	const struct state *st = state;
	const struct percpu_areas *a = &st->areas;
	struct row_table *top = &out->rows.top, *t;
	const char *remark = NULL;
	size_t i;

	(void)s, (void)err;
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	percpu_show_sizes(a, top);
	t = row_subtable(top, CPUS, cpu_columns, 3);
	for (i = 0; i < a->cpus.n; i++) {
		row_add(t);
		row_number(t, 0, a->cpus.v[i].cpu);
		row_number(t, 1, a->cpus.v[i].base);
		row_number(t, 2, a->cpus.v[i].offset);
	}
	t = row_subtable(top, CHUNKS, chunk_columns, N_CHUNK_COLUMNS);
	for (i = 0; i < a->chunks.n; i++) {
		const struct percpu_chunk *c = &a->chunks.v[i];

		row_add(t);
		row_number(t, CHUNK_BASE, c->base);
		row_string(t, CHUNK_KIND, percpu_kind_words(c->kind));
		row_number(t, CHUNK_SIZE, c->size);
		row_number(t, CHUNK_FREE, c->free);
		row_number(t, CHUNK_POPULATED, c->populated);
		row_number(t, CHUNK_ADDRESS, c->addr);
	}
	while ((remark = remarks_next(&st->remarks, remark)))
		out_fail(out, ERR_CORRUPT, "percpu: %s", remark);
	return 0;
}

static void percpu_deinit(void *state)
{
	struct state *st = state;

	percpu_areas_deinit(&st->areas);
	remarks_deinit(&st->remarks);
}

const struct cmd cmd_percpu = {
	.name = "percpu",
	.topic = TOPIC_LOOK,
	.summary = "Show per-CPU memory and its chunks",
	.doc = "Where each CPU has its copy of per-CPU variables, how large "
	       "the static, reserved and dynamic parts of the first chunk are, "
	       "and all chunks with what is free in each.",
	.needs = NEEDS_KERNEL,
	.max_args = 0,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.run = percpu_run,
	.show = percpu_show,
	.deinit = percpu_deinit,
};
