/* SPDX-License-Identifier: BSD-2-Clause */
/* What is wrong with an option, in words. */
#include "cli/blame.h"

#include <stdio.h>
#include <string.h>
#include <wchar.h>

#include "base/nearest.h"

/* The tables that options come from, one after the other. */
static const struct argp_option *blame_table(const struct cmd *c, size_t i)
{
	const struct argp_option *tables[] = {
		c ? c->options : NULL, options_table, cmd_common_options};

	return tables[i];
}

#define N_TABLES 3

/* What is found among all long options for a word, as typed. */
struct matches {
	const struct argp_option *exact, *first;
	size_t n;	 /* that begin with the word */
	char names[256]; /* of these */
	struct nearest nearest;
};

static void match_option(struct matches *m, const struct argp_option *o)
{
	const char *word = m->nearest.word;
	size_t len = m->nearest.len, used = strlen(m->names);

	nearest_try(&m->nearest, o->name);
	if (strncmp(o->name, word, len) != 0)
		return;
	if (!o->name[len])
		m->exact = o;
	if (!m->n++)
		m->first = o;
	snprintf(m->names + used, sizeof(m->names) - used, "%s--%s",
		 used ? ", " : "", o->name);
}

static void match_long(struct matches *m, const struct cmd *c)
{
	const struct argp_option *o;
	size_t i;

	for (i = 0; i < N_TABLES; i++)
		for (o = blame_table(c, i); o && (o->name || o->key || o->doc);
		     o++)
			if (o->name)
				match_option(m, o);
}

static int blame_unknown(const struct matches *m, struct err *err)
{
	if (m->n)
		return err_set(err, ERR_USAGE,
			       "option '--%.*s' is not clear: %s",
			       (int)m->nearest.len, m->nearest.word, m->names);
	if (m->nearest.name)
		return err_set(err, ERR_USAGE,
			       "unknown option '--%.*s': did you mean --%s?",
			       (int)m->nearest.len, m->nearest.word,
			       m->nearest.name);
	return err_set(err, ERR_USAGE, "unknown option '--%.*s'",
		       (int)m->nearest.len, m->nearest.word);
}

static int blame_long(const struct cmd *c, const char *word, struct err *err)
{
	struct matches m = {.nearest = {.word = word, strcspn(word, "=")}};
	const char *value = word + m.nearest.len;
	const struct argp_option *o;

	match_long(&m, c);
	o = m.exact ? m.exact : m.first;
	if (!m.exact && m.n != 1)
		return blame_unknown(&m, err);
	if (o->arg && !*value)
		return err_set(err, ERR_USAGE,
			       "option '--%s' needs a value: %s", o->name,
			       o->arg);
	if (!o->arg && *value)
		return err_set(err, ERR_USAGE, "option '--%s' takes no value",
			       o->name);
	return 0;
}

static const struct argp_option *find_short(const struct cmd *c, char letter)
{
	const struct argp_option *o;
	size_t i;

	for (i = 0; i < N_TABLES; i++)
		for (o = blame_table(c, i); o && (o->name || o->key || o->doc);
		     o++)
			if (o->key == letter)
				return o;
	return NULL;
}

/* Bytes of the character as typed: it may be none of ASCII. */
static int blame_letter_length(const char *letters)
{
	mbstate_t state = {0};
	size_t n = mbrlen(letters, strlen(letters), &state);

	return n && n <= strlen(letters) ? (int)n : 1;
}

static int blame_short(const struct cmd *c, const char *letters,
		       struct err *err)
{
	const struct argp_option *o;

	for (; *letters; letters++) {
		o = find_short(c, *letters);
		if (!o)
			return err_set(err, ERR_USAGE, "unknown option '-%.*s'",
				       blame_letter_length(letters), letters);
		if (o->arg && letters[1])
			return 0;
		if (o->arg)
			return err_set(err, ERR_USAGE,
				       "option '-%c' needs a value: %s",
				       *letters, o->arg);
	}
	return 0;
}

int blame_word(const struct cmd *c, const char *word, struct err *err)
{
	if (word[0] != '-' || !word[1])
		return 0;
	return word[1] == '-' ? blame_long(c, word + 2, err)
			      : blame_short(c, word + 1, err);
}
