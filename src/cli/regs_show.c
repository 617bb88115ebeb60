/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers of a vCPU as rows and as text. */
#include "cli/regs_show.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/out_symbol.h"
#include "kernel/views.h"
#include "kernel/x86_64.h"

/* What is beside the registers, which come first, by number. */
enum {
	VCPU,
	MODE,
	LEVEL,
	HALTED,
	SYMBOL,
	N_PLAIN
};

/* Of each root. */
enum {
	ROOT_TABLE,
	ROOT_TAG,
	N_ROOT
};

enum {
	REGISTER,
	OLD,
	NEW
};

static const struct row_column change_columns[] = {
	[REGISTER] = ROW_COLUMN("register", NULL, ROW_WORDS),
	[OLD] = ROW_COLUMN("old", NULL, ROW_HEX),
	[NEW] = ROW_COLUMN("new", NULL, ROW_HEX),
};

enum {
	NAME_REGISTER,
	NAME_SYMBOL,
	NAME_SLAB
};

static const struct row_column name_columns[] = {
	[NAME_REGISTER] = ROW_COLUMN("register", NULL, ROW_WORDS),
	[NAME_SYMBOL] = ROW_COLUMN("symbol", NULL, ROW_GUEST),
	[NAME_SLAB] = ROW_COLUMN("slab", NULL, ROW_GUEST),
};

#define BITS_TEXT SYMBOL_TEXT /* either fits */

static void add_column(struct regs_columns *c, const char *key,
		       enum row_type type)
{
	c->v[c->n++] = (struct row_column){.key = key, .type = type};
}

static void add_plain(struct regs_columns *c, const struct arch *a)
{
	const struct row_column plain[N_PLAIN] = {
		[VCPU] = ROW_COLUMN("vcpu", NULL, ROW_COUNT),
		[MODE] = ROW_COLUMN("mode", NULL, ROW_WORDS),
		[LEVEL] = ROW_COLUMN(a->level_key, NULL, ROW_COUNT),
		[HALTED] = ROW_COLUMN("halted", NULL, ROW_FLAG),
		[SYMBOL] = ROW_COLUMN("symbol", NULL, ROW_GUEST),
	};

	c->plain = c->n;
	memcpy(&c->v[c->n], plain, sizeof(plain));
	c->n += N_PLAIN;
}

void regs_show_begin(struct out *out, const struct arch *a,
		     struct regs_columns *c)
{
	unsigned int i;

	c->n = 0;
	for (i = 0; i < a->n_regs; i++)
		add_column(c, a->regs[i].name, ROW_HEX);
	add_plain(c, a);
	c->bits = c->n;
	for (i = 0; i < a->n_regs; i++)
		if (a->regs[i].bits)
			add_column(c, a->regs[i].bits_key, ROW_WORDS);
	c->roots = c->n;
	for (i = 0; i < a->n_roots; i++) {
		add_column(c, a->roots[i].table_key, ROW_HEX);
		add_column(c, a->roots[i].tag_key, ROW_COUNT);
	}
	c->pti = c->n;
	if (a == &arch_x86_64)
		add_column(c, "pti", ROW_WORDS);
	c->names = c->n;
	add_column(c, "names", ROW_TABLE);
	c->changes = c->n;
	add_column(c, "changes", ROW_TABLE);
	out_begin(out, OUT_LINES, c->v, c->n);
}

/* Linux's pair of tables: which of them; or NULL. */
static const char *pti_half(const struct regs_view *view)
{
	const struct kernel *k = view->k;

	if (!k || !k->pti || kernel_view_of(k, view->v)->shows != SHOWS_THIS)
		return NULL;
	return x86_64_is_user_half(vcpu_root(view->v, 0)) ? "user" : "kernel";
}

static void name_bits(const struct vcpu *v, const struct arch_reg *reg,
		      char text[BITS_TEXT])
{
	*text = '\0';
	if (reg->bits)
		regbits_text(reg->bits, vcpu_get(v, reg) & ~reg->fixed, text,
			     BITS_TEXT);
}

bool regs_have_names(const struct kernel *k, const struct vcpu *v)
{
	return k && v->arch->level(v) >= 0 && !v->arch->user_mode(v) &&
	       kernel_view_of(k, v)->shows == SHOWS_THIS;
}

