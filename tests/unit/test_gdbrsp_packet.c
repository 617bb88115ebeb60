/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the packet codec: every split, bad sums, repeats, escapes, hex. */
#include "gdbrsp/packet.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Events of a byte stream, fed in pieces, written down as text. */
static void events(const char *in, size_t len, size_t first, size_t step,
		   size_t max, struct buf *out)
{
	static const char *const names[] = {
		[GDBRSP_ACK] = "+",	[GDBRSP_NAK] = "-",
		[GDBRSP_PACKET] = "",	[GDBRSP_NOTE] = "%",
		[GDBRSP_BAD] = "bad",	[GDBRSP_OVERLONG] = "overlong",
		[GDBRSP_JUNK] = "junk",
	};
	struct gdbrsp_parser p;
	size_t at = 0, n = first;

	gdbrsp_parser_init(&p, max);
	for (; at < len; at += n, n = step) {
		struct cursor c;
		enum gdbrsp_event e;

		n = n < len - at ? n : len - at;
		cursor_init(&c, in + at, n);
		while ((e = gdbrsp_parser_next(&p, &c)) != GDBRSP_MORE) {
			buf_puts(out, names[e]);
			if (e == GDBRSP_PACKET || e == GDBRSP_NOTE)
				buf_printf(out, "<%s>", p.body.data);
			buf_puts(out, " ");
		}
		ck_assert_uint_eq(cursor_left(&c), 0);
	}
	gdbrsp_parser_deinit(&p);
}

/* The same events, whatever the split. */
static void check_stream(const char *in, size_t max, const char *want)
{
	size_t len = strlen(in), first;
	struct buf out = {0};

	for (first = 1; first <= len; first++) {
		events(in, len, first, len, max, &out);
		ck_assert_str_eq(out.data ? out.data : "", want);
		buf_reset(&out);
	}
	events(in, len, 1, 1, max, &out);
	ck_assert_str_eq(out.data ? out.data : "", want);
	buf_deinit(&out);
}

START_TEST(packets_in_any_split)
{
	check_stream("+$OK#9a$E14#aa-", 100, "+ <OK> <E14> - ");
	check_stream("$#00+$T02thread:01;#04", 100, "<> + <T02thread:01;> ");
	check_stream("%Stop:T05#99$#00", 100, "%<Stop:T05> <> ");
}
END_TEST

START_TEST(sums_are_checked)
{
	check_stream("$OK#9b$OK#9A", 100, "bad <OK> ");
	check_stream("$OK#9x$OK#9a", 100, "bad <OK> ");
	/* Half a packet, and the sender starts again: one is lost. */
	check_stream("$m0,8$OK#9a", 100, "bad <OK> ");
	check_stream("$m0,8\x03xx+$OK#9a", 100, "bad <OK> ");
	check_stream("$$OK#9a%$OK#9a", 100, "bad <OK> bad <OK> ");
}
END_TEST

START_TEST(repeats)
{
	/* GDB manual: "0* " stands for "0000". */
	check_stream("$0* #7a", 100, "<0000> ");
	check_stream("$xF*\"#0a", 100, "<xFFFFFF> ");
	/* '#' and '$' cannot be counts here; nothing to repeat; too little. */
	check_stream("$* #4a", 100, "bad ");
	check_stream("$0*\x1f#79", 100, "bad ");
	/* 97 more of it, the largest count. */
	check_stream("$0*~#d8", 97, "overlong ");
	check_stream("$*~#a8$OK#9a", 97, "bad <OK> ");
}
END_TEST

START_TEST(escapes)
{
	/* '}' is 7d: 7d 03 is '#', 7d 04 '$', 7d 5d '}', 7d 0a '*'. */
	check_stream("$a}\x03"
		     "b}\x04}]}\n#25",
		     100, "<a#b$}*> ");
	/* An escaped byte is repeated decoded. */
	check_stream("$}\x03* #ca", 100, "<####> ");
}
END_TEST

START_TEST(size_is_bounded)
{
	check_stream("$0123#c6$0123456789#0d$ok#da", 8,
		     "<0123> overlong <ok> ");
	check_stream("$01234567#9c", 8, "<01234567> ");
	check_stream("$0123456789#0e", 8, "bad ");
}
END_TEST

