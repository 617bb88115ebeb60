/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of hexdump -C and gdb x forms, and of the values of write. */
#include "cli/dump.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest/value.h"

/* What hexdump itself says about the bytes; false: it is not there. */
static bool hexdump(const uint8_t *bytes, size_t n, char *text, size_t size)
{
	char path[] = "/tmp/qvmi-test-XXXXXX", command[64];
	int fd = mkstemp(path);
	size_t len;
	FILE *f;

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, bytes, n), (ssize_t)n);
	close(fd);
	snprintf(command, sizeof(command), "hexdump -C %s 2>&1", path);
	f = popen(command, "r");
	ck_assert_ptr_nonnull(f);
	len = fread(text, 1, size - 1, f);
	text[len] = '\0';
	unlink(path);
	return pclose(f) == 0;
}

static void compare(const uint8_t *bytes, size_t n)
{
	static char want[1 << 20];
	struct buf b = {0};

	if (!hexdump(bytes, n, want, sizeof(want)))
		return;
	dump_hex(&b, 0, bytes, n);
	ck_assert_str_eq(b.data ? b.data : "", want);
	buf_deinit(&b);
}

START_TEST(as_hexdump_prints_it)
{
	uint8_t bytes[4096];
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(i * 31 >> (i & 256 ? 0 : 4));
	for (i = 0; i < 50; i++)
		compare(bytes, i);
	compare(bytes, sizeof(bytes));
	memset(bytes + 64, 0, 999);
	compare(bytes, sizeof(bytes));
	memset(bytes, 'A', sizeof(bytes));
	for (i = 0; i < 80; i++)
		compare(bytes, i);
}
END_TEST

START_TEST(addresses_of_lines)
{
	struct buf b = {0};

	dump_hex(&b, 0x106141000, (const uint8_t *)"\1\0\0\0\0\0\0\0", 8);
	ck_assert_str_eq(b.data,
			 "106141000  01 00 00 00 00 00 00 00                "
			 "           |........|\n106141008\n");
	buf_reset(&b);
	dump_hex(&b, 0xffffffff81000000, (const uint8_t *)"Linux", 5);
	ck_assert_str_eq(b.data,
			 "ffffffff81000000  4c 69 6e 75 78                   "
			 "                 |Linux|\nffffffff81000005\n");
	buf_deinit(&b);
}
END_TEST

static const struct {
	unsigned int width;
	size_t n;
	const char *want;
} units[] = {
	{1, 0, ""},
	{1, 3, "0x1000:\t0x00\t0x11\t0x22\n"},
	{1, 9,
	 "0x1000:\t0x00\t0x11\t0x22\t0x33\t0x44\t0x55\t0x66\t0x77\n"
	 "0x1008:\t0x88\n"},
	{2, 18,
	 "0x1000:\t0x1100\t0x3322\t0x5544\t0x7766\t0x9988\t0xbbaa\t0xddcc\t"
	 "0xffee\n0x1010:\t0x2110\n"},
	{4, 20,
	 "0x1000:\t0x33221100\t0x77665544\t0xbbaa9988\t0xffeeddcc\n"
	 "0x1010:\t0x43322110\n"},
	{8, 24,
	 "0x1000:\t0x7766554433221100\t0xffeeddccbbaa9988\n"
	 "0x1010:\t0x8776655443322110\n"},
	{8, 15, "0x1000:\t0x7766554433221100\n"},
};

START_TEST(as_gdb_prints_it)
{
	uint8_t bytes[24];
	struct buf b = {0};
	size_t i;

	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)(0x11 * i);
	dump_units(&b, 0x1000, bytes, units[_i].n, units[_i].width);
	ck_assert_str_eq(b.data ? b.data : "", units[_i].want);
	buf_deinit(&b);
}
END_TEST

static const struct {
	const char *text;
	unsigned int width;
	const char *bytes; /* NULL: refused */
	size_t n;
} values[] = {
	{"0", 1, "\0", 1},
	{"255", 1, "\xff", 1},
	{"256", 1, NULL, 0},
	{"0x1234", 2, "\x34\x12", 2},
	{"0x10000", 2, NULL, 0},
	{"0xdeadbeef", 4, "\xef\xbe\xad\xde", 4},
	{"0xffffffffffffffff", 8, "\xff\xff\xff\xff\xff\xff\xff\xff", 8},
	{"0x10000000000000000", 8, NULL, 0},
	{"1", 8, "\1\0\0\0\0\0\0\0", 8},
	{"", 1, NULL, 0},
	{"-1", 1, NULL, 0},
	{"0x", 1, NULL, 0},
	{"1g", 1, NULL, 0},
	{"str:hi there", 8, "hi there", 8},
	{"str:", 1, "", 0},
	{"hex:00fFa5", 4, "\x00\xff\xa5", 3},
	{"hex:", 1, "", 0},
	{"hex:0", 1, NULL, 0},
	{"hex:0x12", 1, NULL, 0},
	{"hex:12 34", 1, NULL, 0},
};

START_TEST(values_of_write)
{
	struct buf b = {0};
	struct err err = {0};
	int rc = value_add(&b, values[_i].text, values[_i].width, &err);

	ck_assert_int_eq(rc, values[_i].bytes ? 0 : ERR_USAGE);
	if (!rc)
		ck_assert_uint_eq(b.len, values[_i].n);
	if (!rc && b.len)
		ck_assert_mem_eq(b.data, values[_i].bytes, b.len);
	buf_deinit(&b);
}
END_TEST

START_TEST(widths)
{
	struct err err = {0};
	unsigned int w = 0;

	ck_assert_int_eq(value_width("8", &w, &err), 0);
	ck_assert_uint_eq(w, 8);
	ck_assert_int_eq(value_width("3", &w, &err), ERR_USAGE);
	ck_assert_int_eq(value_width("", &w, &err), ERR_USAGE);
	ck_assert_int_eq(value_width("16", &w, &err), ERR_USAGE);
	ck_assert_uint_eq(value_max(1), 0xff);
	ck_assert_uint_eq(value_max(8), UINT64_MAX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_dump");
	TCase *t = tcase_create("cli_dump");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, as_hexdump_prints_it);
	tcase_add_test(t, addresses_of_lines);
	tcase_add_loop_test(t, as_gdb_prints_it, 0,
			    sizeof(units) / sizeof(*units));
	tcase_add_loop_test(t, values_of_write, 0,
			    sizeof(values) / sizeof(*values));
	tcase_add_test(t, widths);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
