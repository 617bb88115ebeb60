/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of HTML, complete in themselves, by src/lesson/html/. */
#include "lesson/html.h"

#include <string.h>

/* A file of it as a string, as the assembler reads it; the Makefile knows of
 * them, too. */
#define EMBED(symbol, file)                      \
	".globl " symbol "\n" symbol ":\n"       \
	".incbin \"src/lesson/html/" file "\"\n" \
	".byte 0\n"

/* clang-format off */
__asm__(".pushsection .rodata\n"
	EMBED("html_common_style", "common.css")
	EMBED("html_common_script", "common.js")
	EMBED("html_walk_page", "walk.html")
	EMBED("html_walk_style", "walk.css")
	EMBED("html_walk_script", "walk.js")
	EMBED("html_layout_page", "layout.html")
	EMBED("html_layout_style", "layout.css")
	EMBED("html_layout_script", "layout.js")
	".popsection\n");
/* clang-format on */

#define EMBEDDED extern const char __attribute__((visibility("hidden")))

EMBEDDED html_common_style[];
EMBEDDED html_common_script[];
EMBEDDED html_walk_page[];
EMBEDDED html_walk_style[];
EMBEDDED html_walk_script[];
EMBEDDED html_layout_page[];
EMBEDDED html_layout_style[];
EMBEDDED html_layout_script[];

/* page has @STYLE@, @DATA@ and @SCRIPT@, once each and in this order. */
static const struct {
	const char *page, *style, *script;
} pages[] = {
	[HTML_WALK] = {html_walk_page, html_walk_style, html_walk_script},
	[HTML_LAYOUT] = {html_layout_page, html_layout_style,
			 html_layout_script},
};

/*
 * Only in strings JSON has such a character, and there it has another form: so
 * no byte of a guest's ends the element, or begins a comment in it.
 */
static void html_put_data(const struct buf *json, FILE *out)
{
	const char *s = json->data, *end = s + json->len;
	size_t n;

	while (s < end) {
		n = strcspn(s, "<");
		fwrite(s, 1, n, out);
		s += n;
		if (s < end && *s++ == '<')
			fputs("\\u003c", out);
	}
}

/* In front of a page's own style and script come those that all share. */
void html_write(enum html_page page, const struct buf *json, FILE *out)
{
	const struct {
		const char *mark, *text[2]; /* NULL: the data */
	} marks[] = {{"@STYLE@", {html_common_style, pages[page].style}},
		     {"@DATA@", {NULL, NULL}},
		     {"@SCRIPT@", {html_common_script, pages[page].script}}};
	const char *rest = pages[page].page, *mark;
	size_t i;

	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		mark = strstr(rest, marks[i].mark);
		if (!mark)
			break;
		fwrite(rest, 1, (size_t)(mark - rest), out);
		if (marks[i].text[0]) {
			fputs(marks[i].text[0], out);
			fputs(marks[i].text[1], out);
		} else {
			html_put_data(json, out);
		}
		rest = mark + strlen(marks[i].mark);
	}
	fputs(rest, out);
}
