/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of commands is the only list: manual pages, README.md and others of
 * docs/ are held against it. */
#include "cli/cmd.h"

#include <check.h>
#include <glob.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "cli/help.h"
#include "cli/status.h"

#define TOP	     TEST_DATA "/../../"
#define MAX_COMMANDS 64
#define LETTERS	     "abcdefghijklmnopqrstuvwxyz"

/* A file of the tree, in memory that the caller frees. */
static char *load(const char *name)
{
	char path[512], *text = calloc(1, 1 << 17);
	FILE *f;

	ck_assert_ptr_nonnull(text);
	snprintf(path, sizeof(path), TOP "%s", name);
	f = fopen(path, "r");
	ck_assert_msg(f != NULL, "%s is missing", path);
	ck_assert_uint_gt(fread(text, 1, (1 << 17) - 1, f), 0);
	ck_assert(feof(f));
	fclose(f);
	return text;
}

/* Text of roff: fonts are dropped, "\-" is "-", "\e" a backslash. */
static void add_text(struct buf *b, const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		if (s[i] != '\\')
			buf_add(b, &s[i], 1);
		else if (s[++i] == 'f')
			i++;
		else
			buf_add(b, s[i] == 'e' ? "\\" : &s[i], 1);
	}
}

/* The arguments of .B and .I stand apart, those of .BR and its like do not. */
static void add_arguments(struct buf *b, const char *s, bool apart)
{
	bool first = true;
	size_t n;

	for (s += strspn(s, " "); *s && *s != '\n'; s += strspn(s, " ")) {
		if (!first && apart)
			buf_puts(b, " ");
		first = false;
		if (*s == '"') {
			n = strcspn(++s, "\"\n");
			add_text(b, s, n);
			s += n + (s[n] == '"');
		} else {
			n = strcspn(s, " \n");
			add_text(b, s, n);
			s += n;
		}
	}
}

/* A manual page as text; macros other than those of fonts stay as they are. */
static char *page(const char *name)
{
	char path[64], *source, *s;
	struct buf b = {0};
	size_t n, fonts;

	snprintf(path, sizeof(path), "docs/%s", name);
	source = load(path);
	for (s = source; *s; s += n + (s[n] == '\n')) {
		n = strcspn(s, "\n");
		fonts = *s == '.' ? strspn(s + 1, "BIR") : 0;
		if (!strncmp(s, ".\\\"", 3))
			continue; /* a comment */
		if (fonts && s[1 + fonts] == ' ')
			add_arguments(&b, s + 1 + fonts, fonts == 1);
		else
			add_text(&b, s, n);
		buf_puts(&b, "\n");
	}
	free(source);
	ck_assert(!b.oom && b.data);
	return b.data;
}

/* The lines from behind one to the next that begins like it; freed likewise. */
static char *section(const char *text, const char *where, const char *mark,
		     const char *title)
{
	char heading[64], next[16], *copy;
	const char *from, *to;

	snprintf(heading, sizeof(heading), "\n%s %s\n", mark, title);
	snprintf(next, sizeof(next), "\n%s ", mark);
	from = strstr(text, heading);
	ck_assert_msg(from != NULL, "%s has no section %s", where, title);
	from += strlen(heading);
	to = strstr(from, next);
	copy = to ? strndup(from, (size_t)(to + 1 - from)) : strdup(from);
	ck_assert_ptr_nonnull(copy);
	return copy;
}

/* The synopsis has `forms`, one a line. */
static void check_synopsis(const char *text, const char *where,
			   const char *forms)
{
	char *s = section(text, where, ".SH", "SYNOPSIS");
	struct buf b = {0};
	const char *at;

	for (at = s; *at; at++) {
		if (*at != '\n') {
			buf_add(&b, at, 1);
		} else if (!strncmp(at, "\n.br\n", 5)) {
			buf_puts(&b, "\n");
			at += 4;
		} else {
			buf_puts(&b, at[1] ? " " : "\n");
		}
	}
	ck_assert_msg(b.data && !strcmp(b.data, forms),
		      "%s: SYNOPSIS is\n%sand should be\n%s", where, b.data,
		      forms);
	buf_deinit(&b);
	free(s);
}

