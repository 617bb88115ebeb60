/* SPDX-License-Identifier: BSD-2-Clause */
/* A page walk as one picture, for a slide. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "cli/walk_page.h"

/* In user units: a slide of 16 to 9. */
enum {
	WIDTH = 1280,
	HEIGHT = 720,
	MARGIN = 24,
	DIGIT = 11, /* a digit of the address */
	BOX_TOP = 92,
	BOX_HEIGHT = 62,
	TABLE_TOP = 236,
	ROW = 25,
	COLUMN_MAX = 290,
	GAP = 26, /* between columns, for arrows */
	WORDS_TOP = 566
};

static const char style[] =
	".g{fill:#fff}.t{fill:#1b1f24}.f{fill:#57606a}.b{fill:#f4f6f8;"
	"stroke:#8c959f}.k{fill:#ffe3a3;stroke:#9a6700}.p{fill:#cdeccf;"
	"stroke:#1a7f37}.n{fill:#ffd8d3;stroke:#b42318;stroke-dasharray:6 4}"
	".w{fill:none;stroke:#0b57d0;stroke-width:2}.a{fill:#0b57d0}"
	".i{fill:none;stroke:#8c959f}"
	"text{font-variant-ligatures:none;font-family:system-ui,'DejaVu "
	"Sans',sans-serif;font-size:15px}"
	".m{font-family:ui-monospace,'DejaVu Sans Mono',monospace;"
	"font-size:13px}.h{font-size:22px;font-weight:600}.s{font-weight:600}"
	"@media (prefers-color-scheme:dark){.g{fill:#14171a}.t{fill:#e8ebee}"
	".f{fill:#a6b0ba}.b{fill:#1e2328;stroke:#6e7781}.k{fill:#5a4310;"
	"stroke:#e3b341}.p{fill:#1d4a28;stroke:#7fd79b}.n{fill:#5a2320;"
	"stroke:#ff9aa2}.w{stroke:#8ab4f8}.a{fill:#8ab4f8}.i{stroke:#6e7781}}";

/* Text for XML; bytes of a guest's may be among it. */
static void put_escaped(FILE *out, const char *s)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	const char *c;

	escape_add(&b, ESCAPE_TEXT, s, strlen(s));
	for (c = b.data ? b.data : ""; *c; c++) {
		if (*c == '<')
			fputs("&lt;", out);
		else if (*c == '>')
			fputs("&gt;", out);
		else if (*c == '&')
			fputs("&amp;", out);
		else
			fputc(*c, out);
	}
}