/* What a register leads to, or NULL. */
static const struct guest_name *regs_name_of(const struct regs_view *view,
					     unsigned int reg)
{
	return view->names && regs_have_names(view->k, view->v)
		       ? &view->names[reg]
		       : NULL;
}

/* The same as words; or "". */
static void regs_name_text(const struct regs_view *view, unsigned int reg,
			   char text[SYMBOL_TEXT])
{
	const struct guest_name *name = regs_name_of(view, reg);

	*text = '\0';
	if (name)
		guest_name_text(name, text);
}

/* Registers that a program calculates with: what several a line have. */
static bool is_general(const struct arch *a, unsigned int reg)
{
	const struct arch_line *l;

	for (l = a->lines; l->per_line; l++)
		if (reg >= l->first && reg <= l->last)
			return l->per_line > 1;
	return false;
}

static void add_names(struct row_table *t, const struct regs_columns *c,
		      const struct regs_view *view)
{
	const struct arch *a = view->v->arch;
	struct row_table *list = NULL;
	unsigned int i;

	for (i = 0; i < a->n_regs; i++) {
		const struct guest_name *name = regs_name_of(view, i);

		if (!name || (!name->symbol.name && !name->cache) ||
		    !is_general(a, i))
			continue;
		if (!list)
			list = row_subtable(t, c->names, name_columns, 3);
		row_add(list);
		row_string(list, NAME_REGISTER, a->regs[i].name);
		out_symbol(list, NAME_SYMBOL, &name->symbol);
		if (name->cache)
			row_string(list, NAME_SLAB, name->cache);
	}
}

static void add_roots(struct row_table *t, const struct regs_columns *c,
		      const struct vcpu *v)
{
	unsigned int i;
	uint64_t tag;

	for (i = 0; i < v->arch->n_roots; i++) {
		const struct paging *p = v->arch->paging(v, i);
		size_t at = c->roots + i * N_ROOT;

		if (p)
			row_number(t, at + ROOT_TABLE, vcpu_table(v, i, p));
		if (v->arch->tag(v, i, &tag))
			row_number(t, at + ROOT_TAG, tag);
	}
}

static void add_changes(struct row_table *t, const struct regs_columns *c,
			const struct regs_view *view)
{
	const struct reg_change *r = view->changes;
	struct row_table *list;

	if (!view->n_changes)
		return;
	list = row_subtable(t, c->changes, change_columns, 3);
	for (; r < view->changes + view->n_changes; r++) {
		row_add(list);
		row_string(list, REGISTER, r->reg->name);
		row_number(list, OLD, r->old);
		row_number(list, NEW, r->new);
	}
}

static void regs_show_add_row(struct row_table *t, const struct regs_columns *c,
			      const struct regs_view *view)
{
	const struct vcpu *v = view->v;
	const struct arch *a = v->arch;
	char text[BITS_TEXT], symbol[SYMBOL_TEXT];
	size_t bits = c->bits;
	unsigned int i;

	row_add(t);
	for (i = 0; i < a->n_regs; i++) {
		if (!vcpu_has(v, &a->regs[i])) {
			bits += a->regs[i].bits != NULL;
			continue;
		}
		row_number(t, i, v->reg[i]);
		name_bits(v, &a->regs[i], text);
		if (a->regs[i].bits)
			row_string(t, bits++, text);
	}
	row_number(t, c->plain + VCPU, v->index);
	row_string(t, c->plain + MODE, a->mode(v));
	if (a->level(v) >= 0)
		row_number(t, c->plain + LEVEL, (uint64_t)a->level(v));
	row_number(t, c->plain + HALTED, v->halted);
	regs_name_text(view, a->pc, symbol);
	if (*symbol)
		row_string(t, c->plain + SYMBOL, symbol);
	add_roots(t, c, v);
	if (pti_half(view))
		row_string(t, c->pti, pti_half(view));
	add_names(t, c, view);
	add_changes(t, c, view);
}

