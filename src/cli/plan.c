/* SPDX-License-Identifier: BSD-2-Clause */
/* The writes that a user asks for: operands, or lines of a file. */
#include "cli/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "guest/value.h"

static int add_values(struct buf *b, char **words, size_t n, unsigned int width,
		      struct err *err)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n && !rc; i++)
		rc = value_add(b, words[i], width, err);
	return rc;
}

int plan_add(struct change *c, const struct plan_write *w, struct err *err)
{
	struct change_item *item = change_add(c, w->words[0], err);
	unsigned int width = w->width ? w->width : 1;
	int rc;

	if (!item)
		return err->code;
	rc = add_values(&item->now, w->words + 1, w->n - 1, width, err);
	if (!rc && !item->now.len)
		rc = err_set(err, ERR_USAGE, "the values are empty");
	if (!rc)
		rc = add_values(&item->expect, w->expect, w->n_expect, width,
				err);
	if (!rc && w->n_expect && item->expect.len != item->now.len)
		rc = err_set(err, ERR_USAGE,
			     "bytes expected: %zu, to be written: %zu; it "
			     "must be as many",
			     item->expect.len, item->now.len);
	return rc;
}

void plan_texts_deinit(struct plan_texts *texts)
{
	size_t i;

	for (i = 0; i < texts->v.n; i++)
		free(texts->v.v[i]);
	vec_deinit(&texts->v);
}

/* Words of one line, cut in place. */
struct words {
	VEC(char *) v, expect;
	unsigned int width;
};

static void words_deinit(struct words *w)
{
	vec_deinit(&w->v);
	vec_deinit(&w->expect);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* The quoted part at *from, which is moved behind it, to *to. */
static int unquote(char **from, char **to, struct err *err)
{
	char *p = *from, *out = *to, quote = *p++;

	for (; *p && *p != quote; p++) {
		if (quote == '"' && *p == '\\' && (p[1] == '"' || p[1] == '\\'))
			p++;
		*out++ = *p;
	}
	if (!*p)
		return err_set(err, ERR_USAGE, "the quote %c is not closed",
			       quote);
	*from = p + 1;
	*to = out;
	return 0;
}

/* The next word, unquoted in place: NULL at the end of the line. */
static int next_word(char **line, char **word, struct err *err)
{
	char *p = *line, *out;
	int rc = 0;

	while (is_blank(*p))
		p++;
	*word = *p && *p != '#' ? p : NULL;
	for (out = p; *word && *p && !is_blank(*p) && !rc;) {
		if (*p == '\'' || *p == '"') {
			rc = unquote(&p, &out, err);
			continue;
		}
		if (*p == '\\' && !*++p)
			return err_set(err, ERR_USAGE,
				       "a backslash ends the line");
		*out++ = *p++;
	}
	*line = *p ? p + 1 : p;
	if (*word)
		*out = '\0';
	return rc;
}

/* The value of an option, behind it in the same word or the next one. */
static int option_value(char *rest, const char *name, char **line, char **value,
			struct err *err)
{
	int rc = 0;

	*value = rest;
	if (!*rest)
		rc = next_word(line, value, err);
	if (!rc && !*value)
		rc = err_set(err, ERR_USAGE, "option '%s' needs a value", name);
	return rc;
}

static int take_option(struct words *w, char *word, char **line,
		       struct err *err)
{
	static const char expect[] = "--expect";
	size_t len = sizeof(expect) - 1;
	char *value = NULL;
	int rc;

	if (!strncmp(word, "-w", 2)) {
		rc = option_value(word + 2, "-w", line, &value, err);
		return rc ? rc : value_width(value, &w->width, err);
	}
	if (strncmp(word, expect, len) != 0 || (word[len] && word[len] != '='))
		return err_set(err, ERR_USAGE, "unknown option '%s'", word);
	value = word + len + 1;
	if (!word[len]) {
		rc = option_value(word + len, expect, line, &value, err);
		if (rc)
			return rc;
	}
	return vec_push(&w->expect, value) ? err_nomem(err) : 0;
}

static int cut_words(struct words *w, char *line, struct err *err)
{
	char *word = NULL;
	int rc;

	while (!(rc = next_word(&line, &word, err)) && word) {
		if (*word == '-')
			rc = take_option(w, word, &line, err);
		else if (vec_push(&w->v, word))
			rc = err_nomem(err);
		if (rc)
			break;
	}
	return rc;
}

static int take_line(struct change *c, char *line, unsigned int width,
		     struct err *err)
{
	_cleanup_(words_deinit) struct words w = {.width = width};
	struct plan_write plan;
	int rc = cut_words(&w, line, err);

	if (rc || (!w.v.n && !w.expect.n))
		return rc;
	if (w.v.n < 2)
		return err_set(err, ERR_USAGE,
			       "too few words, wanted: ADDRESS VALUE...");
	plan = (struct plan_write){.words = w.v.v,
				   .n = w.v.n,
				   .expect = w.expect.v,
				   .n_expect = w.expect.n,
				   .width = w.width};
	return plan_add(c, &plan, err);
}

/* One line, which is kept, as the change's items borrow from it. */
static int keep_line(struct change *c, const char *bytes, size_t len,
		     unsigned int width, struct plan_texts *texts,
		     struct err *err)
{
	char *line;

	if (memchr(bytes, '\0', len))
		return err_set(err, ERR_USAGE, "a NUL byte");
	line = strndup(bytes, len);
	if (!line || vec_push(&texts->v, line)) {
		free(line);
		return err_nomem(err);
	}
	return take_line(c, line, width, err);
}

static int check_total(const struct change *c, size_t *total, size_t from,
		       struct err *err)
{
	for (; from < c->items.n; from++)
		*total += c->items.v[from].now.len;
	if (*total <= VALUE_MAX_BYTES)
		return 0;
	return err_set(err, ERR_USAGE, "the values are longer than %u MiB",
		       VALUE_MAX_BYTES >> 20);
}

static int read_lines(struct change *c, FILE *f, unsigned int width,
		      struct plan_texts *texts, struct err *err)
{
	_cleanup_free_ char *bytes = NULL;
	size_t cap = 0, total = 0, had, i;
	unsigned int line = 0;
	ssize_t len;
	int rc = 0;

	while (!rc && (len = getline(&bytes, &cap, f)) >= 0) {
		line++;
		had = c->items.n;
		if (len && bytes[len - 1] == '\n')
			len--;
		rc = keep_line(c, bytes, (size_t)len, width, texts, err);
		for (i = had; i < c->items.n; i++)
			c->items.v[i].line = line;
		if (!rc)
			rc = check_total(c, &total, had, err);
		if (rc)
			rc = err_wrap(err, rc, "%.200s:%u", c->file, line);
	}
	if (!rc && ferror(f))
		rc = err_sys(err, ERR_SYS, "%.200s", c->file);
	if (!rc && !c->items.n)
		rc = err_set(err, ERR_USAGE, "%.200s: there is no write in it",
			     c->file);
	return rc;
}

int plan_read(struct change *c, const char *file, unsigned int width,
	      struct plan_texts *texts, struct err *err)
{
	_cleanup_(files_cleanup_file) FILE *f = NULL;

	c->file = !strcmp(file, "-") ? "standard input" : file;
	f = c->file == file ? fopen(file, "re") : fdopen(dup(0), "r");
	if (!f)
		return err_sys(err, ERR_SYS, "%.200s", c->file);
	return read_lines(c, f, width, texts, err);
}
