/* SPDX-License-Identifier: BSD-2-Clause */
/* A page walk as text for people, drawn bit by bit. */
#include "cli/walk_draw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define LINE 79 /* columns: 64 bits in groups of four, and blanks between */

struct pen {
	struct out *out;
	bool colour;
};

/* The letter of a part, where it means something. */
static char letter_of(const struct paging_part *parts, size_t i)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789";

	return i < sizeof(letters) - 1 && *parts[i].name ? letters[i] : '.';
}

/* ECMA-48 SGR: neighbours have colours of their own. */
static void pen_put(const struct pen *pen, const struct paging_part *parts,
		    size_t i, const char *text)
{
	if (pen->colour && *parts[i].name)
		out_text(pen->out, "\033[%zum%s\033[0m", 31 + i % 6, text);
	else
		out_text(pen->out, "%s", text);
}

static size_t part_of_bit(const struct paging_part *parts, size_t n,
			  unsigned int bit)
{
	size_t i = 0;

	while (i + 1 < n && bit < parts[i].bit)
		i++;
	return i;
}

/*
 *   63   59   55 ...   the highest bit of each four
 *   1000 0000 0000     the bits
 *   a.bb bbbb bbcc     and whose they are
 */
static void draw_bits(const struct pen *pen, uint64_t value, unsigned int bits,
		      const struct paging_part *parts, size_t n)
{
	unsigned int bit;
	char one[2] = "";
	size_t part;

	for (bit = bits; bit >= 4; bit -= 4)
		out_text(pen->out, bit == 4 ? "%u\n" : "%-5u", bit - 1);
	for (bit = bits; bit--;) {
		part = part_of_bit(parts, n, bit);
		pen_put(pen, parts, part, value >> bit & 1 ? "1" : "0");
		out_text(pen->out, "%s", !bit ? "\n" : bit % 4 ? "" : " ");
	}
	for (bit = bits; bit--;) {
		part = part_of_bit(parts, n, bit);
		one[0] = letter_of(parts, part);
		pen_put(pen, parts, part, one);
		out_text(pen->out, "%s", !bit ? "\n" : bit % 4 ? "" : " ");
	}
}

/* "  a  59-62  PKEY  0x3  words" */
static void draw_legend(const struct pen *pen, const struct paging_part *parts,
			size_t n)
{
	const struct paging_part *p;
	char one[2] = "", place[16];
	size_t i;

	for (i = 0; i < n; i++) {
		p = &parts[i];
		one[0] = letter_of(parts, i);
		if (one[0] == '.' && !p->value)
			continue;
		if (p->width > 1)
			snprintf(place, sizeof(place), "%u-%u", p->bit,
				 p->bit + p->width - 1u);
		else
			snprintf(place, sizeof(place), "%u", p->bit);
		out_text(pen->out, "  ");
		pen_put(pen, parts, i, one);
		/* Indices and small fields are counted, all else is bits. */
		out_text(pen->out,
			 p->width <= 11 ? "  %-5s  %-11s  %" PRIu64 "%s%s\n"
					: "  %-5s  %-11s  0x%" PRIx64 "%s%s\n",
			 place, p->name, p->value, p->words ? "  " : "",
			 p->words ? p->words : "");
	}
}

/* Words, broken at blanks; they may have bytes of the guest's. */
static void draw_words(const struct pen *pen, const char *words)
{
	size_t len, column = 0;

	for (words += strspn(words, " "); *words; words += strspn(words, " ")) {
		len = strcspn(words, " ");
		if (column && column + 1 + len > LINE) {
			out_text(pen->out, "\n");
			column = 0;
		}
		if (column)
			out_text(pen->out, " ");
		out_guest(pen->out, words, len);
		column += len + (column ? 1 : 0);
		words += len;
	}
	out_text(pen->out, "\n");
}

static void draw_title(const struct pen *pen, const char *title)
{
	out_text(pen->out, pen->colour ? "\n\033[1m%s\033[0m\n" : "\n%s\n",
		 title);
}

