/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the text of /proc/PID/maps; lines taken from real guests. */
#include "proc/maps.h"

#include <check.h>
#include <stdlib.h>

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

int main(void)
{
	Suite *s = suite_create("proc_maps");
	TCase *t = tcase_create("proc_maps");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_test(t, lines_are_as_the_kernel_prints_them);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
