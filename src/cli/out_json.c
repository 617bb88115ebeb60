/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: rows as one JSON object, by json-c. */
#include "cli/out.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"
#include "cli/status.h"

static void put_object(struct json_object **o)
{
	json_object_put(*o);
}

static struct json_object *guest_string(const char *bytes, size_t n)
{
	_cleanup_(buf_deinit) struct buf b = {0};

	escape_add(&b, ESCAPE_JSON, bytes, n);
	if (b.oom || b.len > INT32_MAX)
		return NULL;
	return json_object_new_string_len(b.data ? b.data : "", (int)b.len);
}

static struct json_object *hex_number(uint64_t v)
{
	char text[19];

	snprintf(text, sizeof(text), "0x%" PRIx64, v);
	return json_object_new_string(text);
}

static struct json_object *hex_digits(const char *bytes, size_t n)
{
	static const char digits[] = "0123456789abcdef";
	_cleanup_free_ char *text = malloc(2 * n + 1);
	size_t i;

	if (!text || n > INT32_MAX / 2)
		return NULL;
	for (i = 0; i < n; i++) {
		text[2 * i] = digits[(uint8_t)bytes[i] >> 4];
		text[2 * i + 1] = digits[(uint8_t)bytes[i] & 15];
	}
	return json_object_new_string_len(text, (int)(2 * n));
}

static struct json_object *table_array(const struct row_table *t);

static struct json_object *cell_value(const struct row_table *t,
				      const struct row_cell *c,
				      enum row_type type)
{
	switch (type) {
	case ROW_WORDS:
	case ROW_GUEST:
		return guest_string(row_cell_bytes(t, c), c->len);
	case ROW_HEX:
		return hex_number(c->number);
	case ROW_COUNT:
	case ROW_SIZE:
	case ROW_KIB:
		return json_object_new_uint64(c->number);
	case ROW_FLAG:
		return json_object_new_boolean(c->number != 0);
	case ROW_BYTES:
		return hex_digits(row_cell_bytes(t, c), c->len);
	case ROW_TABLE:
		return table_array(c->table);
	}
	return NULL;
}

/* Add to an object, which takes the value; NULL is no memory. */
static int out_json_add(struct json_object *o, const char *key,
			struct json_object *v)
{
	if (!v)
		return ERR_NOMEM;
	if (!json_object_object_add(o, key, v))
		return 0;
	json_object_put(v);
	return ERR_NOMEM;
}

static int append(struct json_object *array, struct json_object *v)
{
	if (!v)
		return ERR_NOMEM;
	if (!json_object_array_add(array, v))
		return 0;
	json_object_put(v);
	return ERR_NOMEM;
}

static struct json_object *row_object(const struct row_table *t, size_t row)
{
	struct json_object *o = json_object_new_object();
	const struct row_cell *c;
	const char *key;
	size_t i;
	int rc = 0;

	for (i = 0; o && !rc && i < t->n_columns; i++) {
		c = row_cell(t, row, i);
		key = t->columns[i].key;
		if (!key)
			continue;
		if (c->set)
			rc = out_json_add(o, key,
					  cell_value(t, c, t->columns[i].type));
		else if (json_object_object_add(o, key, NULL))
			rc = ERR_NOMEM;
	}
	if (!rc)
		return o;
	json_object_put(o);
	return NULL;
}

