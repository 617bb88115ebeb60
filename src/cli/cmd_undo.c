/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi undo: put back what a write of qvmi has changed. */
#include "cli/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/change_show.h"
#include "edit/change.h"
#include "edit/change_regs.h"
#include "edit/record.h"
#include "guest/number.h"

struct state {
	unsigned int id; /* 0: not given */
	struct journal_entry entry;
	struct change change;	 /* of memory */
	struct change_regs regs; /* or of registers */
	bool unsure;		 /* whether it is the same boot */
};

static int undo_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	uint64_t id = 0;
	int rc;

	if (!n)
		return 0;
	rc = number_parse(argv[0], "entry", UINT32_MAX, &id, err);
	if (!rc && !id)
		rc = err_set(err, ERR_USAGE, "entries count from 1");
	st->id = (unsigned int)id;
	return rc;
}

/* Entries that undo has nothing to do with. */
static int check_state(const struct journal_entry *e, struct err *err)
{
	if (e->state == JOURNAL_UNDONE)
		return err_set(err, ERR_REFUSED,
			       "undo: entry %u is undone already ('qvmi "
			       "journal %u' shows what it had written)",
			       e->id, e->id);
	if (e->state == JOURNAL_PUT_BACK)
		return err_set(err, ERR_REFUSED,
			       "undo: entry %u failed, and its bytes were put "
			       "back then",
			       e->id);
	return 0;
}

static int undo_prepare(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	struct journal_name name;
	int rc = journal_open(false, &s->editor.journal, err);

	if (rc || !st->id)
		return rc;
	rc = journal_find(s->editor.journal, st->id, &name, err);
	if (!rc)
		rc = journal_load(s->editor.journal, &name, &st->entry, err);
	if (rc)
		return err_wrap(err, rc, "undo");
	return check_state(&st->entry, err);
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

/*
 * Is it of this boot of this guest?  Where nothing tells boots apart (no
 * Linux, or not yet) it has to be at the same stub, with the same banner.
 */
static bool is_of_guest(const struct journal_entry *e, struct session *s,
			const char *boot)
{
	struct source_info info = {0};

	if (e->boot || *boot)
		return e->boot && !strcmp(e->boot, boot);
	source_info(&s->guest.source, &info);
	return same_text(e->gdb, info.address) &&
	       same_text(e->kernel,
			 s->guest.kernel ? s->guest.kernel->banner : NULL);
}

/* The last write of this boot that is in effect, or may be. */
static int find_last(struct session *s, struct state *st, const char *boot,
		     struct err *err)
{
	_cleanup_free_ struct journal_name *list = NULL;
	size_t n;
	int rc = journal_list(s->editor.journal, &list, &n, err);

	while (!rc && n-- > 0) {
		if (list[n].state != JOURNAL_WRITTEN &&
		    list[n].state != JOURNAL_UNFINISHED)
			continue;
		rc = journal_load(s->editor.journal, &list[n], &st->entry, err);
		if (rc)
			return err_wrap(err, rc,
					"undo: which is the last write? (name "
					"one)");
		if (is_of_guest(&st->entry, s, boot))
			return check_state(&st->entry, err);
		journal_entry_deinit(&st->entry);
	}
	return rc ? rc
		  : err_set(err, ERR_NOT_FOUND,
			    "undo: there is no write to this boot of the guest "
			    "in the journal, or all are undone");
}

static int check_guest(struct session *s, const struct journal_entry *e,
		       const char *boot, struct err *err)
{
	if (is_of_guest(e, s, boot))
		return 0;
	return err_set(err, ERR_REFUSED,
		       "undo: entry %u is of another guest, or of another boot "
		       "of this one; nothing was written",
		       e->id);
}

static bool is_registers(const struct journal_entry *e)
{
	return e->items.n && !e->items.v[0].is_memory;
}

/* The entry's bytes of memory with old and new exchanged. */
static int undo_plan(struct state *st, struct err *err)
{
	const struct journal_entry *e = &st->entry;
	struct change_item *item;
	size_t i, off = 0;

	st->change.command = "undo";
	/* It was allowed when it was written. */
	st->change.allow = GUARD_ALL;
	st->change.record = (struct record){.undoes = e->id, .from = e->state};
	for (i = 0; i < e->items.n; off += e->items.v[i].len, i++) {
		const struct journal_item *was = &e->items.v[i];

		item = change_add(&st->change, was->address, err);
		if (!item)
			return err_wrap(err, ERR_CORRUPT, "entry %u", e->id);
		item->pinned = true;
		item->pa = was->pa;
		buf_add(&item->now, e->old.data + off, was->len);
		buf_add(&item->expect, e->now.data + off, was->len);
		if (e->state == JOURNAL_UNFINISHED)
			buf_add(&item->or_this, e->old.data + off, was->len);
		if (item->now.oom || item->expect.oom || item->or_this.oom)
			return err_nomem(err);
	}
	return 0;
}

static int undo_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	char boot[RECORD_BOOT];
	int rc = record_boot(&s->guest, boot, err);

	if (!rc && !st->id)
		rc = find_last(s, st, boot, err);
	else if (!rc)
		rc = check_guest(s, &st->entry, boot, err);
	if (rc)
		return rc;
	st->unsure = !st->entry.boot;
	if (is_registers(&st->entry)) {
		rc = change_regs_undo(&s->editor, &st->entry, &st->regs, err);
		if (!rc)
			rc = change_regs_run(&s->editor, &st->regs, err);
	} else {
		rc = undo_plan(st, err);
		if (!rc)
			rc = change_run(&s->editor, &st->change, err);
	}
	return rc ? err_wrap(err, rc, "undo: entry %u", st->entry.id) : 0;
}

static int undo_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	struct state *st = state;

	(void)s;
	(void)err;
	if (is_registers(&st->entry))
		change_show_regs(&st->regs, out);
	else
		change_show(&st->change, out);
	if (st->unsure)
		out_note(out,
			 "nothing in this guest tells one boot from another: "
			 "that it is the same was taken from the stub's "
			 "address and the bytes");
	return 0;
}

static void undo_deinit(void *state)
{
	struct state *st = state;

	change_deinit(&st->change);
	change_regs_deinit(&st->regs);
	journal_entry_deinit(&st->entry);
}

const struct cmd cmd_undo = {
	.name = "undo",
	.topic = TOPIC_CHANGE,
	.summary = "Put back what a write has changed",
	.args = "[ENTRY]",
	.doc = "ENTRY is a number of 'qvmi journal'; without one it is the "
	       "last write to this boot of the guest that is not undone.  All "
	       "is checked first: the guest is the same boot of the same "
	       "kernel, each address is where it was, and the bytes, or the "
	       "values of registers, are those that were written.",
	.needs = WANTS_KERNEL,
	.max_args = 1,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = undo_operands,
	.prepare = undo_prepare,
	.run = undo_run,
	.show = undo_show,
	.deinit = undo_deinit,
};
