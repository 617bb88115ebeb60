/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes what keeps guest bytes from doing something to a terminal. */
#include <locale.h>
#include <string.h>

#include "cli/escape.h"
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = {0}, lines = {0}, json = {0};
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
	escape_add(&json, ESCAPE_JSON, (const char *)data, size);
	fuzz_require(json.len >= size);
	buf_deinit(&text);
	buf_deinit(&lines);
	buf_deinit(&json);
	return 0;
}