START_TEST(junk_is_told)
{
	check_stream("H$OK#9a\x03", 100, "junk <OK> junk ");
}
END_TEST

START_TEST(what_is_encoded_decodes)
{
	char body[256], want[300];
	struct buf out = {0}, seen = {0};
	int i;

	for (i = 0; i < 255; i++)
		body[i] = (char)(i + 1);
	body[255] = '\0';
	snprintf(want, sizeof(want), "<%s> ", body);
	gdbrsp_encode(&out, body, 255);
	events(out.data, out.len, 7, 3, 255, &seen);
	ck_assert_str_eq(seen.data, want);
	buf_reset(&out);
	gdbrsp_encode(&out, "m1000,10", 8);
	ck_assert_str_eq(out.data, "$m1000,10#bb");
	buf_reset(&out);
	gdbrsp_encode(&out, "\0", 1);
	ck_assert_uint_eq(out.len, 5);
	buf_deinit(&out);
	buf_deinit(&seen);
}
END_TEST

START_TEST(hex)
{
	static const uint8_t bytes[] = {0x00, 0x7f, 0x80, 0xff, 0xa5};
	uint8_t back[5];
	struct buf out = {0};

	gdbrsp_hex_encode(&out, bytes, 5);
	ck_assert_str_eq(out.data, "007f80ffa5");
	ck_assert(gdbrsp_hex_decode(back, out.data, 5));
	ck_assert_mem_eq(back, bytes, 5);
	ck_assert(gdbrsp_hex_decode(back, "A5fF", 2));
	ck_assert_uint_eq(back[0], 0xa5);
	ck_assert(!gdbrsp_hex_decode(back, "xx", 1));
	ck_assert(!gdbrsp_hex_decode(back, "00 1", 2));
	ck_assert(!gdbrsp_hex_decode(back, "0\xff", 1));
	buf_deinit(&out);
}
END_TEST

static bool number(const char *text, uint64_t *out, size_t *used)
{
	struct cursor c;
	bool good;

	cursor_init(&c, text, strlen(text));
	good = gdbrsp_hex_number(&c, out);
	*used = c.pos;
	return good;
}

START_TEST(hex_numbers)
{
	uint64_t v = 0;
	size_t used;

	ck_assert(number("1f,", &v, &used) && v == 0x1f && used == 2);
	ck_assert(number("ffffffffffffffff", &v, &used) && v == UINT64_MAX);
	ck_assert(!number("10000000000000000", &v, &used));
	ck_assert(!number("", &v, &used));
	ck_assert(!number(",1", &v, &used));
}
END_TEST

/* Every byte at every place of every length: a digit or refused. */
START_TEST(hex_is_checked_everywhere)
{
	char text[64], plain[3] = {0};
	uint8_t out[32];
	size_t n, at;
	int c;

	for (n = 1; n <= 24; n++)
		for (at = 0; at < 2 * n; at++)
			for (c = 0; c < 256; c++) {
				bool is_digit =
					c &&
					strchr("0123456789abcdefABCDEF", c);

				memset(text, '7', sizeof(text));
				text[at] = (char)c;
				memset(out, 0, sizeof(out));
				ck_assert(gdbrsp_hex_decode(out, text, n) ==
					  is_digit);
				memcpy(plain, text + at / 2 * 2, 2);
				if (is_digit)
					ck_assert_uint_eq(
						out[at / 2],
						strtoul(plain, NULL, 16));
				ck_assert_uint_eq(out[n], 0);
			}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("gdbrsp/packet");
	TCase *c = tcase_create("packet");
	SRunner *r;
	int failed;

	tcase_add_test(c, packets_in_any_split);
	tcase_add_test(c, sums_are_checked);
	tcase_add_test(c, repeats);
	tcase_add_test(c, escapes);
	tcase_add_test(c, size_is_bounded);
	tcase_add_test(c, junk_is_told);
	tcase_add_test(c, what_is_encoded_decodes);
	tcase_add_test(c, hex);
	tcase_add_test(c, hex_numbers);
	tcase_add_test(c, hex_is_checked_everywhere);
	suite_add_tcase(s, c);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
