/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi findpage: virtual to physical in the words of mtest. */
#include "cli/commands.h"

#include <inttypes.h>
#include <string.h>

#include "guest/addr.h"
#include "guest/place.h"

struct state {
	struct addr addr;
	struct place place;
	struct walk walk;
};

static int findpage_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = addr_parse(argv[0], &st->addr, err);

	(void)n;
	if (!rc && st->addr.space == ADDR_PHYS)
		rc = err_set(err, ERR_USAGE, "'%s' is physical already",
			     argv[0]);
	return rc;
}

static enum needs findpage_needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL : NEEDS_MACHINE;
}

static int findpage_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (rc)
		return rc;
	return walk_one(s->guest.machine, &st->place.root, st->place.at,
			&st->walk, err);
}

enum {
	VADDR,
	PID,
	COMM,
	L5,
	LEVELS,
	PAGE_ADDR,
	PAGE_OFFSET,
	PADDR,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[VADDR] = ROW_COLUMN("vaddr", NULL, ROW_HEX),
	[PID] = ROW_COLUMN("pid", NULL, ROW_COUNT),
	[COMM] = ROW_COLUMN("comm", NULL, ROW_GUEST),
	[L5] = ROW_COLUMN("pgtable_l5_enabled", NULL, ROW_COUNT),
	[LEVELS] = ROW_COLUMN("levels", NULL, ROW_TABLE),
	[PAGE_ADDR] = ROW_COLUMN("page_addr", NULL, ROW_HEX),
	[PAGE_OFFSET] = ROW_COLUMN("page_offset", NULL, ROW_HEX),
	[PADDR] = ROW_COLUMN("paddr", NULL, ROW_HEX),
};

enum {
	NAME,
	VALUE,
	INDEX
};

static const struct row_column level_columns[] = {
	[NAME] = ROW_COLUMN("name", NULL, ROW_WORDS),
	[VALUE] = ROW_COLUMN("value", NULL, ROW_HEX),
	[INDEX] = ROW_COLUMN("index", NULL, ROW_COUNT),
};

static void show_level(struct out *out, struct row_table *t, const char *name,
		       uint64_t value, unsigned int index)
{
	out_text(out, "%s_val = 0x%" PRIx64 "\n%s_index = %u\n", name, value,
		 name, index);
	row_add(t);
	row_string(t, NAME, name);
	row_number(t, VALUE, value);
	row_number(t, INDEX, index);
}

/* Levels whose entry is known: the last one may have been unreadable. */
static unsigned int known_levels(const struct walk *w)
{
	return w->n && w->result == WALK_UNREADABLE ? w->n - 1 : w->n;
}

/*
 * Linux folds the p4d of 4-level paging into the pgd: the same entry once
 * more, at index 0, and it is this one that is found empty.
 */
static const char *findpage_show_levels(struct out *out, struct row_table *t,
					const struct walk *w)
{
	const char *name = "pgd";
	unsigned int i;

	for (i = 0; i < known_levels(w); i++) {
		name = paging_level_name(w->root->paging, w->level[i].level);
		show_level(out, t, name, w->level[i].entry, w->level[i].index);
		if (i == 0 && w->root->paging->levels == 4) {
			name = "p4d";
			show_level(out, t, name, w->level[i].entry, 0);
		}
	}
	return name;
}

static void show_found(struct out *out, const struct walk *w)
{
	uint64_t offset = w->pa & (w->page_size - 1);
	struct row_table *t = &out->rows.top;

	out_text(out,
		 "page_addr = 0x%" PRIx64 ", page_offset = 0x%" PRIx64
		 "\nvaddr = 0x%" PRIx64 " -> paddr = 0x%" PRIx64 "\n",
		 w->pa - offset, offset, w->va, w->pa);
	row_number(t, PAGE_ADDR, w->pa - offset);
	row_number(t, PAGE_OFFSET, offset);
	row_number(t, PADDR, w->pa);
}

static void show_missing(struct out *out, const struct place *p,
			 const struct walk *w, const char *level)
{
	char label[64], text[128];

	if (w->n && w->result != WALK_UNREADABLE)
		out_text(out, "not mapped in %s\n", level);
	out_text(out, "translation not found\n");
	place_label(p, w->va, label, sizeof(label));
	walk_describe(w, text, sizeof(text));
	out_fail(out, ERR_NOT_FOUND, "findpage: %s: %s", label, text);
}

static void show_current(struct out *out, const struct place *p)
{
	if (p->space != ADDR_PID)
		return;
	row_number(&out->rows.top, PID, p->task.pid);
	row_string(&out->rows.top, COMM, p->task.comm);
	out_text(out, "current = ");
	out_guest(out, p->task.comm, strlen(p->task.comm));
	out_text(out, ", PID = %u\n", p->task.pid);
}

static int findpage_show(struct session *s, void *state, struct out *out,
			 struct err *err)
{
	struct state *st = state;
	struct row_table *t = &out->rows.top;
	const struct walk *w = &st->walk;
	const char *last;

	(void)s;
	(void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	row_add(t);
	row_number(t, VADDR, w->va);
	row_number(t, L5, w->root->paging->levels == 5);
	out_text(out, "vaddr = 0x%" PRIx64 "\npgtable_l5_enabled = %d\n", w->va,
		 w->root->paging->levels == 5);
	show_current(out, &st->place);
	last = findpage_show_levels(
		out, row_subtable(t, LEVELS, level_columns, 3), w);
	if (walk_has_frame(w->result))
		show_found(out, w);
	else
		show_missing(out, &st->place, w, last);
	return 0;
}

const struct cmd cmd_findpage = {
	.name = "findpage",
	.topic = TOPIC_MODULES,
	.summary = "Find the physical address behind a virtual one",
	.args = "PID:ADDRESS",
	.doc = "Values and indexes of pgd, p4d, pud, pmd, pte, then 'vaddr = "
	       ".. -> paddr = ..' or 'translation not found' (exit status 1), "
	       "in the form of the mtest kernel module.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = 1,
	.repeats = true,
	.state_size = sizeof(struct state),
	.operands = findpage_operands,
	.needs_now = findpage_needs_now,
	.run = findpage_run,
	.show = findpage_show,
};
