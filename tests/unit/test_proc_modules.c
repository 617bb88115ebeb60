/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of /proc/modules, on memory written by hand. */
#include "proc/proc.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/module_kit.h"

#define SOURCES 0x1c0
#define REFCNT	0x1d0
#define TAINTED 0x1d8
#define INIT	0x1e0
#define EXIT	0x1e8
#define USE(n)	OBJECT(5 + (n)) /* a module_use */

static struct fake_kernel f;
static struct proc_values values;
static struct buf text;

/* "third" uses "first", and so does "second", which cannot be unloaded. */
static void setup(void)
{
	unsigned int n;

	kit_modules_init(&f);
	fake_field("module.refcnt", REFCNT, 4);
	fake_field("module.taints", TAINTED, 8);
	fake_field("module.init", INIT, 8);
	fake_field("module.exit", EXIT, 8);
	fake_field("module.source_list", SOURCES, 16);
	fake_field("module_use.source_list", 0, 16);
	fake_field("module_use.source", 32, 8);
	for (n = 0; n < MODULES_N; n++) {
		fake_put32(&f, MODULE(n) + REFCNT, 1);
		fake_put64(&f, MODULE(n) + EXIT, TEXT(n));
		kit_ring(&f, MODULE(n) + SOURCES, NULL, 0);
	}
	fake_put32(&f, MODULE(0) + REFCNT, 4);
	kit_ring(&f, MODULE(0) + SOURCES, (uint64_t[]){USE(0), USE(1)}, 2);
	fake_put64(&f, USE(0) + 32, MODULE(2));
	fake_put64(&f, USE(1) + 32, MODULE(1));
	fake_put64(&f, MODULE(1) + INIT, TEXT(1));
	fake_put64(&f, MODULE(1) + EXIT, 0);
}

static void teardown(void)
{
	buf_deinit(&text);
	proc_values_deinit(&values);
	fake_kernel_deinit(&f);
}

static const char *modules(void)
{
	size_t record;

	ck_assert_int_eq(
		proc_read(&proc_modules, &f.kernel, NULL, 1, &values, NULL), 0);
	for (record = 0; record < values.parts->records; record++)
		proc_text(&values, 0, record, &text);
	return text.data ? text.data : "";
}