static void draw_address(const struct pen *pen, const struct walk_shown *s)
{
	struct paging_part parts[PAGING_MAX_PARTS];
	unsigned int bits;
	size_t n = walk_address_parts(s->walk, &bits, parts);
	char label[64];

	place_label(s->place, s->walk->va, label, sizeof(label));
	out_text(pen->out, pen->colour ? "\033[1m%s\033[0m" : "%s", label);
	if (s->place->space == ADDR_PID) {
		out_text(pen->out, ", of process ");
		out_guest(pen->out, s->place->task.comm,
			  strlen(s->place->task.comm));
	}
	out_text(pen->out, ", %s paging\n\n", s->walk->root->paging->name);
	draw_bits(pen, s->walk->va, bits, parts, n);
	draw_legend(pen, parts, n);
}

static void draw_way_on(const struct pen *pen, const struct walk *w,
			unsigned int i)
{
	struct walk_rights r = walk_rights_so_far(w, i);
	char text[128];

	if (w->level[i].kind == ENTRY_END)
		return;
	lesson_arithmetic(w, i, text, sizeof(text));
	out_text(pen->out, "%s: %s\n",
		 w->level[i].kind == ENTRY_PAGE ? "Page" : "Next table", text);
	out_text(pen->out, "So far: %s, %s, %s\n",
		 r.user ? "user mode too" : "the kernel alone",
		 r.write ? "may write" : "no writes",
		 r.nx ? "no execution" : "may execute");
}

static void draw_level(const struct pen *pen, const struct walk *w,
		       unsigned int i)
{
	const struct walk_level *l = &w->level[i];
	const struct paging *p = w->root->paging;
	unsigned int bytes = p->family->entry_bytes;
	struct paging_part parts[PAGING_MAX_PARTS];
	char text[128], title[64];
	size_t n;

	snprintf(title, sizeof(title), "%s: table at 0x%" PRIx64,
		 paging_level_name(p, l->level), l->table);
	draw_title(pen, title);
	walk_table_from(w, i, text, sizeof(text));
	out_text(pen->out, "%s %s\n",
		 i ? "From the entry before:" : "Root:", text);
	out_text(pen->out, "Entry %u: 0x%" PRIx64 " + %u * %u = 0x%" PRIx64,
		 l->index, l->table, l->index, bytes,
		 l->table + l->index * (uint64_t)bytes);
	if (w->result == WALK_UNREADABLE && i == w->n - 1) {
		out_text(pen->out, " cannot be read\n");
		return;
	}
	out_text(pen->out, " holds 0x%" PRIx64 "\n\n", l->entry);
	n = walk_level_parts(w, i, parts);
	draw_bits(pen, l->entry, bytes * 8, parts, n);
	draw_legend(pen, parts, n);
	draw_way_on(pen, w, i);
}

static void draw_accesses(const struct pen *pen, const struct lesson *l)
{
	const struct lesson_access *a;
	size_t i;

	for (i = 0; i < l->n_accesses; i++) {
		a = &l->access[i];
		out_text(pen->out, "%-12s  %s%s\n", a->name,
			 a->works ? "works" : "faults: ", a->because);
	}
}

void walk_draw(struct out *out, const struct walk_shown *s, bool colour)
{
	const struct pen pen = {out, colour};
	const struct lesson *l = s->lesson;
	const char *about, *before = l->n_accesses ? "" : "result";
	char title[48];
	unsigned int i;
	size_t at;

	draw_address(&pen, s);
	for (i = 0; i < s->walk->n; i++)
		draw_level(&pen, s->walk, i);
	snprintf(title, sizeof(title), "Result: %s",
		 walk_result_name(s->walk->result));
	draw_title(&pen, title);
	draw_accesses(&pen, l);
	for (at = 0; at < l->says.n; at++) {
		about = l->says.v[at].about;
		if (strcmp(about, before) != 0)
			out_text(out, "\n");
		draw_words(&pen, l->says.v[at].words);
		before = about;
	}
}
