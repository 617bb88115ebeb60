/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi journal: what qvmi has written, to which guest, and what was there. */
#include "cli/commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "cli/change_show.h"
#include "edit/change.h"
#include "guest/number.h"
#include "journal/journal.h"

struct state {
	unsigned int id; /* 0: all */
	unsigned int forget;
	uint64_t before; /* days */
	bool has_before;
};

enum {
	KEY_FORGET = 0x100,
	KEY_BEFORE
};

static const struct argp_option options[] = {
	{"forget", KEY_FORGET, "ENTRY", 0, "Remove this entry", 0},
	{"before", KEY_BEFORE, "DAYS", 0,
	 "Remove all entries that are older than so many days", 0},
	{0}};

static int take_id(const char *arg, unsigned int *id, struct err *err)
{
	uint64_t value = 0;
	int rc = number_parse(arg, "entry", UINT32_MAX, &value, err);

	if (!rc && !value)
		rc = err_set(err, ERR_USAGE, "entries count from 1");
	*id = (unsigned int)value;
	return rc;
}

static int journal_option(void *state, int key, const char *arg,
			  struct err *err)
{
	struct state *st = state;

	switch (key) {
	case KEY_FORGET:
		return take_id(arg, &st->forget, err);
	case KEY_BEFORE:
		st->has_before = true;
		return number_parse(arg, "--before", 100000, &st->before, err);
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int journal_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;

	if ((st->forget != 0) + st->has_before + n > 1)
		return err_set(err, ERR_USAGE,
			       "one of ENTRY, --forget and --before, please");
	return n ? take_id(argv[0], &st->id, err) : 0;
}

static int journal_prepare(struct session *s, void *state, struct err *err)
{
	(void)state;
	return journal_open(false, &s->editor.journal, err);
}

enum {
	ID,
	TIME,
	GUEST,
	KERNEL,
	BOOT,
	COMMAND,
	ADDRESS,
	LENGTH,
	STATE,
	ITEMS,
	N_COLUMNS
};

/* In a list, and of one entry alone. */
static const struct row_column list_columns[] = {
	[ID] = ROW_COLUMN("id", "ID", ROW_COUNT),
	[TIME] = ROW_COLUMN("time", "TIME", ROW_WORDS),
	[GUEST] = ROW_COLUMN("gdb", "GUEST", ROW_GUEST),
	[KERNEL] = ROW_COLUMN("kernel", "KERNEL", ROW_GUEST),
	[BOOT] = ROW_COLUMN("boot", NULL, ROW_GUEST),
	[COMMAND] = ROW_COLUMN("command", "COMMAND", ROW_GUEST),
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_GUEST),
	[LENGTH] = ROW_COLUMN("length", "LENGTH", ROW_COUNT),
	[STATE] = ROW_COLUMN("state", "STATE", ROW_WORDS),
	[ITEMS] = ROW_COLUMN("items", NULL, ROW_TABLE),
};

static const struct row_column one_columns[] = {
	[ID] = ROW_COLUMN("id", "entry", ROW_COUNT),
	[TIME] = ROW_COLUMN("time", "time", ROW_WORDS),
	[GUEST] = ROW_COLUMN("gdb", "guest", ROW_GUEST),
	[KERNEL] = ROW_COLUMN("kernel", "kernel", ROW_GUEST),
	[BOOT] = ROW_COLUMN("boot", "boot", ROW_GUEST),
	[COMMAND] = ROW_COLUMN("command", "command", ROW_GUEST),
	[ADDRESS] = ROW_COLUMN("address", "address", ROW_GUEST),
	[LENGTH] = ROW_COLUMN("length", "length", ROW_COUNT),
	[STATE] = ROW_COLUMN("state", "state", ROW_WORDS),
	[ITEMS] = ROW_COLUMN("items", "bytes", ROW_TABLE),
};

enum {
	ITEM_WRITTEN,
	ITEM_ADDRESS,
	ITEM_PHYSICAL,
	ITEM_OLD,
	ITEM_NEW,
	N_ITEM_COLUMNS
};

