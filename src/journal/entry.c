/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of the journal, and how they look in a file. */
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/files.h"
#include "journal/journal.h"

/*
 * A file:
 *
 *	qvmi-journal 1 CHECKSUM		of all that follows, 16 digits
 *	{"time": ..., ...}		on one line
 *	the old bytes, the new bytes
 */
#define MAGIC	   "qvmi-journal 1 "
#define MAGIC_LEN  (sizeof(MAGIC) - 1)
#define HEAD_LEN   (MAGIC_LEN + 16 + 1)
#define LENGTH_MAX (1u << 30)

static const char *const states[JOURNAL_STATES] = {
	[JOURNAL_UNFINISHED] = "unfinished",
	[JOURNAL_WRITTEN] = "written",
	[JOURNAL_UNDONE] = "undone",
	[JOURNAL_PUT_BACK] = "put back",
};

const char *journal_state_name(enum journal_state state)
{
	return states[state];
}

int journal_entry_add(struct journal_entry *e, const struct journal_item *item,
		      const void *old, const void *now)
{
	struct journal_item copy = *item;

	if (vec_reserve(&e->items, 1))
		return ERR_NOMEM;
	copy.written = strdup(item->written);
	copy.address = strdup(item->address);
	e->items.v[e->items.n++] = copy;
	buf_add(&e->old, old, item->len);
	buf_add(&e->now, now, item->len);
	return copy.written && copy.address && !e->old.oom && !e->now.oom
		       ? 0
		       : ERR_NOMEM;
}

void journal_entry_deinit(struct journal_entry *e)
{
	size_t i;

	for (i = 0; i < e->items.n; i++) {
		free(e->items.v[i].written);
		free(e->items.v[i].address);
	}
	vec_deinit(&e->items);
	free(e->gdb);
	free(e->kernel);
	free(e->boot);
	free(e->command);
	buf_deinit(&e->old);
	buf_deinit(&e->now);
	*e = (struct journal_entry){0};
}

static void cleanup_object(struct json_object **o)
{
	json_object_put(*o);
}

/* Both take NULL: the file then says null, or there is nothing. */
static struct json_object *text(const char *s)
{
	return s ? json_object_new_string(s) : NULL;
}

static struct json_object *hex(uint64_t v)
{
	char digits[19];

	snprintf(digits, sizeof(digits), "0x%" PRIx64, v);
	return json_object_new_string(digits);
}

static struct json_object *item_object(const struct journal_item *item)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "written", text(item->written));
	json_object_object_add(o, "address", text(item->address));
	if (item->is_memory)
		json_object_object_add(o, "physical", hex(item->pa));
	json_object_object_add(o, "length",
			       json_object_new_int64((int64_t)item->len));
	return o;
}

static struct json_object *entry_object(const struct journal_entry *e)
{
	struct json_object *o = json_object_new_object();
	struct json_object *items = json_object_new_array();
	size_t i;

	json_object_object_add(o, "time", json_object_new_int64(e->time));
	json_object_object_add(o, "gdb", text(e->gdb));
	json_object_object_add(o, "kernel", text(e->kernel));
	json_object_object_add(o, "boot", text(e->boot));
	json_object_object_add(o, "command", text(e->command));
	for (i = 0; i < e->items.n; i++)
		json_object_array_add(items, item_object(&e->items.v[i]));
	json_object_object_add(o, "items", items);
	return o;
}

int journal_encode(const struct journal_entry *e, struct buf *b,
		   struct err *err)
{
	_cleanup_(cleanup_object) struct json_object *o = entry_object(e);
	const char *json =
		json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	char sum[17];
	size_t start = b->len;

	if (!json)
		return err_nomem(err);
	buf_printf(b, MAGIC "%016d\n%s\n", 0, json);
	buf_add(b, e->old.data, e->old.len);
	buf_add(b, e->now.data, e->now.len);
	if (b->oom)
		return err_nomem(err);
	snprintf(sum, sizeof(sum), "%016" PRIx64,
		 files_checksum(b->data + start + HEAD_LEN,
				b->len - start - HEAD_LEN));
	memcpy(b->data + start + MAGIC_LEN, sum, 16);
	return 0;
}

