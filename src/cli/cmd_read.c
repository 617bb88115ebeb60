/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi read: memory, in any address space and several forms. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "cli/budget.h"
#include "cli/dump.h"
#include "cli/out_symbol.h"
#include "cli/unmapped_show.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/number.h"
#include "guest/place.h"
#include "guest/place_read.h"

#define READ_MAX (256ULL << 20)

/* Without a LENGTH: some lines, or a string up to its NUL. */
#define READ_DEFAULT	 64
#define READ_DEFAULT_STR 4096

enum form {
	FORM_HEX,
	FORM_UNITS,
	FORM_STR,
	FORM_RAW
};

struct state {
	enum form form;
	unsigned int width; /* of FORM_UNITS, else 1 */
	struct addr addr;
	struct place place;
	const uint8_t *bytes; /* the session's */
	bool len_given, mapped_only;
	uint64_t len;
	struct place_bytes read;
	struct symbol symbol;
};

static const struct argp_option options[] = {
	{"format", 'f', "FORMAT", 0,
	 "hex (default; as hexdump -C), x1, x2, x4, x8 (as gdb's x), str (up "
	 "to a NUL), raw",
	 0},
	MAPPED_ONLY_OPTION,
	{0}};

static const struct {
	const char *name;
	enum form form;
	unsigned int width;
} forms[] = {
	{"hex", FORM_HEX, 1},  {"x1", FORM_UNITS, 1}, {"x2", FORM_UNITS, 2},
	{"x4", FORM_UNITS, 4}, {"x8", FORM_UNITS, 8}, {"str", FORM_STR, 1},
	{"raw", FORM_RAW, 1},
};

static int read_option(void *state, int key, const char *arg, struct err *err)
{
	struct state *st = state;
	size_t i;

	if (key == KEY_MAPPED_ONLY) {
		st->mapped_only = true;
		return 0;
	}
	if (key != 'f')
		return ARGP_ERR_UNKNOWN;
	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (!strcmp(forms[i].name, arg)) {
			st->form = forms[i].form;
			st->width = forms[i].width;
			return 0;
		}
	}
	return err_set(err, ERR_USAGE,
		       "format '%s' is none of hex, x1, x2, x4, x8, str, raw",
		       arg);
}

static int read_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int rc = addr_parse(argv[0], &st->addr, err);

	st->len_given = n > 1;
	st->len = st->form == FORM_STR ? READ_DEFAULT_STR : READ_DEFAULT;
	if (rc || !st->len_given)
		return rc;
	rc = number_parse_size(argv[1], "length", READ_MAX, &st->len, err);
	if (rc)
		return rc;
	if (!st->len)
		return err_set(err, ERR_USAGE, "length '%s' is zero", argv[1]);
	if (st->form == FORM_UNITS && st->len % st->width)
		return err_set(err, ERR_USAGE,
			       "length '%s' is no multiple of %u", argv[1],
			       st->width);
	return 0;
}

static int read_prepare(struct session *s, void *state, struct err *err)
{
	const struct state *st = state;

	(void)err;
	s->room_len = st->len + 1;
	return 0;
}

static enum needs read_needs_now(const void *state)
{
	const struct state *st = state;

	return addr_needs_kernel(&st->addr) ? NEEDS_KERNEL : NEEDS_MACHINE;
}

static int read_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	int rc = place_resolve(&s->guest, &st->addr, &st->place, err);

	if (rc)
		return rc;
	if (!place_fits(st->place.at, st->len))
		return err_set(err, ERR_REFUSED,
			       "read: the range runs over the end of the "
			       "address space");
	rc = budget_check(s, st->len, err);
	if (rc)
		return err_wrap(err, rc, "read");
	rc = lookup_names(&s->guest, &st->place, &st->place.at, 1, &st->symbol,
			  err);
	if (rc)
		return rc;
	st->bytes = s->room;
	place_bytes_deinit(&st->read);
	st->read = (struct place_bytes){
		.dst = s->room, .len = st->len, .mapped_only = st->mapped_only};
	return place_read(&s->guest, &st->place, &st->read, err);
}

enum {
	ADDRESS,
	SYMBOL,
	LENGTH,
	GOT,
	DATA,
	STRING,
	UNMAPPED,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", NULL, ROW_HEX),
	[SYMBOL] = ROW_COLUMN("symbol", NULL, ROW_GUEST),
	[LENGTH] = ROW_COLUMN("length", NULL, ROW_COUNT),
	[GOT] = ROW_COLUMN("read", NULL, ROW_COUNT),
	[DATA] = ROW_COLUMN("data", NULL, ROW_BYTES),
	[STRING] = ROW_COLUMN("string", NULL, ROW_GUEST),
	[UNMAPPED] = ROW_COLUMN("unmapped", NULL, ROW_TABLE),
};