static void put_text(FILE *out, int x, int y, const char *class,
		     const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void put_text(FILE *out, int x, int y, const char *class,
		     const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	fprintf(out, "<text x=\"%d\" y=\"%d\" class=\"%s\">", x, y, class);
	put_escaped(out, text);
	fputs("</text>\n", out);
}

struct rect {
	int x, y, width, height;
};

static void put_rect(FILE *out, struct rect r, const char *class)
{
	fprintf(out,
		"<rect x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"4\" "
		"class=\"%s\"/>\n",
		r.x, r.y, r.width, r.height, class);
}

/* Words in lines of at most so many characters: how many lines there were. */
static int put_words(FILE *out, int x, int y, int chars, const char *words)
{
	char line[256];
	int lines = 0;
	size_t n, cut;

	while (*words && lines < 5) {
		n = strlen(words);
		cut = n;
		if (n > (size_t)chars) {
			cut = (size_t)chars;
			while (cut && words[cut] != ' ')
				cut--;
			cut = cut ? cut : (size_t)chars;
		}
		snprintf(line, sizeof(line), "%.*s", (int)cut, words);
		put_text(out, x, y + lines++ * 21, "t", "%s", line);
		words += cut;
		words += *words == ' ';
	}
	return lines;
}

static void put_digits(const struct paging_part *p, char digits[65])
{
	unsigned int i;

	for (i = 0; i < p->width; i++)
		digits[i] = p->value >> (p->width - 1 - i) & 1 ? '1' : '0';
	digits[p->width] = '\0';
}

static bool is_index(const struct paging_part *p)
{
	return strcmp(p->name, "sign") != 0 && strcmp(p->name, "offset") != 0;
}

/* The address as boxes, and where those of levels are, by level. */
static void draw_boxes(FILE *out, const struct walk *w, int middle[])
{
	struct paging_part parts[PAGING_MAX_PARTS];
	unsigned int bits, level = w->root->paging->levels;
	size_t n = walk_address_parts(w, &bits, parts), i;
	char digits[65];
	int x = MARGIN, width;

	for (i = 0; i < n; i++) {
		width = parts[i].width * DIGIT + 16;
		width = width < 72 ? 72 : width;
		put_digits(&parts[i], digits);
		put_rect(out, (struct rect){x, BOX_TOP, width, BOX_HEIGHT},
			 "b");
		put_text(out, x + 8, BOX_TOP + 18, "f", "%s", parts[i].name);
		put_text(out, x + 8, BOX_TOP + 37, "t m", "%s", digits);
		put_text(out, x + 8, BOX_TOP + 55, "t m s",
			 is_index(&parts[i]) ? "%" PRIu64 : "0x%" PRIx64,
			 parts[i].value);
		if (is_index(&parts[i]))
			middle[level--] = x + width / 2;
		x += width + 6;
	}
}

/* One table: the entries around the one that was taken; its row's middle. */
static int draw_table(FILE *out, const struct lesson *l, unsigned int i, int x,
		      int width)
{
	const struct walk_level *w = &l->walk->level[i];
	const struct lesson_around *a = &l->around[i];
	int y = TABLE_TOP, taken = y + ROW / 2;
	unsigned int j;

	put_text(out, x, y - 26, "t s", "%s",
		 paging_level_name(l->walk->root->paging, w->level));
	put_text(out, x, y - 8, "f m", "0x%" PRIx64, w->table);
	for (j = 0; j < a->n; j++, y += ROW) {
		bool is_taken = a->first + j == w->index;

		put_rect(out, (struct rect){x, y, width, ROW},
			 is_taken ? "k" : "b");
		put_text(out, x + 5, y + 17, is_taken ? "t m s" : "f m", "%u",
			 a->first + j);
		put_text(out, x + 35, y + 17, is_taken ? "t m s" : "f m",
			 a->entry[j] ? "0x%" PRIx64 : "%" PRIu64, a->entry[j]);
		if (is_taken)
			taken = y + ROW / 2;
	}
	return taken;
}

/* The names of bits of the entry that was taken, below its table. */
static void draw_names(FILE *out, const struct walk *w, unsigned int i, int x,
		       int width)
{
	char bits[128];

	paging_entry_bits(w->root->paging, w->level[i].level, w->level[i].entry,
			  bits, sizeof(bits));
	put_words(out, x, TABLE_TOP + (int)LESSON_AROUND * ROW + 22, width / 9,
		  bits);
}

static void draw_arrow(FILE *out, int x, int y, int to_x, int to_y)
{
	int turn = x + (to_x - x) / 2;

	fprintf(out,
		"<path class=\"w\" d=\"M%d %dH%dV%dH%d\"/>"
		"<path class=\"a\" d=\"M%d %dl-8 -5v10z\"/>\n",
		x, y, turn, to_y, to_x - 6, to_x, to_y);
}

static void draw_page(FILE *out, const struct walk *w, int x, int width)
{
	bool page = walk_has_frame(w->result);
	const struct rect r = {x, TABLE_TOP, width, 4 * ROW};

	put_text(out, x, TABLE_TOP - 8, "t s", page ? "page" : "no page");
	put_rect(out, r, page ? "p" : "n");
	put_text(out, x + 8, TABLE_TOP + 24, "t s", "%s",
		 walk_result_name(w->result));
	if (!page)
		return;
	put_text(out, x + 8, TABLE_TOP + 48, "t m", "0x%" PRIx64,
		 w->pa - walk_in_page(w));
	put_text(out, x + 8, TABLE_TOP + 68, "t m", "+ 0x%" PRIx64,
		 walk_in_page(w));
	put_text(out, x + 8, TABLE_TOP + 88, "t", "%s",
		 lesson_size(w->page_size).text);
}

static void draw_walk(FILE *out, const struct lesson *l)
{
	const struct walk *w = l->walk;
	int middle[PAGING_MAX_LEVELS + 1] = {0}, taken, x = MARGIN,
				       column = (WIDTH - 2 * MARGIN) /
						(int)(w->n + 1),
				       width;
	unsigned int i;

	column = column > COLUMN_MAX ? COLUMN_MAX : column;
	width = column - GAP;
	draw_boxes(out, w, middle);
	for (i = 0; i < w->n; i++, x += column) {
		fprintf(out, "<path class=\"i\" d=\"M%d %dL%d %d\"/>\n",
			middle[w->level[i].level], BOX_TOP + BOX_HEIGHT, x + 16,
			TABLE_TOP - 44);
		taken = draw_table(out, l, i, x, width);
		draw_names(out, w, i, x, width);
		draw_arrow(out, x + width, taken, x + column, TABLE_TOP + 12);
	}
	draw_page(out, w, x, width);
}

static void draw_head(FILE *out, const struct walk_shown *s)
{
	char label[64];

	place_label(s->place, s->walk->va, label, sizeof(label));
	put_text(out, MARGIN, 44, "t h", "The page walk of %s", label);
	if (s->place->space == ADDR_PID)
		put_text(out, MARGIN, 72, "f", "process %s, %s paging",
			 s->place->task.comm, s->walk->root->paging->name);
	else
		put_text(out, MARGIN, 72, "f", "%s paging",
			 s->walk->root->paging->name);
}

static void put_title(FILE *out, const struct walk_shown *s)
{
	char label[64];
	size_t i;

	place_label(s->place, s->walk->va, label, sizeof(label));
	fputs("<title id=\"title\">The page walk of ", out);
	put_escaped(out, label);
	fputs("</title>\n<desc id=\"desc\">", out);
	for (i = 0; i < s->lesson->says.n; i++) {
		put_escaped(out, s->lesson->says.v[i].words);
		fputc(i + 1 < s->lesson->says.n ? ' ' : '\n', out);
	}
	fputs("</desc>\n", out);
}

/* What there is room for. */
static bool is_for_slide(const char *about)
{
	static const char *const taken[] = {"result", "swap", "area", "cow",
					    "huge"};
	size_t i;

	for (i = 0; i < sizeof(taken) / sizeof(*taken); i++)
		if (!strcmp(about, taken[i]))
			return true;
	return false;
}

int walk_svg(const void *shown, FILE *out, struct err *err)
{
	const struct walk_shown *s = shown;
	const struct lesson *l = s->lesson;
	int y = WORDS_TOP;
	size_t i;

	(void)err;
	fprintf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d "
		"%d\" role=\"img\" aria-labelledby=\"title desc\">\n",
		WIDTH, HEIGHT);
	put_title(out, s);
	fprintf(out, "<style>%s</style>\n", style);
	fprintf(out, "<rect width=\"%d\" height=\"%d\" class=\"g\"/>\n", WIDTH,
		HEIGHT);
	draw_head(out, s);
	draw_walk(out, l);
	for (i = 0; i < l->says.n && y < HEIGHT - 24; i++)
		if (is_for_slide(l->says.v[i].about))
			y += put_words(out, MARGIN, y, 145,
				       l->says.v[i].words) *
				     21 +
			     6;
	fputs("</svg>\n", out);
	return 0;
}
