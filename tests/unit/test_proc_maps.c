/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what /proc/PID/maps shows; lines taken from real guests. */
#include "proc/maps.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

/* Print one line. */
static const char *line(struct buf *b, struct map_entry e)
{
	buf_reset(b);
	proc_maps_line(&e, b);
	return b->data;
}

START_TEST(lines_are_as_the_kernel_prints_them)
{
	char sh[] = "/bin/sh", odd[] = "/tmp/a\nb (deleted)",
	     v[] = "[vsyscall]";
	struct buf b = {0};

	/* A short address is padded to 8 digits, offsets too. */
	ck_assert_str_eq(line(&b, (struct map_entry){.start = 0x400000,
						     .end = 0x401000,
						     .offset = 0x1000,
						     .major = 8,
						     .minor = 0x11,
						     .ino = 4711,
						     .perms = "r-xp",
						     .name = sh}),
			 "00400000-00401000 r-xp 00001000 08:11 4711"
			 "                               /bin/sh\n");
	/* No name: the line ends with one space. */
	ck_assert_str_eq(line(&b, (struct map_entry){.start = 0x7ffff7dd0000,
						     .end = 0x7ffff7dd2000,
						     .perms = "rw-p"}),
			 "7ffff7dd0000-7ffff7dd2000 rw-p 00000000 00:00 0 \n");
	/* Newlines, and nothing else, are escaped. */
	ck_assert_str_eq(line(&b, (struct map_entry){.start = 0x7ffff7dd0000,
						     .end = 0x7ffff7dd2000,
						     .perms = "---s",
						     .name = odd}),
			 "7ffff7dd0000-7ffff7dd2000 ---s 00000000 00:00 0 "
			 "                         /tmp/a\\012b (deleted)\n");
	/* Wide addresses leave less room, but never none. */
	ck_assert_str_eq(
		line(&b, (struct map_entry){.start = 0xffffffffff600000,
					    .end = 0xffffffffff601000,
					    .perms = "--xp",
					    .name = v}),
		"ffffffffff600000-ffffffffff601000 --xp 00000000 "
		"00:00 0                  [vsyscall]\n");
	ck_assert_str_eq(
		line(&b, (struct map_entry){.start = 0xffffffffff600000,
					    .end = 0xffffffffff601000,
					    .offset = 0x123456789000,
					    .major = 0xfff,
					    .minor = 0xfffff,
					    .ino = 18446744073709551615u,
					    .perms = "r-xp",
					    .name = sh}),
		"ffffffffff600000-ffffffffff601000 r-xp 123456789000 "
		"fff:fffff 18446744073709551615  /bin/sh\n");
	buf_deinit(&b);
}
END_TEST

/* Two processes, of which the first has two lines. */
static struct map_entry lines_of_7[] = {
	{.start = 0x1000, .end = 0x3000, .perms = "r--s", .ino = 9},
	{.start = 0x5000, .end = 0x6000, .perms = "rw-p", .maker = 0x2000}};
static struct map_entry lines_of_8[] = {{.start = 0x1000,
					 .end = 0x2000,
					 .offset = 0x4000,
					 .major = 8,
					 .minor = 1,
					 .perms = "r-xp",
					 .name = "/a\nb"},
					{.perms = "---p", .maker = 0x1000},
					{.perms = "---p", .maker = 0x2000}};
static struct map_entry *lines[] = {lines_of_7, lines_of_8};
static struct maps maps = {.v = lines};
static const struct task tasks[] = {{.pid = 7, .comm = "one"},
				    {.pid = 8, .comm = "two"}};
static struct proc_part parts[] = {{.records = 2}, {.records = 3}};
static const struct proc_values values = {.file = &proc_pid_maps,
					  .tasks = tasks,
					  .parts = parts,
					  .n = 2,
					  .own = &maps};

/* The cell of the column with that key, in the last row. */
static const struct row_cell *cell(const struct rows *r, const char *key)
{
	size_t i = 0;

	while (strcmp(r->top.columns[i].key, key) != 0)
		ck_assert_uint_lt(++i, r->top.n_columns);
	return row_cell(&r->top, row_count(&r->top) - 1, i);
}

static void bytes_are(const struct rows *r, const char *key, const char *want)
{
	const struct row_cell *c = cell(r, key);

	ck_assert(c->set);
	ck_assert_uint_eq(c->len, strlen(want));
	ck_assert(!memcmp(row_cell_bytes(&r->top, c), want, c->len));
}

START_TEST(a_record_is_a_row)
{
	struct rows r;
	struct buf b = {0};

	rows_init(&r);
	rows_begin(&r, proc_pid_maps.columns, proc_pid_maps.n_columns);
	proc_pid_maps.rows(&values, 0, 1, &r.top);
	ck_assert_uint_eq(row_count(&r.top), 1);
	ck_assert_uint_eq(cell(&r, "pid")->number, 7);
	bytes_are(&r, "comm", "one");
	ck_assert_uint_eq(cell(&r, "start")->number, 0x5000);
	ck_assert(!cell(&r, "path")->set);
	proc_pid_maps.rows(&values, 1, 0, &r.top);
	ck_assert_uint_eq(row_count(&r.top), 2);
	ck_assert_uint_eq(cell(&r, "pid")->number, 8);
	ck_assert_uint_eq(cell(&r, "end")->number, 0x2000);
	bytes_are(&r, "perms", "r-xp");
	ck_assert_uint_eq(cell(&r, "offset")->number, 0x4000);
	ck_assert_uint_eq(cell(&r, "major")->number, 8);
	ck_assert_uint_eq(cell(&r, "minor")->number, 1);
	ck_assert_uint_eq(cell(&r, "inode")->number, 0);
	bytes_are(&r, "path", "/a\nb"); /* escaped as text alone */
	rows_deinit(&r);
	proc_text(&values, 0, 0, &b);
	ck_assert_str_eq(b.data, "00001000-00003000 r--s 00000000 00:00 9 \n");
	buf_deinit(&b);
}
END_TEST

START_TEST(a_maker_of_names_is_told_once)
{
	static const char want[] =
		"2 rows without their name: vfs_read makes it, which qvmi does "
		"not know\0"
		"1 row without its name: 0x1000 makes it, which qvmi does not "
		"know";
	struct fake_kernel f;
	struct buf b = {0};

	fake_kernel_init(&f);
	fake_symbol("vfs_read", 0x2000);
	proc_pid_maps.notes(&values, f.kernel.profile, &b);
	ck_assert_uint_eq(b.len, sizeof(want));
	ck_assert(!memcmp(b.data, want, sizeof(want)));
	buf_deinit(&b);
	fake_kernel_deinit(&f);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("proc_maps");
	TCase *t = tcase_create("proc_maps");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, lines_are_as_the_kernel_prints_them);
	tcase_add_test(t, a_record_is_a_row);
	tcase_add_test(t, a_maker_of_names_is_told_once);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