/* A command's forms: a line each. */
static void add_forms(struct buf *b, const struct cmd *c)
{
	const char *form = c->args ? c->args : "";
	size_t n;

	do {
		n = strcspn(form, "\n");
		buf_printf(b, "qvmi %s [OPTION...]%s%.*s\n", c->name,
			   n ? " " : "", (int)n, form);
		form += n;
	} while (*form++ == '\n');
}

/* As an option heads its paragraph: "-g, --gdb=ADDRESS", "--watch[=SECONDS]".
 */
static void add_option(struct buf *b, const struct argp_option *o)
{
	bool may = o->flags & OPTION_ARG_OPTIONAL;

	if (o->key > 0 && o->key < 0x80)
		buf_printf(b, "-%c, ", o->key);
	buf_printf(b, "--%s%s%s%s%s\n", o->name, may ? "[" : "",
		   o->arg ? "=" : "", o->arg ? o->arg : "", may ? "]" : "");
}

static void add_options(struct buf *b, const struct argp_option *o)
{
	for (; o && (o->name || o->doc); o++)
		if (o->name)
			add_option(b, o);
}

/* Which options have a paragraph in the section OPTIONS. */
static void add_described(struct buf *b, const char *text, const char *where)
{
	char *s = section(text, where, ".SH", "OPTIONS");
	const char *at = s;

	while ((at = strstr(at, ".TP\n"))) {
		at += strlen(".TP\n");
		if (*at != '-')
			continue;
		buf_add(b, at, strcspn(at, "\n"));
		buf_puts(b, "\n");
	}
	free(s);
}

/* Each line of a is one of b, where `what` is. */
static void check_lines(const struct buf *a, const struct buf *b,
			const char *where, const char *what)
{
	const char *s = a->data, *at;
	size_t n;

	for (; s && *s; s += n) {
		n = strcspn(s, "\n") + 1;
		at = b->data;
		while (at && *at && strncmp(at, s, n) != 0)
			at += strcspn(at, "\n") + 1;
		ck_assert_msg(at && *at, "%s: %s %.*s", where, what, (int)n - 1,
			      s);
	}
}

