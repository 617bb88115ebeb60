/* SPDX-License-Identifier: BSD-2-Clause */
/* Shows what is in all slabs of a cache: a letter for each object. */
#include "cli/slab_show.h"

#include <inttypes.h>

#include "base/cleanup.h"
#include "cli/out_symbol.h"

enum {
	NAME,
	ADDRESS,
	SIZE,
	OBJECT_SIZE,
	POINTER,
	HARDENED,
	DEBUG,
	OBJECTS,
	IN_USE,
	FREE,
	ON_CPUS,
	IN_SHEAVES,
	UNKNOWN,
	SLABS,
	USERS,
	DAMAGED,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[NAME] = ROW_COLUMN("name", "Cache", ROW_GUEST),
	[ADDRESS] = ROW_COLUMN("address", "Address", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "Size", ROW_COUNT),
	[OBJECT_SIZE] = ROW_COLUMN("object_size", "Usable", ROW_COUNT),
	[POINTER] = ROW_COLUMN("free_pointer", "Pointer to next", ROW_COUNT),
	[HARDENED] = ROW_COLUMN("hardened", "Hardened", ROW_FLAG),
	[DEBUG] = ROW_COLUMN("debug", "Debugging", ROW_WORDS),
	[OBJECTS] = ROW_COLUMN("objects", "Objects", ROW_COUNT),
	[IN_USE] = ROW_COLUMN("in_use", "In use", ROW_COUNT),
	[FREE] = ROW_COLUMN("free", "Free", ROW_COUNT),
	[ON_CPUS] = ROW_COLUMN("free_on_cpus", "Free on CPUs", ROW_COUNT),
	[IN_SHEAVES] =
		ROW_COLUMN("free_in_sheaves", "Free in sheaves", ROW_COUNT),
	[UNKNOWN] = ROW_COLUMN("unknown", "Unknown", ROW_COUNT),
	[SLABS] = ROW_COLUMN("slabs", "Slabs", ROW_TABLE),
	[USERS] = ROW_COLUMN("users", "Allocated by", ROW_TABLE),
	[DAMAGED] = ROW_COLUMN("overwritten", "Overwritten", ROW_TABLE),
};

enum {
	SLAB_ADDRESS,
	SLAB_LIST,
	SLAB_CPU_NR,
	SLAB_NODE,
	SLAB_SIZE,
	SLAB_OBJECTS,
	SLAB_USED,
	SLAB_MAP,
	N_SLAB_COLUMNS
};

static const struct row_column slab_columns[] = {
	[SLAB_ADDRESS] = ROW_COLUMN("slab", "SLAB", ROW_HEX),
	[SLAB_LIST] = ROW_COLUMN("list", "LIST", ROW_WORDS),
	[SLAB_CPU_NR] = {.key = "cpu",
			 .title = "CPU",
			 .type = ROW_COUNT,
			 .sparse = true},
	[SLAB_NODE] = ROW_COLUMN("node", "NODE", ROW_COUNT),
	[SLAB_SIZE] = ROW_COLUMN("slab_size", "SIZE", ROW_SIZE),
	[SLAB_OBJECTS] = ROW_COLUMN("objects", "OBJECTS", ROW_COUNT),
	[SLAB_USED] = ROW_COLUMN("in_use", "IN_USE", ROW_COUNT),
	[SLAB_MAP] = ROW_COLUMN("map", "MAP", ROW_WORDS),
};

enum {
	USER_CODE,
	USER_ADDRESS,
	USER_OBJECTS,
	USER_FIRST,
	USER_LAST,
	N_USER_COLUMNS
};

