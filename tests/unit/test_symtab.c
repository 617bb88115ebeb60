/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the symbol table: lookups, order, hostile blobs. */
#include "symbols/symtab.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "symbols/names.h"

static struct symtab_builder b;
static struct symtab s;
static void *blob;
static size_t len;

static void setup(void)
{
	b = (struct symtab_builder){0};
	blob = NULL;
}

static void teardown(void)
{
	symtab_builder_deinit(&b);
	free(blob);
}

static void add(const char *name, uint64_t value, bool absolute)
{
	const struct symtab_symbol sym = {.value = value, .absolute = absolute};

	ck_assert_int_eq(symtab_add(&b, &sym, name, strlen(name)), 0);
}

static void finish(void)
{
	ck_assert_int_eq(symtab_finish(&b, &blob, &len, NULL), 0);
	ck_assert_int_eq(symtab_view(&s, blob, len, NULL), 0);
}

static void expect(const char *name, uint64_t value, bool absolute)
{
	struct symtab_symbol sym;

	ck_assert_msg(symtab_find(&s, name, &sym), "%s", name);
	ck_assert_uint_eq(sym.value, value);
	ck_assert_int_eq(sym.absolute, absolute);
}

START_TEST(names_and_their_suffixes)
{
	struct symtab_symbol sym;

	add("b.llvm.123", 50, false);
	add("a", 30, false);
	add("b.isra.0", 20, false);
	add("a.cold", 10, false);
	add("c.constprop.0", 60, false);
	add("percpu", 0x1fbc0, true);
	add(".hidden", 70, false);
	finish();
	expect("a", 30, false); /* rather than a.cold before it */
	expect("b", 20, false); /* the lowest */
	expect("b.llvm", 50, false);
	expect("b.llvm.123", 50, false);
	expect("c", 60, false);
	expect("percpu", 0x1fbc0, true);
	expect(".hidden", 70, false);
	ck_assert(!symtab_find(&s, "d", &sym));
	ck_assert(!symtab_find(&s, "per", &sym));
	ck_assert(!symtab_find(&s, "b.l", &sym));
	ck_assert(!symtab_find(&s, "", &sym));
}
END_TEST

START_TEST(the_order_of_addresses)
{
	add("z", 40, false);
	add("first", 10, false);
	add("second", 10, false);
	add("abs", 5, true);
	add("abs0", 0, true);
	finish();
	ck_assert_uint_eq(s.n_absolute, 2);
	ck_assert_str_eq(symtab_name(&s, 0), "abs0");
	ck_assert_str_eq(symtab_name(&s, 2), "first");
	ck_assert_str_eq(symtab_name(&s, 3), "second");
	ck_assert_uint_eq(symtab_above(&s, 9, false), 2);
	ck_assert_uint_eq(symtab_above(&s, 10, false), 4);
	ck_assert_uint_eq(symtab_above(&s, 40, false), 5);
	ck_assert_uint_eq(symtab_above(&s, 4, true), 1);
	ck_assert_uint_eq(symtab_above(&s, 5, true), 2);
	expect("second", 10, false);
}
END_TEST

START_TEST(names_to_show)
{
	add("_text", 0, false);
	add("_stext", 0, false);
	add("real", 0, false);
	add("local.1", 0, false);
	add("__start_x", 16, false);
	add("__pi_x", 16, false);
	finish();
	ck_assert_str_eq(symtab_name(&s, names_best(&s, 3)), "real");
	ck_assert_str_eq(symtab_name(&s, names_best(&s, 5)), "__start_x");
	ck_assert_uint_eq(names_find(&s, 5, "_stext"), 1);
	ck_assert_uint_eq(names_find(&s, 5, "none"), 5);
}
END_TEST

START_TEST(classes_of_addresses)
{
	const uint64_t text = 0xffffffff9a200000;
	struct symtab_symbol sym = symtab_classify(text + 0x1000, text);

	ck_assert(!sym.absolute);
	ck_assert_uint_eq(sym.value, 0x1000);
	ck_assert(symtab_classify(0x1fbc0, text).absolute);
	ck_assert(symtab_classify(text - 1, text).absolute);
	ck_assert(symtab_classify(0xffffffffff5ff000, text).absolute);
}
END_TEST

