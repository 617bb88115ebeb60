/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the address grammar and of numbers on the command line. */
#include "guest/addr.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "guest/number.h"

static int lookup(void *ctx, const char *name, const char *module, uint64_t *va,
		  struct err *err)
{
	(void)ctx;
	if (module && strcmp(module, "snd_hda") != 0)
		return err_set(err, ERR_NOT_FOUND, "no module '%s'", module);
	if (!strcmp(name, "_text"))
		*va = 0xffffffff81000000;
	else if (!strcmp(name, "_end"))
		*va = 0xffffffff82000000;
	else if (!strcmp(name, "foo.isra.0"))
		*va = 0xffffffff81000010;
	else if (!strcmp(name, "a_rather_long_name$with@odd.parts"))
		*va = 1;
	else if (!strcmp(name, "init"))
		*va = module ? 0xffffffffc0000000 : 0xffffffff81000020;
	else
		return err_set(err, ERR_NOT_FOUND, "no symbol '%s'", name);
	return 0;
}

static const struct {
	const char *text;
	enum addr_space space;
	bool kernel;
	uint64_t value;
	uint64_t space_value; /* PID or CR3 */
} good[] = {
	{"0", ADDR_KERNEL, true, 0, 0},
	{"0x0", ADDR_KERNEL, true, 0, 0},
	{"4096", ADDR_KERNEL, true, 4096, 0},
	{"0X1000", ADDR_KERNEL, true, 4096, 0},
	{"010", ADDR_KERNEL, true, 10, 0},
	{"0xffffffffffffffff", ADDR_KERNEL, true, UINT64_MAX, 0},
	{"18446744073709551615", ADDR_KERNEL, true, UINT64_MAX, 0},
	{"0xffffffffffffffff-0xffffffffffffffff", ADDR_KERNEL, true, 0, 0},
	{"0xffffffffffffffff + 1 - 1", ADDR_KERNEL, true, UINT64_MAX, 0},
	{"1-2+3", ADDR_KERNEL, true, 2, 0},
	{"k:_text", ADDR_KERNEL, true, 0xffffffff81000000, 0},
	{"_text+0x10", ADDR_KERNEL, true, 0xffffffff81000010, 0},
	{"_end - _text", ADDR_KERNEL, true, 0x1000000, 0},
	{"foo.isra.0", ADDR_KERNEL, true, 0xffffffff81000010, 0},
	{"a_rather_long_name$with@odd.parts", ADDR_KERNEL, true, 1, 0},
	{"1:0x7f00", ADDR_PID, true, 0x7f00, 1},
	{"4194304:5", ADDR_PID, true, 5, 4194304},
	{"12:_text", ADDR_PID, true, 0xffffffff81000000, 12},
	{"p:0x1000", ADDR_PHYS, false, 0x1000, 0},
	{"p:0x1000+16", ADDR_PHYS, false, 0x1010, 0},
	{"pfn:0", ADDR_PHYS, false, 0, 0},
	{"pfn:0x123", ADDR_PHYS, false, 0x123000, 0},
	{"pfn:0x123+1", ADDR_PHYS, false, 0x124000, 0},
	{"pfn:0xfffffffffffff", ADDR_PHYS, false, 0xfffffffffffff000, 0},
	{"cr3=0x1aa000:0x400000", ADDR_ROOT, false, 0x400000, 0x1aa000},
	{"cr3=1aa000:4", ADDR_ROOT, false, 4, 0x1aa000},
	{"cr3=0x8000000000001fff:4", ADDR_ROOT, false, 4, 0x8000000000001fff},
	{"ttbr0=0x1000:0x40", ADDR_ROOT, false, 0x40, 0x1000},
	{"ttbr1=0x1000:0x40", ADDR_ROOT, false, 0x40, 0x1000},
	{"cr3=0x1000:_text", ADDR_ROOT, true, 0xffffffff81000000, 0x1000},
	{"init", ADDR_KERNEL, true, 0xffffffff81000020, 0},
	{"init[snd_hda]", ADDR_KERNEL, true, 0xffffffffc0000000, 0},
	{"init [snd_hda]", ADDR_KERNEL, true, 0xffffffffc0000000, 0},
	{"k:init+0x10 [snd_hda]", ADDR_KERNEL, true, 0xffffffffc0000010, 0},
	{"init[snd_hda]+0x10", ADDR_KERNEL, true, 0xffffffffc0000010, 0},
	{"init [snd_hda] + 16", ADDR_KERNEL, true, 0xffffffffc0000010, 0},
	{"init[snd_hda]-init", ADDR_KERNEL, true, 0x3effffe0, 0},
	{"init - init[snd_hda] + 0x3effffe0", ADDR_KERNEL, true, 0, 0},
};