/* "table 0x1000, PCID 0x6, user half of the PTI pair"; "": it has no root. */
static void root_words(const struct regs_view *view, unsigned int reg,
		       char *text, size_t size)
{
	const struct vcpu *v = view->v;
	const struct arch_root *r = v->arch->roots;
	const struct paging *p = NULL;
	uint64_t tag;
	unsigned int i;
	size_t n;

	*text = '\0';
	for (i = 0; i < v->arch->n_roots && v->arch->root_reg(v, i) != reg; i++)
		;
	if (i < v->arch->n_roots)
		p = v->arch->paging(v, i);
	if (!p)
		return;
	n = (size_t)snprintf(text, size, "table 0x%" PRIx64,
			     vcpu_table(v, i, p));
	if (v->arch->tag(v, i, &tag))
		n += (size_t)snprintf(text + n, size - n, ", %s 0x%" PRIx64,
				      r[i].tag_name, tag);
	if (pti_half(view))
		snprintf(text + n, size - n, ", %s half of the PTI pair",
			 pti_half(view));
}

/* A register with what it means. */
static void text_decoded(struct out *out, const struct regs_view *view,
			 unsigned int reg, unsigned int width)
{
	const struct vcpu *v = view->v;
	char words[BITS_TEXT];
	bool code = reg == v->arch->pc;

	name_bits(v, &v->arch->regs[reg], words);
	if (!*words)
		root_words(view, reg, words, sizeof(words));
	if (code)
		regs_name_text(view, reg, words);
	out_text(out, "%-*s 0x%" PRIx64 "%s", (int)width,
		 v->arch->regs[reg].name, v->reg[reg], *words ? "  " : "");
	if (code)
		out_guest(out, words, strlen(words));
	else
		out_text(out, "%s", words);
	out_text(out, "\n");
}

/* Several registers a line. */
static void text_values(struct out *out, const struct vcpu *v,
			const struct arch_line *l)
{
	unsigned int i, n;

	for (i = l->first; i <= l->last; i++) {
		n = i - l->first;
		out_text(out, "%s%-*s 0x%0*" PRIx64,
			 n % l->per_line ? "  "
			 : n		 ? "\n"
					 : "",
			 (int)l->name_width, v->arch->regs[i].name,
			 (int)l->digits, v->reg[i]);
	}
	out_text(out, "\n");
}

/* What those lead to that stand several in a line. */
static void text_names(struct out *out, const struct regs_view *view,
		       const struct arch_line *l)
{
	char text[SYMBOL_TEXT];
	unsigned int i;

	for (i = l->first; i <= l->last; i++) {
		regs_name_text(view, i, text);
		if (!*text)
			continue;
		out_text(out, "%-*s -> ", (int)l->name_width,
			 view->v->arch->regs[i].name);
		out_guest(out, text, strlen(text));
		out_text(out, "\n");
	}
}

static void regs_show_text(struct out *out, const struct regs_view *view)
{
	const struct vcpu *v = view->v;
	const struct arch_line *l;
	unsigned int i;

	out_text(out, "vCPU %u: %s mode", v->index, v->arch->mode(v));
	if (v->arch->level(v) >= 0)
		out_text(out, ", %s %d", v->arch->level_name,
			 v->arch->level(v));
	out_text(out, "%s\n", v->halted ? ", halted" : "");
	for (l = v->arch->lines; l->per_line; l++) {
		if (l->per_line > 1) {
			text_values(out, v, l);
			text_names(out, view, l);
			continue;
		}
		for (i = l->first; i <= l->last; i++)
			if (vcpu_has(v, &v->arch->regs[i]))
				text_decoded(out, view, i, l->name_width);
	}
}

static void show_changes(struct out *out, const struct regs_view *view)
{
	const struct reg_change *r = view->changes;

	for (; r < view->changes + view->n_changes; r++)
		out_text(out, "vCPU %u: %s 0x%" PRIx64 " -> 0x%" PRIx64 "\n",
			 view->v->index, r->reg->name, r->old, r->new);
}

void regs_show(struct out *out, const struct regs_columns *c,
	       const struct regs_view *view)
{
	if (out->json)
		regs_show_add_row(&out->rows.top, c, view);
	else if (view->n_changes)
		show_changes(out, view);
	else
		regs_show_text(out, view);
}
