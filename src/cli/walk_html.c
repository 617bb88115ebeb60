/* SPDX-License-Identifier: BSD-2-Clause */
/* A page walk as a page of HTML, by src/cli/html/. */
#include <string.h>

#include "base/cleanup.h"
#include "cli/out.h"
#include "cli/walk_page.h"

/* As the assembler reads them; the Makefile knows of them, too. */
#define EMBED(symbol, file)                   \
	".globl " symbol "\n" symbol ":\n"    \
	".incbin \"src/cli/html/" file "\"\n" \
	".byte 0\n"

__asm__(".pushsection .rodata\n" EMBED("walk_html_page", "walk.html")
		EMBED("walk_html_style", "walk.css")
			EMBED("walk_html_script", "walk.js") ".popsection\n");

extern const char walk_html_page[] __attribute__((visibility("hidden")));
extern const char walk_html_style[] __attribute__((visibility("hidden")));
extern const char walk_html_script[] __attribute__((visibility("hidden")));

/* What --json prints of it. */
static int html_data(const struct walk_shown *s, struct buf *b)
{
	struct out o;
	int rc;

	out_init(&o, "walk", true, false);
	walk_rows_begin(&o, false);
	walk_rows_add(&o, s);
	rc = out_as_json(&o, NULL, b);
	out_deinit(&o);
	return rc || b->oom ? ERR_NOMEM : 0;
}

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

int walk_html(const void *shown, FILE *out, struct err *err)
{
	static const struct {
		const char *mark, *text; /* NULL: the data */
	} marks[] = {{"@STYLE@", walk_html_style},
		     {"@DATA@", NULL},
		     {"@SCRIPT@", walk_html_script}};
	_cleanup_(buf_deinit) struct buf json = {0};
	const char *rest = walk_html_page, *mark;
	size_t i;

	if (html_data(shown, &json))
		return err_nomem(err);
	for (i = 0; i < sizeof(marks) / sizeof(*marks); i++) {
		mark = strstr(rest, marks[i].mark);
		if (!mark)
			break;
		fwrite(rest, 1, (size_t)(mark - rest), out);
		if (marks[i].text)
			fputs(marks[i].text, out);
		else
			html_put_data(&json, out);
		rest = mark + strlen(marks[i].mark);
	}
	fputs(rest, out);
	return 0;
}