START_TEST(good_addresses)
{
	struct err err = {0};
	uint64_t v = 0;
	struct addr a;

	ck_assert_int_eq(addr_parse(good[_i].text, &a, &err), 0);
	ck_assert_int_eq(a.space, good[_i].space);
	ck_assert(addr_needs_kernel(&a) == good[_i].kernel);
	ck_assert_int_eq(addr_value(&a, lookup, NULL, &v, &err), 0);
	ck_assert_uint_eq(v, good[_i].value);
	ck_assert_uint_eq(a.space == ADDR_PID ? a.pid : a.root.value,
			  good[_i].space_value);
}
END_TEST

/* What is refused, and a word of the reason. */
static const struct {
	const char *text, *why;
} bad[] = {
	{"", "missing at its end"},
	{"k:", "missing at its end"},
	{"0x", "no digits"},
	{"0xg", "no digits"},
	{"12z", "a bad digit at 'z'"},
	{"0x12g4", "a bad digit at 'g4'"},
	{"1+", "missing at its end"},
	{"+1", "missing at '+1'"},
	{"-1", "missing at '-1'"},
	{"1++2", "missing at '+2'"},
	{"1 2", "neither + nor - at '2'"},
	{"1*2", "neither + nor - at '*2'"},
	{"0x10000000000000000", "larger than 64 bits"},
	{"18446744073709551616", "larger than 64 bits"},
	{"0xffffffffffffffff+1", "larger than 64 bits"},
	{"1-2", "below 0"},
	{"x:1", "no address space"},
	{":1", "no address space"},
	{"0x12:1", "no address space"},
	{"0X12:1", "no address space"},
	{"-1:1", "no address space"},
	{"12 :1", "no address space"},
	{"kp:1", "no address space"},
	{"ttbr:1", "no address space"},
	{"ttbr2=0x1:1", "no address space"},
	{"ttbr1=0x1000", "':' and an address are missing at its end"},
	{"cr3:1", "no address space"},
	{"4194305:1", "PID larger"},
	{"99999999999999999999:1", "larger than 64 bits"},
	{"cr3=0x1000", "':' and an address are missing at its end"},
	{"cr3=:1", "no digits"},
	{"cr3=0x:1", "no digits"},
	{"cr3=0x1z:1", "a bad digit"},
	{"cr3=0x1+1:1", "a bad digit"},
	{"p:_text", "a symbol"},
	{"pfn:_text", "a symbol"},
	{"pf:1", "no address space"},
	{"pfns:1", "no address space"},
	{"pfn:0x10000000000000", "beyond 64 bits"},
	{"pfn:", "missing at its end"},
	{"p:1+_text", "a symbol"},
	{"1:2:3", "neither + nor -"},
	{"[m]", "missing at '[m]'"},
	{"1[m]", "a module without a symbol"},
	{"1+f[m][n]", "neither + nor -"},
	{"f[m]+1[n]", "a module without a symbol"},
	{"f[", "no name of a module"},
	{"f[m", "no name of a module"},
	{"f[]", "no name of a module"},
	{"f[m]x", "neither + nor -"},
	{"1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1+1", "too many terms"},
};

START_TEST(bad_addresses)
{
	struct err err = {0};
	struct addr a;

	ck_assert_int_eq(addr_parse(bad[_i].text, &a, &err), ERR_USAGE);
	ck_assert_msg(strstr(err.text, bad[_i].why), "'%s' gave: %s",
		      bad[_i].text, err.text);
}
END_TEST

START_TEST(overlong_symbol)
{
	struct err err = {0};
	char text[600] = "";
	struct addr a;

	memset(text, 'a', 511);
	ck_assert_int_eq(addr_parse(text, &a, &err), 0);
	memset(text, 'a', 512);
	ck_assert_int_eq(addr_parse(text, &a, &err), ERR_USAGE);
	text[1] = '[';
	text[512] = ']';
	ck_assert_int_eq(addr_parse(text, &a, &err), 0);
	memcpy(text + 512, "aa]", 4);
	ck_assert_int_eq(addr_parse(text, &a, &err), ERR_USAGE);
}
END_TEST