/* A member that is a string; false: something else, or no memory. */
static bool entry_take_text(struct json_object *o, const char *key,
			    bool may_lack, char **out)
{
	struct json_object *v = json_object_object_get(o, key);

	if (!v)
		return may_lack;
	if (!json_object_is_type(v, json_type_string))
		return false;
	*out = strdup(json_object_get_string(v));
	return *out != NULL;
}

static bool take_number(struct json_object *o, const char *key, int64_t *out)
{
	struct json_object *v = json_object_object_get(o, key);

	*out = v ? json_object_get_int64(v) : 0;
	return json_object_is_type(v, json_type_int);
}

static bool take_item(struct json_object *o, struct journal_entry *e,
		      uint64_t *total)
{
	_cleanup_free_ char *pa = NULL;
	struct journal_item item = {0};
	char *end = NULL;
	int64_t len = 0;
	bool good;

	if (!json_object_is_type(o, json_type_object) ||
	    vec_reserve(&e->items, 1))
		return false;
	good = entry_take_text(o, "written", false, &item.written) &&
	       entry_take_text(o, "address", false, &item.address) &&
	       entry_take_text(o, "physical", true, &pa) &&
	       take_number(o, "length", &len) && len > 0 && len <= LENGTH_MAX;
	item.len = good ? (size_t)len : 0;
	item.is_memory = pa != NULL;
	item.pa = pa ? strtoull(pa, &end, 16) : 0;
	*total += item.len;
	e->items.v[e->items.n++] = item;
	return good && (!pa || (end != pa && !*end)) && *total <= LENGTH_MAX;
}

static bool take_items(struct json_object *o, struct journal_entry *e,
		       uint64_t *total)
{
	struct json_object *items = json_object_object_get(o, "items");
	size_t i, n;

	if (!json_object_is_type(items, json_type_array))
		return false;
	n = json_object_array_length(items);
	for (i = 0; i < n; i++)
		if (!take_item(json_object_array_get_idx(items, i), e, total))
			return false;
	return n > 0;
}

static bool take_header(struct json_object *o, struct journal_entry *e,
			uint64_t *total)
{
	return json_object_is_type(o, json_type_object) &&
	       take_number(o, "time", &e->time) &&
	       entry_take_text(o, "gdb", false, &e->gdb) &&
	       entry_take_text(o, "kernel", true, &e->kernel) &&
	       entry_take_text(o, "boot", true, &e->boot) &&
	       entry_take_text(o, "command", false, &e->command) &&
	       take_items(o, e, total);
}

static bool is_intact(const char *bytes, size_t len)
{
	char sum[17];

	if (len < HEAD_LEN || memcmp(bytes, MAGIC, MAGIC_LEN) != 0)
		return false;
	snprintf(sum, sizeof(sum), "%016" PRIx64,
		 files_checksum(bytes + HEAD_LEN, len - HEAD_LEN));
	return !memcmp(bytes + MAGIC_LEN, sum, 16) &&
	       bytes[HEAD_LEN - 1] == '\n';
}

/* The line of JSON from `from` on; NULL: it is none. */
static struct json_object *entry_parse_line(const char *from, size_t len)
{
	struct json_tokener *t = json_tokener_new();
	struct json_object *o;

	if (!t)
		return NULL;
	o = json_tokener_parse_ex(t, from, (int)len);
	json_tokener_free(t);
	return o;
}

int journal_decode(const void *bytes, size_t len, struct journal_entry *e,
		   struct err *err)
{
	_cleanup_(cleanup_object) struct json_object *o = NULL;
	const char *at = bytes, *end;
	uint64_t total = 0;

	if (len > 4ull * LENGTH_MAX || !is_intact(at, len))
		return err_set(err, ERR_CORRUPT, "damaged, or no entry");
	at += HEAD_LEN;
	len -= HEAD_LEN;
	end = memchr(at, '\n', len < INT32_MAX ? len : INT32_MAX);
	if (end)
		o = entry_parse_line(at, (size_t)(end - at));
	if (!o || !take_header(o, e, &total) ||
	    len - (size_t)(end + 1 - at) != 2 * total)
		return err_set(err, ERR_CORRUPT, "damaged, or no entry");
	buf_add(&e->old, end + 1, total);
	buf_add(&e->now, end + 1 + total, total);
	return e->old.oom || e->now.oom ? err_nomem(err) : 0;
}