static const struct row_column item_columns[] = {
	[ITEM_WRITTEN] = ROW_COLUMN("written", NULL, ROW_GUEST),
	[ITEM_ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_GUEST),
	[ITEM_PHYSICAL] = ROW_COLUMN("physical", "PHYSICAL", ROW_HEX),
	[ITEM_OLD] = ROW_COLUMN("old", "OLD", ROW_BYTES),
	[ITEM_NEW] = ROW_COLUMN("new", "NEW", ROW_BYTES),
};

static void journal_put_time(struct row_table *t, int64_t seconds)
{
	time_t when = (time_t)seconds;
	char text[32] = "";
	struct tm tm;

	if (gmtime_r(&when, &tm) &&
	    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm))
		row_string(t, TIME, text);
}

/* Strings of a file: whatever is in them, it is escaped. */
static void put_text(struct row_table *t, size_t column, const char *s)
{
	if (s)
		row_bytes(t, column, s, strlen(s));
}

/* "6.1.0-56-cloud-amd64" out of a banner, or all of it. */
static void put_release(struct row_table *t, const char *banner)
{
	static const char start[] = "Linux version ";
	size_t len = sizeof(start) - 1;

	if (!banner || strncmp(banner, start, len) != 0)
		put_text(t, KERNEL, banner);
	else
		row_bytes(t, KERNEL, banner + len, strcspn(banner + len, " "));
}

/* Where it wrote: the first place, and how many there are behind it. */
static void put_address(struct row_table *t, const struct journal_entry *e)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	size_t i, more = 0;

	for (i = 1; i < e->items.n; i++)
		more += strcmp(e->items.v[i].written,
			       e->items.v[i - 1].written) != 0;
	buf_puts(&b, e->items.v[0].written);
	if (more)
		buf_printf(&b, " +%zu", more);
	put_text(t, ADDRESS, b.data);
}

/* "89:0x1000" and 16 are "89:0x1010"; a register has no such number. */
static void put_place(struct row_table *t, const struct journal_item *item,
		      size_t done)
{
	const char *digits = item->is_memory ? strrchr(item->address, 'x') : "";
	char text[32];

	put_text(t, ITEM_WRITTEN, item->written);
	if (item->is_memory)
		row_number(t, ITEM_PHYSICAL, item->pa + done);
	if (!done || !digits || strlen(item->address) > 512) {
		put_text(t, ITEM_ADDRESS, item->address);
		return;
	}
	snprintf(text, sizeof(text), "%llx",
		 strtoull(digits + 1, NULL, 16) + done);
	row_printf(t, ITEM_ADDRESS, "%.*s%s", (int)(digits + 1 - item->address),
		   item->address, text);
}

static void put_item(struct row_table *t, const struct journal_entry *e,
		     const struct journal_item *item, size_t off)
{
	size_t done, n;

	for (done = 0; done < item->len; done += n, off += n) {
		n = item->len - done;
		n = n < CHANGE_ROW_BYTES ? n : CHANGE_ROW_BYTES;
		row_add(t);
		put_place(t, item, done);
		row_bytes(t, ITEM_OLD, e->old.data + off, n);
		row_bytes(t, ITEM_NEW, e->now.data + off, n);
	}
}

static void put_items(struct out *out, const struct journal_entry *e)
{
	struct row_table *rows = row_subtable(&out->rows.top, ITEMS,
					      item_columns, N_ITEM_COLUMNS);
	size_t i, off = 0;

	for (i = 0; rows && i < e->items.n && row_count(rows) < CHANGE_ROWS;
	     i++) {
		put_item(rows, e, &e->items.v[i], off);
		off += e->items.v[i].len;
	}
	if (rows && off < e->now.len)
		out_note(out,
			 "the first %zu of %zu bytes are shown (the file has "
			 "all, behind its second line: the old, then the new)",
			 off, e->now.len);
}

