/* SPDX-License-Identifier: BSD-2-Clause */
/* Two dumps of page tables: one of a file, and what differs. */
#include "cli/ptdump.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/files.h"

#define FILE_MAX_BYTES (256u << 20)
#define JSON_DEPTH     8

static const char *member_string(struct json_object *row, const char *key)
{
	struct json_object *o = NULL;

	if (!json_object_object_get_ex(row, key, &o) ||
	    !json_object_is_type(o, json_type_string))
		return NULL;
	return json_object_get_string(o);
}

static bool member_flag(struct json_object *row, const char *key, bool *value)
{
	struct json_object *o = NULL;

	if (!json_object_object_get_ex(row, key, &o) ||
	    !json_object_is_type(o, json_type_boolean))
		return false;
	*value = json_object_get_boolean(o);
	return true;
}

static bool member_address(struct json_object *row, const char *key,
			   uint64_t *value)
{
	const char *text = member_string(row, key);
	char *end;

	if (!text || strncmp(text, "0x", 2) != 0)
		return false;
	errno = 0;
	*value = strtoull(text, &end, 16);
	return !errno && !*end;
}

static bool member_size(struct json_object *row, uint64_t *value)
{
	struct json_object *o = NULL;

	if (!json_object_object_get_ex(row, "size", &o) ||
	    !json_object_is_type(o, json_type_int))
		return false;
	*value = json_object_get_uint64(o);
	return *value;
}

static bool row_take(struct json_object *row, struct ptdump_said *out)
{
	const char *attributes = member_string(row, "attributes"),
		   *level = member_string(row, "level");
	bool write, user, nx;
	uint64_t size;
	int n;

	if (!attributes || !level || !member_flag(row, "write", &write) ||
	    !member_flag(row, "user", &user) ||
	    !member_flag(row, "no_execute", &nx) ||
	    !member_address(row, "start", &out->start) ||
	    !member_size(row, &size) || size - 1 > UINT64_MAX - out->start)
		return false;
	out->last = out->start + (size - 1);
	n = snprintf(out->says, sizeof(out->says), "%s%s %s%s%s %s",
		     user ? "USR " : "", write ? "RW" : "ro", attributes,
		     *attributes ? " " : "", nx ? "NX" : "x", level);
	return n > 0 && (size_t)n < sizeof(out->says);
}

static int rows_take(struct json_object *rows, struct ptdump_list *out,
		     struct err *err)
{
	size_t i, n = json_object_array_length(rows);
	struct ptdump_said said = {0};

	for (i = 0; i < n; i++) {
		struct json_object *row = json_object_array_get_idx(rows, i);

		if (!json_object_is_type(row, json_type_object) ||
		    !row_take(row, &said) ||
		    (i && said.start <= out->list.v[i - 1].last))
			return err_set(err, ERR_USAGE,
				       "row %zu is none of a dump of page "
				       "tables",
				       i);
		if (vec_push(&out->list, said))
			return err_nomem(err);
	}
	return 0;
}

static int object_take(struct json_object *top, struct ptdump_list *out,
		       struct err *err)
{
	struct json_object *rows = NULL;
	const char *command;

	if (!json_object_is_type(top, json_type_object))
		return err_set(err, ERR_USAGE, "this is no JSON object");
	command = member_string(top, "command");
	if (!command || strcmp(command, "ptdump") != 0 ||
	    !json_object_object_get_ex(top, "rows", &rows) ||
	    !json_object_is_type(rows, json_type_array))
		return err_set(err, ERR_USAGE,
			       "this is no dump of page tables");
	if (json_object_object_get_ex(top, "error", NULL))
		return err_set(err, ERR_USAGE,
			       "this dump is not whole: it ends in an error");
	if (!json_object_array_length(rows))
		return err_set(err, ERR_USAGE, "there is no mapping in it");
	return rows_take(rows, out, err);
}