START_TEST(values_that_only_a_guest_can_tell)
{
	struct err err = {0};
	uint64_t v = 7;
	struct addr a;

	ck_assert_int_eq(addr_parse("no_such_symbol+1", &a, &err), 0);
	ck_assert_int_eq(addr_value(&a, lookup, NULL, &v, &err), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "'no_such_symbol'"));
	ck_assert_int_eq(addr_value(&a, NULL, NULL, &v, &err), ERR_NOT_FOUND);
	ck_assert_int_eq(addr_parse("init[other]", &a, &err), 0);
	ck_assert_int_eq(addr_value(&a, lookup, NULL, &v, &err), ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(err.text, "no module 'other'"));
	ck_assert_int_eq(addr_parse("_text+_end", &a, &err), 0);
	ck_assert_int_eq(addr_value(&a, lookup, NULL, &v, &err), ERR_USAGE);
	ck_assert_int_eq(addr_parse("_text-_end", &a, &err), 0);
	ck_assert_int_eq(addr_value(&a, lookup, NULL, &v, &err), ERR_USAGE);
	ck_assert_uint_eq(v, 7);
}
END_TEST

START_TEST(sizes)
{
	struct err err = {0};
	uint64_t v = 0;

	ck_assert_int_eq(number_parse_size("4K", "n", 1 << 20, &v, &err), 0);
	ck_assert_uint_eq(v, 4096);
	ck_assert_int_eq(number_parse_size("0x10m", "n", UINT64_MAX, &v, &err),
			 0);
	ck_assert_uint_eq(v, 16 << 20);
	ck_assert_int_eq(number_parse_size("1G", "n", 1ULL << 30, &v, &err), 0);
	ck_assert_int_eq(number_parse_size("2G", "n", 1ULL << 30, &v, &err),
			 ERR_USAGE);
	ck_assert_int_eq(number_parse_size("0x4000000000000000K", "n",
					   UINT64_MAX, &v, &err),
			 ERR_USAGE);
	ck_assert_int_eq(number_parse_size("K", "n", 9, &v, &err), ERR_USAGE);
	ck_assert_int_eq(number_parse_size("1KK", "n", 1 << 20, &v, &err),
			 ERR_USAGE);
	ck_assert_int_eq(number_parse_size("", "n", 9, &v, &err), ERR_USAGE);
}
END_TEST

START_TEST(times)
{
	static const struct {
		const char *text;
		unsigned int ms; /* 0: refused */
	} cases[] = {
		{"1", 1000},
		{"0.5", 500},
		{".25", 250},
		{"2.", 2000},
		{"0.0015", 1},
		{"10.1", 10100},
		{"0", 0},
		{"0.0", 0},
		{"0.0001", 0},
		{"", 0},
		{".", 0},
		{"-1", 0},
		{"1e3", 0},
		{"inf", 0},
		{"nan", 0},
		{"1s", 0},
		{"500ms", 500},
		{"1000000000ms", 1000000000},
		{"1000001000ms", 0},
		{"0ms", 0},
		{"ms", 0},
		{"1.5ms", 0},
		{"5 ms", 0},
		{"5msx", 0},
		{"1000000", 1000000000},
		{"1000001", 0},
		{"99999999999999999999", 0},
	};
	struct err err = {0};
	unsigned int ms;
	size_t i;

	for (i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		ms = 0;
		ck_assert_int_eq(number_parse_ms(cases[i].text, "t", &ms, &err),
				 cases[i].ms ? 0 : ERR_USAGE);
		ck_assert_uint_eq(ms, cases[i].ms);
	}
}
END_TEST

int main(void)
{
	Suite *s = suite_create("cli_addr");
	TCase *t = tcase_create("cli_addr");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_loop_test(t, good_addresses, 0, sizeof(good) / sizeof(*good));
	tcase_add_loop_test(t, bad_addresses, 0, sizeof(bad) / sizeof(*bad));
	tcase_add_test(t, overlong_symbol);
	tcase_add_test(t, values_that_only_a_guest_can_tell);
	tcase_add_test(t, sizes);
	tcase_add_test(t, times);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