static size_t count_lines(const struct buf *b)
{
	size_t i, n = 0;

	for (i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

/* The section OPTIONS has these options, no others, and each once. */
static void check_options(const char *text, const char *where,
			  const struct buf *options)
{
	struct buf described = {0};

	add_described(&described, text, where);
	check_lines(options, &described, where, "lacks");
	check_lines(&described, options, where, "has an option that is none:");
	ck_assert_msg(count_lines(&described) == count_lines(options),
		      "%s: an option twice in\n%s", where, described.data);
	buf_deinit(&described);
}

static bool has_long(const struct argp_option *o, const char *name, size_t n)
{
	for (; o && (o->name || o->doc); o++)
		if (o->name && strlen(o->name) == n &&
		    !strncmp(o->name, name, n))
			return true;
	return false;
}

static bool is_option(const char *name, size_t n)
{
	size_t i;

	for (i = 0; cmd_table[i]; i++)
		if (has_long(cmd_table[i]->options, name, n))
			return true;
	return has_long(options_table, name, n) ||
	       has_long(cmd_common_options, name, n);
}

/* All that looks like a long option is one of some command. */
static void check_mentions(const char *text, const char *where)
{
	size_t n;

	while ((text = strstr(text, "--"))) {
		text += 2;
		n = strspn(text, LETTERS);
		if (!n)
			continue;
		n = strspn(text, LETTERS "-");
		ck_assert_msg(is_option(text, n),
			      "%s mentions --%.*s, which is no option", where,
			      (int)n, text);
		text += n;
	}
}

START_TEST(main_page)
{
	struct buf forms = {0}, options = {0};
	char *text = page("qvmi.1");
	const char *usage;

	ck_assert_int_eq(help_of_program(&forms, NULL), 0);
	usage = forms.data + strlen("Usage: ");
	forms.data[strcspn(forms.data, "\n") + 1] = '\0';
	check_synopsis(text, "qvmi.1", usage);
	add_options(&options, options_table);
	add_options(&options, cmd_common_options);
	check_options(text, "qvmi.1", &options);
	check_mentions(text, "qvmi.1");
	buf_deinit(&forms);
	buf_deinit(&options);
	free(text);
}
END_TEST

/* In the order of the table, under its topics, with its words. */
START_TEST(list_of_the_main_page)
{
	char *text = page("qvmi.1");
	char *list = section(text, "qvmi.1", ".SH", "COMMANDS");
	struct buf want = {0};
	size_t i, topic;

	for (topic = 0; topic < N_TOPICS; topic++) {
		buf_printf(&want, ".SS %s\n", cmd_topics[topic]);
		for (i = 0; cmd_table[i]; i++) {
			const struct cmd *c = cmd_table[i];

			if (c->topic != topic)
				continue;
			if (!strcmp(c->name, "help"))
				buf_printf(&want, ".TP\nqvmi help %s\n%s\n",
					   c->args, c->summary);
			else
				buf_printf(&want, ".TP\nqvmi-%s(1)\n%s\n",
					   c->name, c->summary);
		}
	}
	ck_assert_str_eq(list, want.data);
	buf_deinit(&want);
	free(list);
	free(text);
}
END_TEST

static void check_page(const struct cmd *c)
{
	char name[64], want[256], *text, *s;
	struct buf forms = {0}, options = {0};

	snprintf(name, sizeof(name), "qvmi-%s.1", c->name);
	text = page(name);
	s = section(text, name, ".SH", "NAME");
	snprintf(want, sizeof(want), "qvmi-%s - %s\n", c->name, c->summary);
	ck_assert_str_eq(s, want);
	add_forms(&forms, c);
	check_synopsis(text, name, forms.data);
	add_options(&options, c->options);
	check_options(text, name, &options);
	check_mentions(text, name);
	buf_deinit(&forms);
	buf_deinit(&options);
	free(s);
	free(text);
}

/* Of all but help, which is in the main page. */
START_TEST(page_of_a_command)
{
	if (strcmp(cmd_table[_i]->name, "help") != 0)
		check_page(cmd_table[_i]);
}
END_TEST

/* The command of that very name: its number in the table. */
static size_t command_at(const char *name, size_t n, const char *where)
{
	size_t i;

	for (i = 0; cmd_table[i]; i++)
		if (strlen(cmd_table[i]->name) == n &&
		    !strncmp(cmd_table[i]->name, name, n))
			return i;
	ck_abort_msg("%s: there is no command '%.*s'", where, (int)n, name);
}

START_TEST(command_of_each_page)
{
	const char *name;
	glob_t pages;
	size_t i;

	ck_assert_int_eq(glob(TOP "docs/qvmi-*.1", 0, NULL, &pages), 0);
	for (i = 0; i < pages.gl_pathc; i++) {
		name = strstr(pages.gl_pathv[i], "docs/qvmi-");
		ck_assert_ptr_nonnull(name);
		name += strlen("docs/qvmi-");
		command_at(name, strlen(name) - strlen(".1"),
			   pages.gl_pathv[i]);
	}
	globfree(&pages);
}
END_TEST

/* "ps [-t] [--pid PID]": the options that a form names are the command's. */
static void check_form(const struct cmd *c, const char *form, size_t n,
		       const char *where)
{
	const struct argp_option *o;
	size_t i, len;
	bool found;

	for (i = 1; i + 1 < n; i++) {
		if (form[i] != '-' || !strchr(" [", form[i - 1]))
			continue;
		len = strspn(form + i + 2, LETTERS "-");
		found = form[i + 1] == '-' &&
			has_long(c->options, form + i + 2, len);
		for (o = c->options; o && (o->name || o->doc); o++)
			found |= o->key == form[i + 1];
		ck_assert_msg(found, "%s: no option of %s at: %.*s", where,
			      c->name, (int)(n - i), form + i);
	}
}

/* One row; its first column has forms of commands, as code. */
static void check_row(const char *row, const char *before, const char *where,
		      unsigned int rows[MAX_COMMANDS])
{
	bool here[MAX_COMMANDS] = {false};
	const char *end = strstr(row, "` | ");
	size_t n, i;

	ck_assert_msg(end != NULL, "%s: a row without columns: %.40s", where,
		      row);
	for (row = strchr(row, '`'); row && row < end;
	     row = strchr(row + n + 1, '`')) {
		row++;
		ck_assert_msg(!strncmp(row, before, strlen(before)),
			      "%s: not %s: %.40s", where, before, row);
		row += strlen(before);
		n = strcspn(row, "`");
		i = command_at(row, strspn(row, LETTERS), where);
		check_form(cmd_table[i], row, n, where);
		here[i] = true;
	}
	for (i = 0; cmd_table[i]; i++)
		rows[i] += here[i];
}

/* The table of commands of a page: each of them has one row. */
static void check_list(const char *name, const char *before)
{
	unsigned int rows[MAX_COMMANDS] = {0};
	char *text = load(name), *list, *row;
	size_t i;

	list = section(text, name, "##", "Commands");
	for (row = list; (row = strstr(row, "\n| `")); row++)
		check_row(row, before, name, rows);
	for (i = 0; cmd_table[i]; i++)
		ck_assert_msg(rows[i] == 1, "%s has %u rows for %s", name,
			      rows[i], cmd_table[i]->name);
	free(list);
	free(text);
}

START_TEST(list_of_readme)
{
	check_list("README.md", "qvmi ");
}
END_TEST

START_TEST(list_of_design)
{
	check_list("docs/design.md", "");
}
END_TEST

START_TEST(json_page_has_each_kind_of_error)
{
	char *text = load("docs/json.md"), row[64];
	int code;

	for (code = ERR_PARTIAL; code < 0; code++) {
		if (code == ERR_INTERRUPTED)
			continue; /* qvmi dies by the signal */
		snprintf(row, sizeof(row), "\n| `%s` | %d |", status_kind(code),
			 (int)status_of(code));
		ck_assert_msg(strstr(text, row), "json.md lacks %s", row);
	}
	ck_assert_str_eq(status_kind(-1000), "system");
	free(text);
}
END_TEST

START_TEST(json_page_has_each_command)
{
	char *text = load("docs/json.md"), *at = text;
	unsigned int headings[MAX_COMMANDS] = {0};
	size_t i, n;

	while ((at = strstr(at, "\n## "))) {
		at += strlen("\n## ");
		n = strcspn(at, "\n");
		if (strncmp(at, "error\n", n + 1) != 0 &&
		    strncmp(at, "stats\n", n + 1) != 0)
			headings[command_at(at, n, "json.md")]++;
	}
	for (i = 0; cmd_table[i]; i++)
		ck_assert_msg(headings[i] == 1, "json.md has %u sections %s",
			      headings[i], cmd_table[i]->name);
	free(text);
}
END_TEST

int main(void)
{
	TCase *t = tcase_create("docs");
	Suite *s = suite_create("cli_docs");
	SRunner *r = srunner_create(s);
	int failed, n = 0;

	while (cmd_table[n])
		n++;
	tcase_add_test(t, main_page);
	tcase_add_test(t, list_of_the_main_page);
	tcase_add_loop_test(t, page_of_a_command, 0, n);
	tcase_add_test(t, command_of_each_page);
	tcase_add_test(t, list_of_readme);
	tcase_add_test(t, list_of_design);
	tcase_add_test(t, json_page_has_each_command);
	tcase_add_test(t, json_page_has_each_kind_of_error);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
