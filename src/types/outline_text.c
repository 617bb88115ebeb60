/* SPDX-License-Identifier: BSD-2-Clause */
/* A type's outline in lines of text, as pahole prints them. */
#include <inttypes.h>
#include <string.h>

#include "types/outline.h"

#define CACHE_LINE 64u
#define TAB	   8u
/* Where names begin, and comments, if there is room: in columns. */
#define NAMES_AT    35u
#define COMMENTS_AT 57u

/* Lines on their way. */
struct lines {
	const struct outline *o;
	struct buf *b;
	size_t start;	     /* of the line */
	uint64_t cache_line; /* that members have come to */
	bool apart;	     /* an empty line is due before the next one */
};

static void line_begin(struct lines *l, unsigned int level)
{
	if (l->apart)
		buf_puts(l->b, "\n");
	l->apart = false;
	l->start = l->b->len;
	while (level--)
		buf_puts(l->b, "\t");
}

static size_t line_columns(const struct lines *l)
{
	size_t i, n = 0;

	for (i = l->start; i < l->b->len; i++)
		n += l->b->data[i] == '\t' ? TAB : 1;
	return n;
}

static void line_pad(struct lines *l, size_t to)
{
	size_t n = line_columns(l);

	buf_puts(l->b, " ");
	for (n++; n < to; n++)
		buf_puts(l->b, " ");
}

static const char *plural(uint64_t n)
{
	return n == 1 ? "" : "s";
}

/* A remark between lines, with empty ones around. */
static void line_gap(struct lines *l, unsigned int level, uint64_t n,
		     const char *what)
{
	if (!n)
		return;
	if (!l->apart)
		buf_puts(l->b, "\n");
	l->apart = false;
	line_begin(l, level);
	buf_printf(l->b, "/* XXX %" PRIu64 " %s%s hole, try to pack */\n", n,
		   what, plural(n));
	l->apart = true;
}

static void line_cache(struct lines *l, const struct outline_item *it)
{
	uint64_t line = it->offset / CACHE_LINE, ago = it->offset % CACHE_LINE;

	if (line <= l->cache_line)
		return;
	l->cache_line = line;
	line_begin(l, it->level);
	buf_printf(l->b,
		   "/* --- cacheline %" PRIu64 " boundary (%" PRIu64 " bytes)",
		   line, line * CACHE_LINE);
	if (ago)
		buf_printf(l->b, " was %" PRIu64 " byte%s ago", ago,
			   plural(ago));
	buf_puts(l->b, " --- */\n");
}

/* What stands to the left goes on with a bracket: names end before that. */
static void line_declaration(struct lines *l, const struct outline_item *it)
{
	const char *left = l->o->texts.data + it->left;
	const char *right = l->o->texts.data + it->right;
	const char *bracket = strstr(left, " (*");
	size_t n = bracket ? (size_t)(bracket - left) : strlen(left);

	buf_add(l->b, left, n);
	if (it->kind == OUTLINE_MEMBER)
		line_pad(l, NAMES_AT);
	else if (bracket || !n || left[n - 1] != '*')
		buf_puts(l->b, " ");
	if (bracket)
		buf_puts(l->b, bracket + 1);
	buf_puts(l->b, right);
	if (it->width)
		buf_printf(l->b, ":%" PRIu32, it->width);
	buf_puts(l->b, ";");
}

static void line_place(struct lines *l, const struct outline_item *it)
{
	line_pad(l, COMMENTS_AT);
	buf_printf(l->b, "/* %5" PRIu64, it->offset);
	if (it->width)
		buf_printf(l->b, ":%2" PRIu32 " %2" PRIu64 " */\n", it->shift,
			   it->size);
	else
		buf_printf(l->b, " %5" PRIu64 " */\n", it->size);
}

static void line_padding(struct lines *l, const struct outline_item *it)
{
	if (!it->padding || !it->level || it->in_union)
		return;
	buf_puts(l->b, "\n");
	line_begin(l, it->level);
	buf_printf(l->b,
		   "/* XXX last struct has %" PRIu64 " byte%s of padding */\n",
		   it->padding, plural(it->padding));
	l->apart = true;
}

static void line_before(struct lines *l, const struct outline_item *it)
{
	line_gap(l, it->level, it->before.bits, "bit");
	line_gap(l, it->level, it->before.bytes, "byte");
	line_cache(l, it);
}