static struct json_object *table_array(const struct row_table *t)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; array && i < row_count(t); i++) {
		if (append(array, row_object(t, i))) {
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

static struct json_object *note_array(const struct out *o)
{
	struct json_object *array = json_object_new_array();
	const char *note = NULL;

	while (array && (note = out_next_note(o, note))) {
		if (append(array, guest_string(note, strlen(note)))) {
			json_object_put(array);
			return NULL;
		}
	}
	return array;
}

static struct json_object *stats_object(const struct stats *s)
{
	struct json_object *o = json_object_new_object();
	int rc = 0;
	size_t i;

	for (i = 0; o && !rc && i < STATS_NUMBERS; i++)
		rc = out_json_add(o, stats_numbers[i].name,
				  json_object_new_uint64(stats_number(s, i)));
	if (!o || rc ||
	    out_json_add(o, "memory", json_object_new_string(s->memory)) ||
	    out_json_add(o, "profile", json_object_new_string(s->profile))) {
		json_object_put(o);
		return NULL;
	}
	return o;
}

static struct json_object *error_object(const struct err *e)
{
	struct json_object *o = json_object_new_object();

	if (o &&
	    !out_json_add(o, "status",
			  json_object_new_int((int)status_of(e->code))) &&
	    !out_json_add(o, "kind",
			  json_object_new_string(status_kind(e->code))) &&
	    !out_json_add(o, "text", guest_string(e->text, strlen(e->text))))
		return o;
	json_object_put(o);
	return NULL;
}

/* The command's name, or null. */
static int out_json_add_command(struct json_object *top, const char *command)
{
	if (command)
		return out_json_add(top, "command",
				    json_object_new_string(command));
	return json_object_object_add(top, "command", NULL) ? ERR_NOMEM : 0;
}

/* Indented, or with one_line all in one. */
static int flags_of(const struct out *o)
{
	return JSON_C_TO_STRING_NOSLASHESCAPE | JSON_C_TO_STRING_SPACED |
	       (o->one_line ? 0 : JSON_C_TO_STRING_PRETTY);
}

/*
 * The answer is written in pieces, so that only one row at a time is an object
 * of json-c's.  Each piece is what json-c makes of the top object around it,
 * cut where nulls stand for rows; NULL is no memory.
 */
static struct json_object *with_rows(struct json_object *top, unsigned int n)
{
	struct json_object *rows = json_object_new_array();
	unsigned int i;

	for (i = 0; rows && i < n; i++)
		if (json_object_array_add(rows, NULL))
			break;
	if (rows && i == n && !out_json_add(top, "rows", rows))
		return top;
	if (rows && i < n)
		json_object_put(rows);
	return NULL;
}

/* The top object's beginning, in front of its rows. */
static int add_first(const struct out *o, struct json_object *top)
{
	if (out_json_add(top, "qvmi", json_object_new_int(1)))
		return ERR_NOMEM;
	return out_json_add_command(top, o->command);
}

static const char *text_of(const struct out *out, struct json_object *o)
{
	return o ? json_object_to_json_string_ext(o, flags_of(out)) : NULL;
}

/* What stands before, between and behind the rows, without all the rest. */
struct frame {
	size_t before, behind;
	char between[16];
};

static int frame_make(const struct out *o, struct frame *f)
{
	_cleanup_(put_object) struct json_object *top =
		json_object_new_object();
	const char *text = top ? text_of(o, with_rows(top, 2)) : NULL;
	const char *first, *second;

	if (!text)
		return ERR_NOMEM;
	first = strstr(text, "null");
	second = strstr(first + 4, "null");
	f->before = (size_t)(first - text);
	f->behind = strlen(second + 4);
	snprintf(f->between, sizeof(f->between), "%.*s",
		 (int)(second - first - 4), first + 4);
	return 0;
}

static int add_head(const struct out *o, struct buf *b)
{
	_cleanup_(put_object) struct json_object *top =
		json_object_new_object();
	const char *text, *end;

	if (!top || add_first(o, top))
		return ERR_NOMEM;
	text = text_of(o, with_rows(top, 1));
	if (!text)
		return ERR_NOMEM;
	for (end = text; strstr(end + 1, "null");)
		end = strstr(end + 1, "null");
	escape_add_json(b, text, (size_t)(end - text));
	return 0;
}

static int out_json_add_row(const struct out *o, size_t row,
			    const struct frame *f, struct buf *b)
{
	_cleanup_(put_object) struct json_object *top =
		json_object_new_object();
	struct json_object *rows;
	const char *text;

	if (!top || !with_rows(top, 0))
		return ERR_NOMEM;
	rows = json_object_object_get(top, "rows");
	if (append(rows, row_object(&o->rows.top, row)))
		return ERR_NOMEM;
	text = text_of(o, top);
	if (!text)
		return ERR_NOMEM;
	escape_add_json(b, text + f->before,
			strlen(text) - f->before - f->behind);
	return 0;
}

/* The rest of the top object, behind its rows. */
static int add_rest(const struct out *o, const struct stats *stats,
		    struct json_object *top)
{
	if (out_json_add(top, "notes", note_array(o)))
		return ERR_NOMEM;
	if (o->failure.code &&
	    out_json_add(top, "error", error_object(&o->failure)))
		return ERR_NOMEM;
	return stats ? out_json_add(top, "stats", stats_object(stats)) : 0;
}

static int add_tail(const struct out *o, const struct stats *stats,
		    struct buf *b)
{
	_cleanup_(put_object) struct json_object *top =
		json_object_new_object();
	const char *text;

	if (!top || !with_rows(top, 1) || add_rest(o, stats, top))
		return ERR_NOMEM;
	text = text_of(o, top);
	if (!text)
		return ERR_NOMEM;
	text = strstr(text, "null") + 4;
	escape_add_json(b, text, strlen(text));
	return 0;
}

static int add_without_rows(const struct out *o, const struct stats *stats,
			    struct buf *b)
{
	_cleanup_(put_object) struct json_object *top =
		json_object_new_object();
	const char *text;

	if (!top || add_first(o, top) || !with_rows(top, 0) ||
	    add_rest(o, stats, top))
		return ERR_NOMEM;
	text = text_of(o, top);
	if (!text)
		return ERR_NOMEM;
	escape_add_json(b, text, strlen(text));
	return 0;
}

int out_json_rows(struct out *o, struct buf *b)
{
	size_t i, n = row_count(&o->rows.top);
	struct frame f;

	if (o->oom || o->rows.oom || frame_make(o, &f) ||
	    (!o->rows_written && add_head(o, b)))
		return ERR_NOMEM;
	for (i = 0; i < n && !b->oom; i++) {
		if (o->rows_written++)
			buf_puts(b, f.between);
		if (out_json_add_row(o, i, &f, b))
			return ERR_NOMEM;
	}
	return b->oom ? ERR_NOMEM : 0;
}

int out_as_json(struct out *o, const struct stats *stats, struct buf *b)
{
	int rc;

	if (o->oom || o->rows.oom || o->notes.oom)
		return ERR_NOMEM;
	if (!o->rows_written && !row_count(&o->rows.top))
		rc = add_without_rows(o, stats, b);
	else if (out_json_rows(o, b))
		rc = ERR_NOMEM;
	else
		rc = add_tail(o, stats, b);
	buf_puts(b, "\n");
	return b->oom ? ERR_NOMEM : rc;
}
