/* SPDX-License-Identifier: BSD-2-Clause */
/* qvmi sym: symbols by name, by pattern, and by address. */
#include "cli/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/nearest.h"
#include "base/stored.h"
#include "guest/addr.h"
#include "guest/lookup.h"
#include "guest/place.h"
#include "kernel/code/symbols_list.h"
#include "symbols/glob.h"
#include "symbols/symtab.h"

/* One operand: a name or pattern, or an address. */
struct query {
	const char *text; /* as given */
	bool is_address;
	struct addr addr;     /* of an address, and what it comes to */
	uint64_t at;	      /* in this pause, as all below */
	char *name, *module;  /* owned; of a name or pattern */
	struct symbol symbol; /* of an address; without a name: none */
	size_t n;	      /* symbols found */
};

struct state {
	VEC(struct query) queries;
	struct symbols_wanted *wanted; /* one per query */
};

/* "NAME" or "NAME[MODULE]", any of which has a '*' or a '?'. */
static int take_pattern(struct query *q, struct err *err)
{
	size_t name = strcspn(q->text, "["), len = strlen(q->text);
	const char *module = q->text + name;

	if (!name || (*module && (module[len - name - 1] != ']' ||
				  len - name < 3 || strchr(module + 1, '['))))
		return err_set(err, ERR_USAGE,
			       "'%s' is not of the form NAME or NAME[MODULE]",
			       q->text);
	while (name && q->text[name - 1] == ' ')
		name--;
	q->name = strndup(q->text, name);
	if (*module)
		q->module = strndup(module + 1, strlen(module) - 2);
	return q->name && (q->module || !*module) ? 0 : err_nomem(err);
}

/* A name alone, or whatever has an address. */
static int take_plain(struct query *q, struct err *err)
{
	const struct addr_term *t = q->addr.term;
	int rc = addr_parse(q->text, &q->addr, err);

	if (rc)
		return rc;
	if (q->addr.space != ADDR_KERNEL)
		return err_set(err, ERR_USAGE,
			       "'%s': symbols are the kernel's, no other space "
			       "has any",
			       q->text);
	q->is_address = q->addr.n > 1 || !t->symbol;
	if (q->is_address)
		return 0;
	q->name = strndup(t->symbol, t->len);
	if (t->module)
		q->module = strndup(t->module, t->module_len);
	return q->name && (q->module || !t->module) ? 0 : err_nomem(err);
}

static int sym_operands(void *state, char **argv, int n, struct err *err)
{
	struct state *st = state;
	int i, rc = 0;

	st->wanted = calloc((size_t)n, sizeof(*st->wanted));
	if (!st->wanted || vec_reserve(&st->queries, (size_t)n))
		return err_nomem(err);
	for (i = 0; i < n && !rc; i++) {
		struct query *q = &st->queries.v[st->queries.n++];

		*q = (struct query){.text = argv[i]};
		rc = glob_is_pattern(q->text) ? take_pattern(q, err)
					      : take_plain(q, err);
	}
	return rc;
}

/* What addresses come to, and the symbols there: one go for all of them. */
static int look_at_addresses(struct session *s, struct state *st,
			     struct err *err)
{
	size_t n = st->queries.n, i, k = 0;
	_cleanup_free_ uint64_t *vas = calloc(n, sizeof(*vas));
	_cleanup_free_ struct symbol *found = calloc(n, sizeof(*found));
	struct query *q;
	int rc = 0;

	if (!vas || !found)
		return err_nomem(err);
	for (i = 0; i < n && !rc; i++) {
		q = &st->queries.v[i];
		if (!q->is_address)
			continue;
		rc = place_value(&s->guest, &q->addr, &q->at, err);
		vas[k++] = q->at;
	}
	if (!rc)
		rc = symbols_at(&s->guest.symbols, vas, k, found, err);
	for (i = k = 0; i < n && !rc; i++)
		if (st->queries.v[i].is_address)
			st->queries.v[i].symbol = found[k++];
	return rc;
}

/* What the image has is looked for nowhere else, as in an expression. */
static struct symbols_wanted want_of(const struct query *q,
				     const struct profile *p)
{
	struct profile_named named[PROFILE_NAMED];
	struct symbols_wanted w = {.name = q->name, .module = q->module};

	if (q->is_address) {
		w.name = q->symbol.name;
		w.module = q->symbol.module;
		w.image = !w.module;
	} else if (glob_is_pattern(q->name)) {
		w.how = SYMBOLS_GLOB;
	} else if (!q->module) {
		w.image = profile_named(p, q->name, named) != 0;
	}
	return w;
}

static int sym_run(struct session *s, void *state, struct err *err)
{
	struct state *st = state;
	size_t i;
	int rc = look_at_addresses(s, st, err);

	for (i = 0; i < st->queries.n && !rc; i++)
		st->wanted[i] =
			want_of(&st->queries.v[i], s->guest.kernel->profile);
	return rc ? rc
		  : symbols_list_read(&s->guest.symbols, st->wanted,
				      st->queries.n, err);
}