static const struct row_column user_columns[] = {
	[USER_CODE] = ROW_COLUMN("symbol", "SYMBOL", ROW_GUEST),
	[USER_ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[USER_OBJECTS] = ROW_COLUMN("objects", "OBJECTS", ROW_COUNT),
	[USER_FIRST] = ROW_COLUMN("pid_first", "FROM_PID", ROW_COUNT),
	[USER_LAST] = ROW_COLUMN("pid_last", "TO_PID", ROW_COUNT),
};

enum {
	DAMAGE_AT,
	DAMAGE_SLAB,
	DAMAGE_OBJECT,
	DAMAGE_INDEX,
	DAMAGE_STATE,
	DAMAGE_PART,
	DAMAGE_BYTES,
	DAMAGE_WANTED,
	DAMAGE_FOUND,
	N_DAMAGE_COLUMNS
};

static const struct row_column damage_columns[] = {
	[DAMAGE_AT] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[DAMAGE_SLAB] = ROW_COLUMN("slab", NULL, ROW_HEX),
	[DAMAGE_OBJECT] = ROW_COLUMN("object", "OBJECT", ROW_HEX),
	[DAMAGE_INDEX] = ROW_COLUMN("index", NULL, ROW_COUNT),
	[DAMAGE_STATE] = ROW_COLUMN("state", "STATE", ROW_WORDS),
	[DAMAGE_PART] = ROW_COLUMN("part", "PART", ROW_WORDS),
	[DAMAGE_BYTES] = ROW_COLUMN("bytes", "BYTES", ROW_COUNT),
	[DAMAGE_WANTED] = ROW_COLUMN("wanted", "WANTED", ROW_BYTES),
	[DAMAGE_FOUND] = ROW_COLUMN("found", "FOUND", ROW_BYTES),
};

/* A letter for the map of a slab. */
static const char letters[] = {
	[SLAB_UNKNOWN] = '?',	  [SLAB_IN_USE] = 'u',	      [SLAB_FREE] = '.',
	[SLAB_FREE_ON_CPU] = 'c', [SLAB_FREE_IN_SHEAF] = 's',
};

#define N_STATES (sizeof(letters) / sizeof(letters[0]))

static void show_slab(struct row_table *t, const struct slab_contents *c,
		      const struct slab_found *s)
{
	_cleanup_(buf_deinit) struct buf map = {0};
	uint64_t used = 0;
	uint32_t i;

	for (i = 0; i < s->objects; i++) {
		uint8_t state = c->states.v[s->first + i];

		used += state == SLAB_IN_USE;
		buf_printf(&map, "%c", letters[state]);
	}
	row_add(t);
	row_number(t, SLAB_ADDRESS, s->base);
	row_string(t, SLAB_LIST,
		   s->damaged ? "damaged" : slab_where_words(s->where));
	if (s->cpu >= 0)
		row_number(t, SLAB_CPU_NR, (uint32_t)s->cpu);
	if (s->node >= 0)
		row_number(t, SLAB_NODE, (uint32_t)s->node);
	row_number(t, SLAB_SIZE, (uint64_t)s->pages * PAGE_SIZE_4K);
	row_number(t, SLAB_OBJECTS, s->objects);
	row_number(t, SLAB_USED, used);
	if (map.len)
		row_bytes(t, SLAB_MAP, map.data, map.len);
	if (t)
		t->rows->oom |= map.oom;
}

static void show_user(struct row_table *t, const struct slab_user *u,
		      const struct symbol *symbol)
{
	row_add(t);
	out_symbol(t, USER_CODE, symbol);
	row_number(t, USER_ADDRESS, u->addr);
	row_number(t, USER_OBJECTS, u->objects);
	row_number(t, USER_FIRST, u->pid_first);
	row_number(t, USER_LAST, u->pid_last);
}

static void show_damage(struct row_table *t, const struct slab_damage *d)
{
	row_add(t);
	row_number(t, DAMAGE_AT, d->at);
	row_number(t, DAMAGE_SLAB, d->slab);
	if (d->object) {
		row_number(t, DAMAGE_OBJECT, d->object);
		row_number(t, DAMAGE_INDEX, d->index);
		row_string(t, DAMAGE_STATE, slab_state_words(d->state));
	}
	row_string(t, DAMAGE_PART, slab_part_words(d->part));
	row_number(t, DAMAGE_BYTES, d->len);
	row_bytes(t, DAMAGE_WANTED, &d->wanted, 1);
	row_bytes(t, DAMAGE_FOUND, d->found,
		  d->len < SLAB_DAMAGE_BYTES ? d->len : SLAB_DAMAGE_BYTES);
}

/* In the words of the letters that the kernel's slub_debug= takes. */
static void show_layout(struct row_table *t, const struct slab_layout *l)
{
	row_string(t, NAME, l->name);
	row_number(t, ADDRESS, l->cache);
	row_number(t, SIZE, l->size);
	row_number(t, OBJECT_SIZE, l->object_size);
	row_number(t, POINTER, l->offset);
	row_number(t, HARDENED, l->hardened);
	if (l->red_zones || l->poison || l->tracks)
		row_printf(t, DEBUG, "%s%s%s", l->poison ? "P" : "",
			   l->red_zones ? "Z" : "", l->tracks ? "U" : "");
}

/* How many objects are of each state. */
static void count_states(const struct slab_contents *c, uint64_t n[N_STATES])
{
	size_t i;

	for (i = 0; i < c->states.n; i++)
		n[c->states.v[i]]++;
}

static void show_sums(struct row_table *t, const struct slab_contents *c,
		      const uint64_t n[N_STATES])
{
	row_number(t, OBJECTS, c->states.n);
	row_number(t, IN_USE, n[SLAB_IN_USE]);
	row_number(t, FREE, n[SLAB_FREE]);
	row_number(t, ON_CPUS, n[SLAB_FREE_ON_CPU]);
	row_number(t, IN_SHEAVES, n[SLAB_FREE_IN_SHEAF]);
	row_number(t, UNKNOWN, n[SLAB_UNKNOWN]);
}

static void show_faults(struct out *out, const struct slab_contents *c,
			uint64_t unknown)
{
	if (c->damages.list.n)
		out_fail(out, ERR_CORRUPT,
			 "slab: %" PRIu64 " places of %s were overwritten",
			 c->damages.list.n + c->damages.more, c->layout.name);
	if (c->users.more)
		out_note(out,
			 "%" PRIu64 " objects were allocated by more places in "
			 "the code, which are not shown",
			 c->users.more);
	if (c->damages.more)
		out_note(out, "%" PRIu64 " more places are not shown",
			 c->damages.more);
	if (unknown)
		out_fail(out, ERR_CORRUPT,
			 "slab: free lists of %s make no sense: the state of "
			 "%" PRIu64 " objects is not known",
			 c->layout.name, unknown);
}

void slab_show_contents(struct out *out, const struct slab_contents *c,
			const struct symbol *symbols)
{
	struct row_table *t = &out->rows.top, *slabs, *users = NULL;
	struct row_table *damaged = NULL;
	uint64_t states[N_STATES] = {0};
	size_t i;

	count_states(c, states);
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(t);
	show_layout(t, &c->layout);
	show_sums(t, c, states);
	slabs = row_subtable(t, SLABS, slab_columns, N_SLAB_COLUMNS);
	for (i = 0; i < c->slabs.n; i++)
		show_slab(slabs, c, &c->slabs.v[i]);
	if (c->users.list.n || out->json)
		users = row_subtable(t, USERS, user_columns, N_USER_COLUMNS);
	for (i = 0; i < c->users.list.n; i++)
		show_user(users, &c->users.list.v[i], &symbols[i]);
	if (c->damages.list.n || out->json)
		damaged = row_subtable(t, DAMAGED, damage_columns,
				       N_DAMAGE_COLUMNS);
	for (i = 0; i < c->damages.list.n; i++)
		show_damage(damaged, &c->damages.list.v[i]);
	show_faults(out, c, states[SLAB_UNKNOWN]);
}