/* Where what is shown ends: of a string behind its NUL. */
static uint64_t read_shown_end(const struct state *st)
{
	const uint8_t *nul = st->form == FORM_STR
				     ? memchr(st->bytes, 0, st->read.got)
				     : NULL;

	return st->place.at +
	       (nul ? (uint64_t)(nul - st->bytes) + 1 : st->read.got);
}

static void read_show_row(struct row_table *t, const struct state *st)
{
	row_add(t);
	row_number(t, ADDRESS, st->place.at);
	out_symbol(t, SYMBOL, &st->symbol);
	row_number(t, LENGTH, st->len);
	row_number(t, GOT, st->read.got);
	row_bytes(t, DATA, st->bytes, st->read.got);
	if (st->form == FORM_STR)
		row_bytes(t, STRING, st->bytes,
			  strnlen((const char *)st->bytes, st->read.got));
	unmapped_show_rows(t, UNMAPPED, &st->read.filled, read_shown_end(st));
}

/*
 * What people see over dumps, and what reads them does not: their form is that
 * of other programs.
 */
static void show_heading(struct out *out, const struct state *st)
{
	char text[SYMBOL_TEXT];

	symbol_text(&st->symbol, text, sizeof(text));
	if (!out->terminal || !*text ||
	    (st->form != FORM_HEX && st->form != FORM_UNITS))
		return;
	out_guest(out, text, strlen(text));
	out_text(out, ":\n");
}

static void read_show_text(struct session *s, struct out *out,
			   const struct state *st)
{
	struct buf *b = &out->lines;

	show_heading(out, st);
	switch (st->form) {
	case FORM_HEX:
		dump_hex(b, st->place.at, st->bytes, st->read.got);
		break;
	case FORM_UNITS:
		dump_units(b, st->place.at, st->bytes, st->read.got, st->width);
		break;
	case FORM_STR:
		if (!st->read.got)
			break;
		out_guest(out, (const char *)st->bytes,
			  strnlen((const char *)st->bytes, st->read.got));
		out_text(out, "\n");
		break;
	case FORM_RAW:
		buf_take(b, (char *)s->room, st->read.got);
		s->room = NULL;
		break;
	}
}

static int read_show(struct session *s, void *state, struct out *out,
		     struct err *err)
{
	const struct state *st = state;
	uint64_t end = read_shown_end(st);
	bool ended = st->form == FORM_STR && memchr(st->bytes, 0, st->read.got);
	bool whole = st->read.got == st->len || ended;

	(void)err;
	out_begin(out, OUT_LINES, columns, N_COLUMNS);
	if (out->json)
		read_show_row(&out->rows.top, st);
	else
		read_show_text(s, out, st);
	unmapped_show_notes(out, &st->place, &st->read.filled, end);
	if (whole && !ended && st->form == FORM_STR && !st->len_given)
		out_note(out, "the string is longer than %d bytes: say LENGTH",
			 READ_DEFAULT_STR);
	if (whole)
		return 0;
	out_fail(out, ERR_UNREADABLE,
		 "read: %zu of %" PRIu64 " bytes, memory ends at %s",
		 st->read.got, st->len, st->read.why.text);
	return 0;
}

static void cmd_read_deinit(void *state)
{
	struct state *st = state;

	place_bytes_deinit(&st->read);
}

const struct cmd cmd_read = {
	.name = "read",
	.topic = TOPIC_LOOK,
	.summary = "Print memory",
	.args = "ADDRESS [LENGTH]",
	.doc = "LENGTH takes K, M, G for powers of 1024; at most 256M.  "
	       "Without it 64 bytes are read; as a string, up to 4K.  A "
	       "range that runs into memory that is not there is printed as "
	       "far as it goes, with exit status 1.  In a process what no "
	       "page table maps yet is taken from where the kernel would take "
	       "it, and a note says so.",
	.needs = NEEDS_KERNEL,
	.options = options,
	.min_args = 1,
	.max_args = 2,
	.repeats = true,
	.state_size = sizeof(struct state),
	.option = read_option,
	.operands = read_operands,
	.prepare = read_prepare,
	.needs_now = read_needs_now,
	.run = read_run,
	.show = read_show,
	.deinit = cmd_read_deinit,
};