enum {
	ADDRESS,
	TYPE,
	SIZE,
	NAME,
	OFFSET,
	SYMBOL,
	MODULE,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[ADDRESS] = ROW_COLUMN("address", "ADDRESS", ROW_HEX),
	[TYPE] = ROW_COLUMN("type", "TYPE", ROW_WORDS),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_COUNT),
	[NAME] = ROW_COLUMN("name", NULL, ROW_GUEST),
	[OFFSET] = ROW_COLUMN("offset", NULL, ROW_COUNT),
	[SYMBOL] = ROW_COLUMN(NULL, "SYMBOL", ROW_GUEST),
	[MODULE] = {.key = "module",
		    .title = "MODULE",
		    .type = ROW_GUEST,
		    .sparse = true},
};

/* Symbols on their way to rows. */
struct showing {
	struct query *q;
	struct row_table *t;
};

static void show_symbol(void *ctx, const struct symbols_listed *l)
{
	struct showing *sh = ctx;
	const struct symbol *s = &l->symbol;
	struct query *q = sh->q;

	if (q->is_address && (s->va != q->symbol.va || q->n))
		return;
	q->n++;
	row_add(sh->t);
	row_number(sh->t, ADDRESS, s->va);
	if (l->letter != SYMTAB_NO_TYPE)
		row_bytes(sh->t, TYPE, &l->letter, 1);
	if (s->size)
		row_number(sh->t, SIZE, s->size);
	row_string(sh->t, NAME, s->name);
	if (s->module)
		row_string(sh->t, MODULE, s->module);
	if (!q->is_address) {
		row_string(sh->t, SYMBOL, s->name);
		return;
	}
	row_number(sh->t, OFFSET, q->symbol.offset);
	row_printf(sh->t, SYMBOL, "%s+0x%" PRIx64, s->name, q->symbol.offset);
}

static void try_name(void *ctx, const struct symbols_listed *l)
{
	nearest_try(ctx, l->symbol.name);
}

/* Nothing goes by that name, or is there; and what may have been meant. */
static void say_missing(const struct symbols *s, const struct query *q,
			const struct symbols_wanted *w, struct out *out)
{
	const struct symbols_wanted all = {.name = "*",
					   .how = SYMBOLS_GLOB,
					   .module = q->module,
					   .image = w->image};
	_cleanup_(buf_deinit) struct buf looked = {0};
	struct nearest near = {0};
	struct err why = {0};

	symbols_looked(s, &looked);
	out->oom |= looked.oom;
	if (q->is_address) {
		out_fail(out, ERR_NOT_FOUND,
			 "no symbol covers 0x%" PRIx64 " (looked at %s)", q->at,
			 looked.data ? looked.data : "");
		return;
	}
	if (glob_is_pattern(q->text)) {
		out_fail(out, ERR_NOT_FOUND,
			 "no symbol is as '%s' has it (looked at %s)", q->text,
			 looked.data ? looked.data : "");
		return;
	}
	near = (struct nearest){.word = q->name, .len = strlen(q->name)};
	symbols_list(s, &all, try_name, &near);
	lookup_missing(s, q->name, q->module, &why);
	out_fail(out, why.code, "%s%s%s%s", why.text,
		 near.name ? ": did you mean " : "", near.name ? near.name : "",
		 near.name ? "?" : "");
}

static int sym_show(struct session *s, void *state, struct out *out,
		    struct err *err)
{
	const struct symbols *symbols = &s->guest.symbols;
	struct state *st = state;
	size_t i;

	(void)err;
	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	for (i = 0; i < st->queries.n; i++) {
		struct query *q = &st->queries.v[i];
		struct symbols_wanted *w = &st->wanted[i];
		struct showing sh = {q, &out->rows.top};

		q->n = 0;
		if (w->name)
			symbols_list(symbols, w, show_symbol, &sh);
		if (w->name && !q->n && w->how == SYMBOLS_EXACT) {
			w->how = SYMBOLS_SUFFIXED;
			symbols_list(symbols, w, show_symbol, &sh);
		}
		if (!q->n)
			say_missing(symbols, q, w, out);
		out_flush(out);
	}
	return 0;
}

static void sym_deinit(void *state)
{
	struct state *st = state;
	size_t i;

	for (i = 0; i < st->queries.n; i++) {
		free(st->queries.v[i].name);
		free(st->queries.v[i].module);
	}
	vec_deinit(&st->queries);
	free(st->wanted);
}

const struct cmd cmd_sym = {
	.name = "sym",
	.topic = TOPIC_LOOK,
	.summary = "Show symbols by name, pattern or address",
	.args = "{NAME|PATTERN|ADDRESS}...",
	.doc = "Of a NAME all symbols that have it: of the kernel's image or, "
	       "where it has none, of modules and code that the kernel made.  "
	       "NAME[MODULE] is of that module.  In a PATTERN '*' stands for "
	       "any characters and '?' for one; it is looked for everywhere, "
	       "and may stand for the module, too.  Of an ADDRESS, which may "
	       "be a sum, the symbol that covers it.",
	.needs = NEEDS_KERNEL,
	.min_args = 1,
	.max_args = -1,
	.repeats = true,
	.draws = true,
	.state_size = sizeof(struct state),
	.operands = sym_operands,
	.run = sym_run,
	.show = sym_show,
	.deinit = sym_deinit,
};
