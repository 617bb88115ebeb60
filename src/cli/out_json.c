/* SPDX-License-Identifier: BSD-2-Clause */
/* Output: rows as one JSON object, by json-c. */
#include "cli/out.h"

#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "cli/escape.h"
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

static struct json_object *table_array(const struct out_table *t);

static struct json_object *cell_value(const struct out_table *t,
				      const struct out_cell *c,
				      enum out_type type)
{
	switch (type) {
	case OUT_WORDS:
	case OUT_GUEST:
		return guest_string(out_cell_bytes(t, c), c->len);
	case OUT_HEX:
		return hex_number(c->number);
	case OUT_COUNT:
	case OUT_SIZE:
	case OUT_KIB:
		return json_object_new_uint64(c->number);
	case OUT_FLAG:
		return json_object_new_boolean(c->number != 0);
	case OUT_BYTES:
		return hex_digits(out_cell_bytes(t, c), c->len);
	case OUT_ROWS:
		return table_array(c->table);
	}
	return NULL;
}

/* Add to an object, which takes the value; NULL is no memory. */
static int add(struct json_object *o, const char *key, struct json_object *v)
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

static struct json_object *row_object(const struct out_table *t, size_t row)
{
	struct json_object *o = json_object_new_object();
	const struct out_cell *c;
	const char *key;
	size_t i;
	int rc = 0;

	for (i = 0; o && !rc && i < t->n_columns; i++) {
		c = out_cell(t, row, i);
		key = t->columns[i].key;
		if (!key)
			continue;
		if (c->set)
			rc = add(o, key, cell_value(t, c, t->columns[i].type));
		else if (json_object_object_add(o, key, NULL))
			rc = ERR_NOMEM;
	}
	if (!rc)
		return o;
	json_object_put(o);
	return NULL;
}

static struct json_object *table_array(const struct out_table *t)
{
	struct json_object *array = json_object_new_array();
	size_t i;

	for (i = 0; array && i < out_n_rows(t); i++) {
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
		rc = add(o, stats_numbers[i].name,
			 json_object_new_uint64(stats_number(s, i)));
	if (!o || rc || add(o, "memory", json_object_new_string(s->memory)) ||
	    add(o, "profile", json_object_new_string(s->profile))) {
		json_object_put(o);
		return NULL;
	}
	return o;
}

static struct json_object *error_object(const struct err *e)
{
	struct json_object *o = json_object_new_object();

	if (o &&
	    !add(o, "status", json_object_new_int((int)status_of(e->code))) &&
	    !add(o, "kind", json_object_new_string(status_kind(e->code))) &&
	    !add(o, "text", guest_string(e->text, strlen(e->text))))
		return o;
	json_object_put(o);
	return NULL;
}

/* The command's name, or null. */
static int add_command(struct json_object *top, const char *command)
{
	if (command)
		return add(top, "command", json_object_new_string(command));
	return json_object_object_add(top, "command", NULL) ? ERR_NOMEM : 0;
}

int out_as_json(const struct out *o, const struct stats *stats, struct buf *b)
{
	_cleanup_(put_object) struct json_object *top =
		json_object_new_object();
	const char *text;
	size_t len = 0;

	if (o->oom || o->notes.oom || !top ||
	    add(top, "qvmi", json_object_new_int(1)) ||
	    add_command(top, o->command) ||
	    add(top, "rows", table_array(&o->rows)) ||
	    add(top, "notes", note_array(o)))
		return ERR_NOMEM;
	if (o->failure.code && add(top, "error", error_object(&o->failure)))
		return ERR_NOMEM;
	if (stats && add(top, "stats", stats_object(stats)))
		return ERR_NOMEM;
	text = json_object_to_json_string_length(
		top,
		JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED |
			JSON_C_TO_STRING_NOSLASHESCAPE,
		&len);
	if (!text)
		return ERR_NOMEM;
	escape_add_json(b, text, len);
	buf_puts(b, "\n");
	return b->oom ? ERR_NOMEM : 0;
}
