/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is written of a portrait: lists of symbols, BTF. */
#include "export/writers.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static struct portrait p;
static struct err err;
static char *text;
static size_t len;

static void add(uint64_t va, char type, const char *name, uint32_t owner)
{
	const struct portrait_symbol s = {.va = va,
					  .name = p.names.len,
					  .owner = owner,
					  .type = type,
					  .absolute = va < 1 << 20};

	buf_add(&p.names, name, strlen(name) + 1);
	ck_assert_int_eq(vec_push(&p.symbols, s), 0);
}

static void setup(void)
{
	p = (struct portrait){.slide = 0x200000};
	ck_assert_int_eq(vec_push(&p.owners, {.name = "brd"}), 0);
	add(0x18, 'D', "percpu", PORTRAIT_IMAGE);
	add(0xffffffff81200000, 'T', "_text", PORTRAIT_IMAGE);
	add(0xffffffffc0001000, 't', "brd_init", 1);
}

static void teardown(void)
{
	portrait_deinit(&p);
	free(text);
}

static int written(int (*write)(const struct portrait *, FILE *, struct err *))
{
	FILE *out;
	int rc;

	free(text);
	text = NULL;
	out = open_memstream(&text, &len);
	rc = write(&p, out, &err);
	fclose(out);
	return rc;
}

START_TEST(kallsyms)
{
	ck_assert_int_eq(written(export_kallsyms), 0);
	ck_assert_str_eq(text, "0000000000000018 D percpu\n"
			       "ffffffff81200000 T _text\n"
			       "ffffffffc0001000 t brd_init\t[brd]\n");
}
END_TEST

START_TEST(system_map)
{
	ck_assert_int_eq(written(export_system_map), 0);
	ck_assert_str_eq(text, "0000000000000018 D percpu\n"
			       "ffffffff81000000 T _text\n");
}
END_TEST

START_TEST(btf)
{
	uint8_t *blob = malloc(4);

	ck_assert_int_eq(written(export_btf), ERR_NOT_FOUND);
	memcpy(blob, "\x9f\xeb\0x", 4);
	ck_assert_int_eq(vec_push(&p.types, {.btf = blob, .len = 4}), 0);
	ck_assert_int_eq(written(export_btf), 0);
	ck_assert_uint_eq(len, 4);
	ck_assert(!memcmp(text, "\x9f\xeb\0x", 4));
}
END_TEST

START_TEST(nothing_to_write)
{
	p.symbols.n = 0;
	ck_assert_int_eq(written(export_kallsyms), ERR_NOT_FOUND);
	ck_assert_int_eq(written(export_system_map), ERR_NOT_FOUND);
}
END_TEST

/* A disk that is full ends it, and is not taken for an error of theirs. */
START_TEST(a_full_disk)
{
	FILE *full;
	int i;

	for (i = 0; i < 100000; i++)
		add(0xffffffff81200000, 't', "more", PORTRAIT_IMAGE);
	full = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(full);
	ck_assert_int_eq(export_kallsyms(&p, full, &err), 0);
	ck_assert(ferror(full));
	fclose(full);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("export/lists");
	TCase *t = tcase_create("lists");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, kallsyms);
	tcase_add_test(t, system_map);
	tcase_add_test(t, btf);
	tcase_add_test(t, nothing_to_write);
	tcase_add_test(t, a_full_disk);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