int ptdump_parse(const char *text, size_t len, struct ptdump_list *out,
		 struct err *err)
{
	struct json_tokener *t = json_tokener_new_ex(JSON_DEPTH);
	struct json_object *top;
	int rc;

	if (!t)
		return err_nomem(err);
	top = json_tokener_parse_ex(t, text, (int)len);
	json_tokener_free(t);
	rc = object_take(top, out, err);
	json_object_put(top);
	return rc;
}

int ptdump_load(const char *file, struct ptdump_list *out, struct err *err)
{
	_cleanup_(buf_deinit) struct buf b = {0};
	int fd = open(file, O_RDONLY | O_CLOEXEC), rc;

	if (fd < 0)
		return err_sys(err, ERR_SYS, "%.200s", file);
	rc = files_read(fd, FILE_MAX_BYTES, &b)
		     ? err_sys(err, ERR_SYS, "%.200s", file)
		     : 0;
	close(fd);
	if (!rc)
		rc = ptdump_parse(b.data ? b.data : "", b.len, out, err);
	return rc ? err_wrap(err, rc, "%.200s", file) : 0;
}

enum {
	CHANGE,
	START,
	END,
	SIZE,
	WAS,
	IS,
	N_COLUMNS
};

static const struct row_column columns[] = {
	[CHANGE] = ROW_COLUMN("change", "CHANGE", ROW_WORDS),
	[START] = ROW_COLUMN("start", "START", ROW_HEX),
	[END] = ROW_COLUMN("end", "END", ROW_HEX),
	[SIZE] = ROW_COLUMN("size", "SIZE", ROW_SIZE),
	[WAS] = ROW_COLUMN("was", "WAS", ROW_WORDS),
	[IS] = ROW_COLUMN("is", "IS", ROW_WORDS),
};

/* A stretch in which neither dump changes; NULL: not mapped. */
struct stretch {
	uint64_t start, last;
	const char *was, *is;
};

static bool said_same(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

static void diff_row(struct row_table *t, const struct stretch *s)
{
	row_add(t);
	row_string(t, CHANGE,
		   !s->was  ? "added"
		   : !s->is ? "removed"
			    : "changed");
	row_number(t, START, s->start);
	if (s->last != UINT64_MAX)
		row_number(t, END, s->last + 1);
	row_number(t, SIZE, s->last - s->start + 1);
	if (s->was)
		row_string(t, WAS, s->was);
	if (s->is)
		row_string(t, IS, s->is);
}

/* What a list says from `at` on: to the end of that, or up to the next. */
static const char *said_at(const struct ptdump_list *l, size_t *i, uint64_t at,
			   uint64_t *last)
{
	const struct ptdump_said *s;

	while (*i < l->list.n && l->list.v[*i].last < at)
		(*i)++;
	*last = UINT64_MAX;
	if (*i == l->list.n)
		return NULL;
	s = &l->list.v[*i];
	*last = s->start > at ? s->start - 1 : s->last;
	return s->start > at ? NULL : s->says;
}

size_t ptdump_show_diff(const struct ptdump_list *was,
			const struct ptdump_list *is, struct out *out)
{
	struct row_table *t = &out->rows.top;
	struct stretch open = {.start = 1};
	size_t i = 0, j = 0;
	uint64_t at = 0, a, b;

	out_begin(out, OUT_TABLE, columns, N_COLUMNS);
	do {
		struct stretch s = {.start = at};

		s.was = said_at(was, &i, at, &a);
		s.is = said_at(is, &j, at, &b);
		s.last = a < b ? a : b;
		at = s.last + 1;
		if (open.last && open.last + 1 == s.start &&
		    said_same(open.was, s.was) && said_same(open.is, s.is)) {
			open.last = s.last;
			continue;
		}
		if (!said_same(open.was, open.is))
			diff_row(t, &open);
		open = s;
	} while (at);
	if (!said_same(open.was, open.is))
		diff_row(t, &open);
	return row_count(t);
}
