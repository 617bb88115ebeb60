/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi walk: the page walk of one address, level by level. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/out_symbol.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/place.h"
#include "kernel/x86_64.h"

struct state {
	bool user_root;
	struct addr addr;
	struct place place;
	struct walk walk;
	struct symbol symbol;
};

enum {
	KEY_USER_ROOT = 0x100
};

static const struct argp_option options[] = {
	{"user-root", KEY_USER_ROOT, NULL, 0,
	 "Under PTI: walk the tables that the process has in user mode", 0},
	{0}};

static int walk_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;

	(void)arg;
	(void)err;
	if (key != KEY_USER_ROOT)
		return ARGP_ERR_UNKNOWN;
	st->user_root = true;
	return 0;
}

static int walk_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = addr_parse(argv[0], &st->addr, err);

	(void)n;
	if (rc)
		return rc;
	if (st->addr.space == ADDR_PHYS)
		return err_set(err, ERR_USAGE,
			       "'%s' is physical: there is nothing to walk",
			       argv[0]);
	if (st->user_root && st->addr.space != ADDR_PID)
		return err_set(err, ERR_USAGE,
			       "--user-root wants a PID before the address");
	return 0;
}

static enum needs walk_needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL : NEEDS_MACHINE;
}

static int cmd_walk_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (rc)
		return rc;
	if (st->user_root && !s->guest.kernel->pti)
		return err_set(err, ERR_REFUSED,
			       "walk: this kernel runs without PTI, a process "
			       "has one root only: leave --user-root out");
	if (st->user_root) {
		st->place.root.pgd = x86_64_user_half(st->place.root.pgd);
		st->place.root.poison = 0;
	}
	rc = lookup_names(&s->guest, &st->place, &st->place.at, 1, &st->symbol,
			  err);
	return rc ? rc
		  : walk_one(s->guest.machine, &st->place.root, st->place.at,
			     &st->walk, err);
}

enum {
	ADDRESS,
	SYMBOL,
	PID,
	COMM,
	ROOT,
	PAGING,
	LEVELS,
	RESULT,
	DETAIL,
	PHYSICAL,
	PAGE_SIZE,
	PERMISSIONS,
	WRITE,
	USER,
	NX,
	SWAP_TYPE,
	SWAP_OFFSET,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "Address", ROW_HEX),
	[SYMBOL] = ROW_COLUMN("symbol", "Symbol", ROW_GUEST),
	[PID] = ROW_COLUMN("pid", "PID", ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", "COMM", ROW_GUEST),
	[ROOT] = ROW_COLUMN("root", "Root", ROW_HEX),
	[PAGING] = ROW_COLUMN("paging", "Paging", ROW_WORDS),
	[LEVELS] = ROW_COLUMN("levels", "", ROW_TABLE),
	[RESULT] = ROW_COLUMN("result", "Result", ROW_WORDS),
	[DETAIL] = ROW_COLUMN("detail", "Because", ROW_WORDS),
	[PHYSICAL] = ROW_COLUMN("physical", "Physical", ROW_HEX),
	[PAGE_SIZE] = ROW_COLUMN("page_size", "Page size", ROW_SIZE),
	[PERMISSIONS] = ROW_COLUMN(NULL, "Permissions", ROW_WORDS),
	[WRITE] = ROW_COLUMN("write", NULL, ROW_FLAG),
	[USER] = ROW_COLUMN("user", NULL, ROW_FLAG),
	[NX] = ROW_COLUMN("no_execute", NULL, ROW_FLAG),
	[SWAP_TYPE] = ROW_COLUMN("swap_type", "Swap type", ROW_COUNT),
	[SWAP_OFFSET] = ROW_COLUMN("swap_offset", "Swap offset", ROW_COUNT),
};

enum {
	LEVEL,
	TABLE,
	INDEX,
	ENTRY,
	BITS
};

static const struct row_column level_columns[] = {
	[LEVEL] = ROW_COLUMN("level", "LEVEL", ROW_WORDS),
	[TABLE] = ROW_COLUMN("table", "TABLE", ROW_HEX),
	[INDEX] = ROW_COLUMN("index", "INDEX", ROW_COUNT),
	[ENTRY] = ROW_COLUMN("entry", "ENTRY", ROW_HEX),
	[BITS] = ROW_COLUMN("bits", "BITS", ROW_WORDS),
};

static void walk_show_levels(struct row_table *t, const struct walk *w)
{
	const struct walk_level *l;
	char bits[128];
	unsigned int i;

	for (i = 0; i < w->n; i++) {
		l = &w->level[i];
		row_add(t);
		row_string(t, LEVEL,
			   paging_level_name(w->root->paging, l->level));
		row_number(t, TABLE, l->table);
		row_number(t, INDEX, l->index);
		if (w->result == WALK_UNREADABLE && i == w->n - 1)
			continue; /* its entry is not known */
		paging_entry_bits(w->root->paging, l->level, l->entry, bits,
				  sizeof(bits));
		row_number(t, ENTRY, l->entry);
		row_string(t, BITS, bits);
	}
}

static void show_result(struct row_table *t, const struct walk *w)
{
	char text[128];

	row_string(t, RESULT, walk_result_name(w->result));
	if (walk_has_frame(w->result)) {
		row_number(t, PHYSICAL, w->pa);
		row_number(t, PAGE_SIZE, w->page_size);
	}
	if (w->result == WALK_SWAPPED) {
		row_number(t, SWAP_TYPE, w->swap_type);
		row_number(t, SWAP_OFFSET, w->swap_offset);
	}
	if (w->result != WALK_MAPPED) {
		walk_describe(w, text, sizeof(text));
		row_string(t, DETAIL, text);
		return;
	}
	row_printf(t, PERMISSIONS, "r%c%c %s", w->write ? 'w' : '-',
		   w->nx ? '-' : 'x', w->user ? "user" : "kernel");
	row_number(t, WRITE, w->write);
	row_number(t, USER, w->user);
	row_number(t, NX, w->nx);
}

static int walk_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;
	struct row_table *t = &out->rows.top;
	const struct walk *w = &st->walk;
	char label[64];

	(void)s;
	(void)err;
	out_begin(out, OUT_RECORD, columns, N_COLUMNS);
	row_add(t);
	row_number(t, ADDRESS, w->va);
	out_symbol(t, SYMBOL, &st->symbol);
	if (st->place.space == ADDR_PID) {
		row_number(t, PID, st->place.task.pid);
		row_string(t, COMM, st->place.task.comm);
	}
	row_number(t, ROOT, paging_root(w->root->paging, w->root->pgd));
	row_string(t, PAGING, w->root->paging->name);
	walk_show_levels(row_subtable(t, LEVELS, level_columns, 5), w);
	show_result(t, w);
	if (walk_has_frame(w->result))
		return 0;
	place_label(&st->place, w->va, label, sizeof(label));
	/* The reason is in the answer. */
	out_fail(out, ERR_NOT_FOUND, "walk: %s: no page there", label);
	return 0;
}

const struct cmd cmd_walk = {
	.name = "walk",
	.topic = TOPIC_LOOK,
	.summary = "Walk the page tables for one address",
	.args = "ADDRESS",
	.doc = "Prints every level: the table's physical address, index, "
	       "entry and its bits; then the result.  Exit status 1 when "
	       "there is no page.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = 1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = walk_option,
	.operands = walk_operands,
	.needs_now = walk_needs_now,
	.run = cmd_walk_run,
	.show = walk_show,
};
