/* SPDX-License-Identifier: BSD-2-Clause */
/* JSON that is written piece by piece, for files of any size. */
#include "export/jsontext.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <string.h>

#include "base/escape.h"

void jsontext_deinit(struct jsontext *j)
{
	buf_deinit(&j->text);
}

/* Most strings are words, which mean themselves. */
static bool jsontext_is_plain(const char *s, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (s[i] < ' ' || s[i] > '~' || s[i] == '"' || s[i] == '\\')
			return false;
	return true;
}

/* As src/cli has it: foreign bytes escaped, then JSON's own way, then what a
 * terminal would not show. */
static void put_escaped(struct jsontext *j, const char *s, size_t n)
{
	struct json_object *o = NULL;
	const char *text;

	buf_reset(&j->text);
	escape_add(&j->text, ESCAPE_JSON, s, n);
	if (!j->text.oom && j->text.len <= INT32_MAX)
		o = json_object_new_string_len(j->text.data, (int)j->text.len);
	text = o ? json_object_to_json_string_ext(
			   o, JSON_C_TO_STRING_NOSLASHESCAPE)
		 : NULL;
	buf_reset(&j->text);
	if (text)
		escape_add_json(&j->text, text, strlen(text));
	if (!text || j->text.oom)
		j->oom = true;
	else
		fwrite(j->text.data, 1, j->text.len, j->out);
	json_object_put(o);
}

static void put_string(struct jsontext *j, const char *s, size_t n)
{
	if (!jsontext_is_plain(s, n)) {
		put_escaped(j, s, n);
		return;
	}
	fputc('"', j->out);
	fwrite(s, 1, n, j->out);
	fputc('"', j->out);
}

/* What stands before a value. */
static void begin(struct jsontext *j, const char *key)
{
	struct jsontext_level *level = &j->level[j->depth];

	if (level->filled)
		fputc(',', j->out);
	if (level->lines)
		fputc('\n', j->out);
	else if (level->filled)
		fputc(' ', j->out);
	level->filled = true;
	if (key) {
		put_string(j, key, strlen(key));
		fputs(": ", j->out);
	}
}

static void open_level(struct jsontext *j, const char *key, char bracket,
		       bool lines)
{
	begin(j, key);
	fputc(bracket, j->out);
	if (j->depth + 1 < JSONTEXT_DEPTH)
		j->depth++;
	j->level[j->depth] = (struct jsontext_level){
		.close = bracket == '{' ? '}' : ']', .lines = lines};
}

void jsontext_open(struct jsontext *j, const char *key, char bracket)
{
	open_level(j, key, bracket, false);
}

void jsontext_open_lines(struct jsontext *j, const char *key, char bracket)
{
	open_level(j, key, bracket, true);
}

void jsontext_close(struct jsontext *j)
{
	const struct jsontext_level *level = &j->level[j->depth--];

	if (level->lines)
		fputc('\n', j->out);
	fputc(level->close, j->out);
	if (!j->depth)
		fputc('\n', j->out);
}

void jsontext_bytes(struct jsontext *j, const char *key, const void *bytes,
		    size_t n)
{
	begin(j, key);
	put_string(j, bytes, n);
}

void jsontext_string(struct jsontext *j, const char *key, const char *s)
{
	jsontext_bytes(j, key, s, strlen(s));
}

void jsontext_hex(struct jsontext *j, const char *key, uint64_t v)
{
	begin(j, key);
	fprintf(j->out, "\"0x%" PRIx64 "\"", v);
}

void jsontext_number(struct jsontext *j, const char *key, uint64_t v)
{
	begin(j, key);
	fprintf(j->out, "%" PRIu64, v);
}

void jsontext_signed(struct jsontext *j, const char *key, int64_t v)
{
	begin(j, key);
	fprintf(j->out, "%" PRId64, v);
}

void jsontext_bool(struct jsontext *j, const char *key, bool v)
{
	begin(j, key);
	fputs(v ? "true" : "false", j->out);
}

void jsontext_null(struct jsontext *j, const char *key)
{
	begin(j, key);
	fputs("null", j->out);
}