static void put_entry(struct out *out, const struct journal_entry *e,
		      bool alone)
{
	struct row_table *t = &out->rows.top;

	row_add(t);
	row_number(t, ID, e->id);
	journal_put_time(t, e->time);
	put_text(t, GUEST, e->gdb);
	if (alone)
		put_text(t, KERNEL, e->kernel);
	else
		put_release(t, e->kernel);
	put_text(t, BOOT, e->boot);
	put_text(t, COMMAND, e->command);
	put_address(t, e);
	row_number(t, LENGTH, e->now.len);
	row_string(t, STATE, journal_state_name(e->state));
	if (alone)
		put_items(out, e);
}

/* The first file that cannot be read fails the answer, each is named. */
static void put_damaged(struct out *out, unsigned int id, const struct err *why)
{
	row_add(&out->rows.top);
	row_number(&out->rows.top, ID, id);
	row_string(&out->rows.top, STATE, "damaged");
	if (out->failure.code)
		out_note(out, "%s", why->text);
	else
		out_fail(out, why->code, "%s", why->text);
}

static int show_list(struct journal *j, struct out *out, struct err *err)
{
	_cleanup_free_ struct journal_name *list = NULL;
	size_t i, n;
	int rc = journal_list(j, &list, &n, err);

	out_begin(out, OUT_TABLE, list_columns, N_COLUMNS);
	for (i = 0; i < n && !rc; i++) {
		_cleanup_(journal_entry_deinit) struct journal_entry e = {0};
		struct err why = {0};

		if (!journal_load(j, &list[i], &e, &why))
			put_entry(out, &e, false);
		else
			put_damaged(out, list[i].id, &why);
	}
	return rc;
}

static int show_one(struct journal *j, unsigned int id, struct out *out,
		    struct err *err)
{
	_cleanup_(journal_entry_deinit) struct journal_entry e = {0};
	struct journal_name name;
	int rc = journal_find(j, id, &name, err);

	if (!rc)
		rc = journal_load(j, &name, &e, err);
	if (rc)
		return err_wrap(err, rc, "journal");
	out_begin(out, OUT_RECORD, one_columns, N_COLUMNS);
	put_entry(out, &e, true);
	return 0;
}

static int forget_one(struct journal *j, const struct journal_name *name,
		      struct out *out, struct err *err)
{
	int rc = journal_forget(j, name, err);

	if (rc)
		return rc;
	row_add(&out->rows.top);
	row_number(&out->rows.top, ID, name->id);
	journal_put_time(&out->rows.top, name->changed);
	row_string(&out->rows.top, STATE, "forgotten");
	return 0;
}

static int cmd_journal_forget(struct journal *j, const struct state *st,
			      struct out *out, struct err *err)
{
	_cleanup_free_ struct journal_name *list = NULL;
	int64_t before = time(NULL) - (int64_t)st->before * 86400;
	size_t i, n, found = 0;
	int rc = journal_list(j, &list, &n, err);

	out_begin(out, OUT_TABLE, list_columns, N_COLUMNS);
	for (i = 0; i < n && !rc; i++) {
		if (st->forget ? list[i].id != st->forget
			       : list[i].changed >= before)
			continue;
		found++;
		rc = forget_one(j, &list[i], out, err);
	}
	if (!rc && !found && st->forget)
		rc = err_set(err, ERR_NOT_FOUND,
			     "there is no entry %u in the journal", st->forget);
	return rc;
}

static int journal_show(struct session *s, void *state, struct out *out,
			struct err *err)
{
	const struct state *st = state;

	if (st->forget || st->has_before)
		return cmd_journal_forget(s->editor.journal, st, out, err);
	if (st->id)
		return show_one(s->editor.journal, st->id, out, err);
	return show_list(s->editor.journal, out, err);
}

const struct cmd cmd_journal = {
	.name = "journal",
	.topic = TOPIC_CHANGE,
	.summary = "List what qvmi has written, or show the bytes of an entry",
	.args = "[ENTRY]",
	.doc = "Needs no guest.  An entry that is unfinished was interrupted: "
	       "some of its bytes may be written, others not.",
	.needs = NEEDS_NOTHING,
	.options = options,
	.max_args = 1,
	.draws = true,
	.state_size = sizeof(struct state),
	.option = journal_option,
	.operands = journal_operands,
	.prepare = journal_prepare,
	.show = journal_show,
};