START_TEST(letters)
{
	static const char given[] = {'T', 'z', 0, '?', '1', '\x80', '\xd4'};
	struct symtab_symbol sym = {0};
	char name[2] = "a";
	size_t i;

	for (i = 0; i < sizeof(given); i++, name[0]++, sym.value++) {
		sym.type = given[i];
		ck_assert_int_eq(symtab_add(&b, &sym, name, 1), 0);
	}
	finish();
	for (i = 0; i < sizeof(given); i++) {
		sym = symtab_at(&s, (uint32_t)i);
		ck_assert_int_eq(sym.type, i < 2 ? given[i] : SYMTAB_NO_TYPE);
		ck_assert_uint_eq(sym.value, i);
		ck_assert_int_eq(symtab_name(&s, (uint32_t)i)[0], 'a' + (int)i);
	}
}
END_TEST

START_TEST(limits)
{
	char name[SYMTAB_MAX_NAME + 2];
	const struct symtab_symbol sym = {0};

	memset(name, 'x', sizeof(name));
	ck_assert_int_eq(symtab_add(&b, &sym, name, SYMTAB_MAX_NAME), 0);
	ck_assert_int_eq(symtab_add(&b, &sym, name, SYMTAB_MAX_NAME + 1),
			 ERR_CORRUPT);
	symtab_builder_deinit(&b);
	ck_assert_int_eq(symtab_finish(&b, &blob, &len, NULL), ERR_NOT_FOUND);
}
END_TEST

/* A few bytes of kallsyms may stand for any number of letters. */
START_TEST(names_have_a_limit_in_all)
{
	char name[SYMTAB_MAX_NAME];
	const struct symtab_symbol sym = {0};
	int rc = 0;

	memset(name, 'x', sizeof(name));
	while (!rc)
		rc = symtab_add(&b, &sym, name, sizeof(name));
	ck_assert_int_eq(rc, ERR_CORRUPT);
	ck_assert_uint_le(b.names.n, SYMTAB_MAX_NAMES);
	ck_assert_uint_gt(b.names.n, SYMTAB_MAX_NAMES / 2);
	finish();
	ck_assert_uint_eq(strlen(symtab_name(&s, s.n - 1)), sizeof(name));
}
END_TEST

/* One address with names without end: only so many are looked at. */
START_TEST(aliases_have_a_limit)
{
	char name[32];
	int i;

	add("real", 0, false);
	for (i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "__pfx_%d", i);
		add(name, 0, false);
	}
	finish();
	ck_assert_str_ne(symtab_name(&s, names_best(&s, 1000)), "real");
	ck_assert_str_eq(symtab_name(&s, names_best(&s, 100)), "real");
}
END_TEST

/* Every byte changed, every length: no lookup leaves the blob. */
START_TEST(hostile_blobs)
{
	struct symtab_symbol sym;
	char name[16], *copy;
	size_t i, n;

	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "s%zu.%zu", i % 7, i);
		add(name, i * 8, i % 5 == 0);
	}
	finish();
	for (i = 0; i < len * 2; i++) {
		n = i < len ? i : len;
		copy = malloc(n + !n);
		memcpy(copy, blob, n);
		if (i >= len)
			copy[i - len] ^= (char)(i % 3 ? 0xff : 1 << i % 8);
		if (!symtab_view(&s, copy, n, NULL)) {
			symtab_find(&s, "s3", &sym);
			symtab_find(&s, "nothing", &sym);
			symtab_name(&s, symtab_above(&s, 77, i % 2));
			symtab_name(&s, 1000);
			if (s.n)
				symtab_at(&s, s.n - 1);
		}
		free(copy);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("symtab");
	TCase *t = tcase_create("symtab");
	SRunner *r = srunner_create(suite);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, names_and_their_suffixes);
	tcase_add_test(t, the_order_of_addresses);
	tcase_add_test(t, names_to_show);
	tcase_add_test(t, classes_of_addresses);
	tcase_add_test(t, letters);
	tcase_add_test(t, limits);
	tcase_add_test(t, names_have_a_limit_in_all);
	tcase_add_test(t, aliases_have_a_limit);
	tcase_add_test(t, hostile_blobs);
	suite_add_tcase(suite, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