static void line_sums(struct lines *l)
{
	const struct layout *w = &l->o->whole;
	uint64_t n = 0, sum = 0;
	size_t i;

	for (i = 0; i < l->o->items.n; i++) {
		const struct outline_item *it = &l->o->items.v[i];

		if (it->level != 1 || it->kind == OUTLINE_CLOSE)
			continue;
		n += it->padding != 0 && !it->in_union;
		sum += it->in_union ? 0 : it->padding;
	}
	if ((w->gaps.bytes || w->gaps.bits) && w->member_bytes) {
		buf_printf(l->b, "\t/* sum members: %" PRIu64, w->member_bytes);
		if (w->gaps.bytes)
			buf_printf(l->b,
				   ", holes: %" PRIu64 ", sum holes: %" PRIu64,
				   w->n_gaps, w->gaps.bytes);
		buf_puts(l->b, " */\n");
	}
	if ((w->gaps.bytes || w->gaps.bits) && w->field_width) {
		buf_printf(l->b, "\t/* sum bitfield members: %" PRIu64 " bits",
			   w->field_width);
		if (w->gaps.bits)
			buf_printf(l->b,
				   ", bit holes: %" PRIu64
				   ", sum bit holes: %" PRIu64 " bits",
				   w->n_bit_gaps, w->gaps.bits);
		else
			buf_printf(l->b, " (%" PRIu64 " bytes)",
				   w->field_width / 8);
		buf_puts(l->b, " */\n");
	}
	if (l->o->padding.bytes)
		buf_printf(l->b, "\t/* padding: %" PRIu64 " */\n",
			   l->o->padding.bytes);
	if (n)
		buf_printf(l->b,
			   "\t/* paddings: %" PRIu64 ", sum paddings: %" PRIu64
			   " */\n",
			   n, sum);
	if (l->o->padding.bits)
		buf_printf(l->b, "\t/* bit_padding: %" PRIu64 " bits */\n",
			   l->o->padding.bits);
}

static void line_stats(struct lines *l)
{
	const struct btf_type *t = &l->o->whole.t;

	l->apart = false;
	if (!l->o->is_whole)
		return;
	buf_printf(l->b,
		   "\n\t/* size: %" PRIu32 ", cachelines: %" PRIu32
		   ", members: %" PRIu32 " */\n",
		   t->size, t->size / CACHE_LINE + (t->size % CACHE_LINE != 0),
		   t->vlen);
	line_sums(l);
	if (t->size % CACHE_LINE)
		buf_printf(l->b, "\t/* last cacheline: %" PRIu32 " bytes */\n",
			   t->size % CACHE_LINE);
}

static void line_close(struct lines *l, const struct outline_item *it)
{
	if (!it->level)
		line_stats(l);
	l->apart = false;
	line_begin(l, it->level);
	buf_printf(l->b, "}%s", l->o->texts.data + it->right);
	if (it->width)
		buf_printf(l->b, ":%" PRIu32, it->width);
	buf_puts(l->b, ";");
	if (it->level)
		line_place(l, it);
	else
		buf_puts(l->b, "\n");
	line_padding(l, it);
}

/* The longest name of those that stand together. */
static int widest(const struct outline *o, size_t i)
{
	size_t most = 0, n;

	for (; i < o->items.n && o->items.v[i].kind == OUTLINE_CONSTANT; i++) {
		n = strlen(o->texts.data + o->items.v[i].left);
		if (n > most)
			most = n;
	}
	return (int)most;
}

static void line_constant(struct lines *l, const struct outline_item *it,
			  int width)
{
	line_begin(l, it->level);
	buf_printf(l->b, "%-*s = ", width, l->o->texts.data + it->left);
	if (it->is_negative)
		buf_printf(l->b, "-%" PRIu64 ",\n", 0 - it->value);
	else
		buf_printf(l->b, "%" PRIu64 ",\n", it->value);
}

static void line_plain(struct lines *l, const struct outline_item *it)
{
	line_begin(l, it->level);
	if (l->o->texts.data[it->right])
		line_declaration(l, it);
	else
		buf_printf(l->b, "%s;", l->o->texts.data + it->left);
	if (it->size)
		buf_printf(l->b, " /* size: %" PRIu64 " */", it->size);
	buf_puts(l->b, "\n");
}

/*
 * Each member of a union begins in the line of the cache in which the union
 * does: its members are told from there again.
 */
static void line_item(struct lines *l, const struct outline_item *it,
		      uint64_t *lines_at, int *width)
{
	switch (it->kind) {
	case OUTLINE_PLAIN:
		line_plain(l, it);
		break;
	case OUTLINE_OPEN:
		line_before(l, it);
		line_begin(l, it->level);
		buf_printf(l->b, "%s {\n", l->o->texts.data + it->left);
		break;
	case OUTLINE_MEMBER:
		line_before(l, it);
		line_begin(l, it->level);
		line_declaration(l, it);
		line_place(l, it);
		line_padding(l, it);
		break;
	case OUTLINE_CONSTANT:
		if (it == l->o->items.v || it[-1].kind != OUTLINE_CONSTANT)
			*width = widest(l->o, (size_t)(it - l->o->items.v));
		line_constant(l, it, *width);
		break;
	case OUTLINE_CLOSE:
		line_close(l, it);
		break;
	}
	if (it->in_union && it->kind != OUTLINE_OPEN)
		l->cache_line = lines_at[it->level];
}

void outline_text(const struct outline *o, struct buf *b)
{
	struct lines l = {.o = o, .b = b};
	uint64_t lines_at[64] = {0}; /* where the union of a level began */
	int width = 0;
	size_t i;

	if (o->texts.oom || !o->texts.data) {
		b->oom |= o->texts.oom;
		return;
	}
	for (i = 0; i < o->items.n && !b->oom; i++) {
		const struct outline_item *it = &o->items.v[i];

		line_item(&l, it, lines_at, &width);
		if (it->kind == OUTLINE_OPEN && it->level + 1 < 64)
			lines_at[it->level + 1] = l.cache_line;
	}
	if (o->cut)
		buf_puts(b, "/* cut off here: there is more */\n");
}
