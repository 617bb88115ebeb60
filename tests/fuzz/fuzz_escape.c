/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what keeps guest bytes from doing something to a terminal. */
#include <json-c/json.h>
#include <locale.h>
#include <string.h>

#include "base/escape.h"
#include "fuzz/fuzz.h"

/*
 * An input: u8, of which bit 0 chooses a locale of UTF-8; then what the guest
 * says.
 */

static int digit(char c)
{
	return c >= 'a' ? c - 'a' + 10 : c - '0';
}

/* C0, DEL, and C1 as UTF-8; and any byte that is not ASCII where it must be. */
static void check_shown(const struct buf *b, int utf8, int lines)
{
	const uint8_t *s = (const uint8_t *)b->data;
	size_t i;

	for (i = 0; i < b->len; i++) {
		fuzz_require((s[i] >= 0x20 && s[i] != 0x7f) ||
			     (lines && s[i] == '\n'));
		fuzz_require(utf8 || s[i] < 0x80);
		fuzz_require(s[i] != 0xc2 || s[i + 1] >= 0xa0);
		/* right-to-left override and its like */
		fuzz_require(s[i] != 0xe2 || s[i + 1] != 0x80 ||
			     s[i + 2] < 0xa8 || s[i + 2] > 0xae);
	}
}

/* What one line of text was made of can be told again. */
static void check_undone(const struct buf *b, const uint8_t *data, size_t size)
{
	size_t i, n = 0;

	for (i = 0; i < b->len; i++, n++) {
		uint8_t c = (uint8_t)b->data[i];

		if (c == '\\' && b->data[i + 1] == '\\') {
			i++;
		} else if (c == '\\') {
			c = (uint8_t)(digit(b->data[i + 2]) << 4 |
				      digit(b->data[i + 3]));
			i += 3;
		}
		fuzz_require(n < size && data[n] == c);
	}
	fuzz_require(n == size);
}

/* Bytes from a string of JSON, as docs/json.md has it. */
static void unescape(const char *s, size_t n, struct buf *b)
{
	size_t i;
	char c;

	for (i = 0; i < n; i++) {
		c = s[i];
		if (n - i >= 4 && c == '\\' && s[i + 1] == 'x' &&
		    strspn(s + i + 2, "0123456789abcdef") >= 2 &&
		    (s[i + 2] >= '8' || !memcmp(s + i + 2, "5c", 2))) {
			c = (char)(digit(s[i + 2]) << 4 | digit(s[i + 3]));
			i += 3;
		}
		buf_add(b, &c, 1);
	}
}

/* JSON is of characters that are shown, and of the value that went in. */
static void check_json(const char *data, size_t size)
{
	struct buf string = {0}, json = {0}, back = {0};
	struct json_object *value, *again;
	const char *text;
	size_t i, n;

	escape_add(&string, ESCAPE_JSON, data, size);
	fuzz_require(string.len >= size);
	value = json_object_new_string_len(string.data ? string.data : "",
					   (int)string.len);
	text = json_object_to_json_string_length(value, JSON_C_TO_STRING_PLAIN,
						 &n);
	escape_add_json(&json, text, n);
	check_shown(&json, 1, 0);
	again = json_tokener_parse(json.data);
	fuzz_require(again);
	n = (size_t)json_object_get_string_len(again);
	fuzz_require(n == string.len);
	text = json_object_get_string(again);
	for (i = 0; i < n; i++)
		fuzz_require(text[i] == string.data[i]);
	unescape(text, n, &back);
	fuzz_require(back.len == size &&
		     (!size || !memcmp(back.data, data, size)));
	json_object_put(value);
	json_object_put(again);
	buf_deinit(&string);
	buf_deinit(&json);
	buf_deinit(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = {0}, lines = {0};
	int utf8 = size && data[0] & 1;

	if (!size)
		return 0;
	data++;
	size--;
	if (!setlocale(LC_CTYPE, utf8 ? "C.UTF-8" : "C"))
		abort();
	escape_add(&text, ESCAPE_TEXT, (const char *)data, size);
	check_shown(&text, utf8, 0);
	check_undone(&text, data, size);
	escape_add(&lines, ESCAPE_LINES, (const char *)data, size);
	check_shown(&lines, utf8, 1);
	check_json((const char *)data, size);
	buf_deinit(&text);
	buf_deinit(&lines);
	return 0;
}