START_TEST(lines)
{
	fake_put64(&f, MODULE(2) + TAINTED, 1 << 12 | 1 << 13);
	fake_put32(&f, MODULE(2), 2);
	fake_put32(&f, MODULE(2) + REFCNT, 0);
	ck_assert_str_eq(
		modules(),
		"first 16384 3 third,second, Live 0xffffffff80010000\n"
		"second 16384 0 [permanent], Live 0xffffffff80014000\n"
		"third 16384 -1 - Unloading 0xffffffff80018000 (OE-)\n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

START_TEST(on_its_way_in)
{
	fake_put64(&f, MODULE(0) + TAINTED, 1 << 9); /* no letter of modules */
	fake_put32(&f, MODULE(0), 1);
	fake_put32(&f, MODULE(1), 3); /* not formed */
	fake_no_field("module.refcnt");
	fake_no_field("module.source_list");
	ck_assert_str_eq(modules(),
			 "first 16384 - - Loading 0xffffffff80010000 (+)\n"
			 "third 16384 - - Live 0xffffffff80018000\n");
}
END_TEST

/* What is in /sys/module: "NAME: TEXT", with an arrow in links. */
static const char *sysfs(void)
{
	const struct proc_file *file = &proc_sysfs_module;
	size_t record;

	ck_assert_int_eq(proc_read(file, &f.kernel, NULL, 1, &values, NULL), 0);
	for (record = 0; record < values.parts->records; record++) {
		bool link = proc_is_link(&values, 0, record);

		file->entry(&values, 0, record, &text);
		buf_puts(&text, link ? "-> " : ": ");
		proc_text(&values, 0, record, &text);
		if (text.data[text.len - 1] != '\n')
			buf_puts(&text, "\n");
	}
	return text.data ? text.data : "";
}

START_TEST(directories_of_each)
{
	fake_put64(&f, MODULE(2) + TAINTED, 1 << 12 | 1 << 13);
	fake_put32(&f, MODULE(1), 1);
	ck_assert_str_eq(sysfs(), "first/coresize: 16384\n"
				  "first/initsize: 0\n"
				  "first/initstate: live\n"
				  "first/taint: \n"
				  "first/refcnt: 3\n"
				  "first/holders/third-> ../../third\n"
				  "first/holders/second-> ../../second\n"
				  "second/initstate: coming\n"
				  "second/taint: \n"
				  "second/refcnt: 0\n"
				  "second/holders/: \n"
				  "third/coresize: 16384\n"
				  "third/initsize: 0\n"
				  "third/initstate: live\n"
				  "third/taint: OE\n"
				  "third/refcnt: 0\n"
				  "third/holders/: \n");
	ck_assert_uint_eq(values.parts->why.len, 0);
}
END_TEST

static const struct row_cell *cell(struct rows *r, size_t row, const char *key)
{
	size_t c;

	for (c = 0; c < proc_modules.n_columns; c++)
		if (proc_modules.columns[c].key &&
		    !strcmp(proc_modules.columns[c].key, key))
			return row_cell(&r->top, row, c);
	abort();
}

START_TEST(rows_have_the_same)
{
	struct rows r;
	size_t record;

	modules();
	rows_init(&r);
	rows_begin(&r, proc_modules.columns, proc_modules.n_columns);
	for (record = 0; record < values.parts->records; record++)
		proc_modules.rows(&values, 0, record, &r.top);
	ck_assert_uint_eq(row_count(&r.top), 3);
	ck_assert_uint_eq(cell(&r, 0, "uses")->number, 3);
	ck_assert_uint_eq(cell(&r, 0, "size")->number, 16384);
	ck_assert_uint_eq(row_count(cell(&r, 0, "users")->table), 2);
	ck_assert_uint_eq(row_count(cell(&r, 2, "users")->table), 0);
	ck_assert(cell(&r, 1, "permanent")->number);
	ck_assert(!cell(&r, 0, "permanent")->number);
	ck_assert(!cell(&r, 0, "taints")->set);
	rows_deinit(&r);
}
END_TEST

/* What cannot be read is said, and what can is there. */
static const struct {
	uint64_t at, value;
	const char *words;
	const char *first; /* of its line */
} damages[] = {
	{USE(0) + 8, 0x1234, "users of module first is damaged",
	 "first 16384 3 "},
	{USE(0) + 32, 0x1234, "a user of module first cannot be read",
	 "first 16384 3 second, Live "},
	{MODULE(0) + SOURCES, USE(0) + 0x10000000000,
	 "users of module first is damaged", "first 16384 3 "},
	{MODULE(1) + LINKS, 0x1234, "the list of modules is damaged",
	 "first 16384 3 third,second, Live "},
};

START_TEST(damage)
{
	const char *said;

	fake_put64(&f, damages[_i].at, damages[_i].value);
	said = modules();
	ck_assert_msg(
		!strncmp(said, damages[_i].first, strlen(damages[_i].first)),
		"%s", said);
	ck_assert(values.parts->torn);
	ck_assert_msg(strstr(values.parts->why.data, damages[_i].words), "%s",
		      values.parts->why.data);
}
END_TEST

START_TEST(a_kernel_that_is_not_known)
{
	struct err err = {0};

	fake_no_field("module.mem");
	ck_assert_int_eq(
		proc_read(&proc_modules, &f.kernel, NULL, 1, &values, &err),
		ERR_NO_LINUX);
	proc_values_deinit(&values);
	fake_field("module.mem", 0x100, 64);
	fake_lose(READER_MODULE_STATUS);
	ck_assert_int_eq(
		proc_read(&proc_modules, &f.kernel, NULL, 1, &values, &err),
		ERR_NO_LINUX);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_modules");
	TCase *t = tcase_create("proc_modules");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, lines);
	tcase_add_test(t, on_its_way_in);
	tcase_add_test(t, directories_of_each);
	tcase_add_test(t, rows_have_the_same);
	tcase_add_loop_test(t, damage, 0, sizeof(damages) / sizeof(*damages));
	tcase_add_test(t, a_kernel_that_is_not_known);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
