/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of files that a user names: they change, and are larger than any. */
#include "profile/file.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "kernel/readers.h"
#include "profile/limits.h"
#include "profile/store.h"
#include "unit/kernel_kit.h"

#define HUGE (200ull << 30)

static char dir[64], path[80];
static struct kit_kernel kernel;
static struct parts parts;
static struct err err;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-file-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	kit_kernel_init(&kernel, &(struct kit_kernel_opts){.layout = KIT_6_4});
	parts = (struct parts){.readers = &kernel_readers};
	err = (struct err){0};
}

static void teardown(void)
{
	char command[100];

	parts_deinit(&parts);
	kit_kernel_deinit(&kernel);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void write_file(const void *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_eq(write(fd, bytes, len), (ssize_t)len);
	close(fd);
}

static void write_elf(void)
{
	struct buf b = {0};

	kit_kernel_elf(&kernel, KIT_ELF_SYMTAB | KIT_ELF_SECTIONS, &b);
	write_file(b.data, b.len);
	buf_deinit(&b);
}

static void write_stripped(void)
{
	struct buf b = {0};

	kit_kernel_elf(&kernel, 0, &b);
	write_file(b.data, b.len);
	buf_deinit(&b);
}

static void write_map(void)
{
	struct buf b = {0};

	kit_kernel_map(&kernel, &b);
	write_file(b.data, b.len);
	buf_deinit(&b);
}

static void write_saved(void)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	write_elf();
	ck_assert_int_eq(file_load(path, &parts, &err), 0);
	ck_assert_int_eq(store_write(&parts, fd, "file", &err), 0);
	parts_deinit(&parts);
	close(fd);
}

static void write_vmlinuz(void)
{
	struct buf elf = {0}, packed = {0}, image = {0};

	kit_kernel_elf(&kernel, KIT_ELF_SYMTAB | KIT_ELF_SECTIONS, &elf);
	kit_lz4_legacy(elf.data, elf.len, &packed);
	kit_put(&packed, elf.len, 4);
	kit_bzimage(packed.data, packed.len, &image);
	write_file(image.data, image.len);
	buf_deinit(&elf);
	buf_deinit(&packed);
	buf_deinit(&image);
}

static const struct {
	void (*write)(void);
	bool types;
	int huge; /* what becomes of it with 200 GB */
} kinds[] = {
	{write_elf, true, 0},
	{write_stripped, true, 0},
	{write_map, false, ERR_REFUSED},
	{write_saved, true, ERR_REFUSED},
	{write_vmlinuz, true, ERR_REFUSED},
};

#define KINDS (int)(sizeof(kinds) / sizeof(*kinds))

static void check_parts(bool types)
{
	uint64_t offset, sum = 0;
	size_t i;

	ck_assert(parts_symbol(&parts, "kernel_function_700", &offset));
	ck_assert_uint_eq(offset,
			  kit_kernel_symbol(&kernel, "kernel_function_700") -
				  kernel.img.text);
	ck_assert_int_eq(parts.btf_len != 0, types);
	for (i = 0; i < parts.btf_len; i++)
		sum += parts.btf[i];
	ck_assert_int_eq(sum != 0, types);
}

/* Once it is loaded, nobody who can write to it has a say any more. */
START_TEST(a_file_that_changes_afterwards)
{
	struct stat st;
	char *zeros;

	kinds[_i].write();
	ck_assert_int_eq(stat(path, &st), 0);
	zeros = calloc(1, (size_t)st.st_size);
	ck_assert_msg(!file_load(path, &parts, &err), "%s", err.text);
	check_parts(kinds[_i].types);
	write_file(zeros, (size_t)st.st_size);
	check_parts(kinds[_i].types);
	ck_assert_int_eq(truncate(path, 0), 0);
	check_parts(kinds[_i].types);
	free(zeros);
}
END_TEST

/* With a file's length, any size of memory or time could be had. */
START_TEST(a_file_of_200_gb)
{
	struct rusage before, after;
	struct rlimit limit = {8ull << 30, 8ull << 30};

	kinds[_i].write();
	if (truncate(path, HUGE))
		return; /* a file system without holes */
#ifndef __SANITIZE_ADDRESS__
	ck_assert_int_eq(setrlimit(RLIMIT_AS, &limit), 0);
#endif
	getrusage(RUSAGE_SELF, &before);
	ck_assert_int_eq(file_load(path, &parts, &err), kinds[_i].huge);
	getrusage(RUSAGE_SELF, &after);
	ck_assert_int_lt(after.ru_maxrss - before.ru_maxrss, 100000);
	if (kinds[_i].huge)
		ck_assert_ptr_nonnull(strstr(err.text, "204800 MiB"));
	else
		check_parts(true);
	(void)limit;
}
END_TEST

/* What a vmlinux says of itself may be anything, too: at 0x40 its first program
 * header, with the length in the file at 0x60. */
START_TEST(a_vmlinux_that_asks_for_much)
{
	const uint64_t much = LIMIT_ELF + 1ull;
	int fd;

	write_elf();
	if (truncate(path, HUGE))
		return;
	fd = open(path, O_RDWR | O_CLOEXEC);
	ck_assert_int_eq(pwrite(fd, &much, 8, 0x60), 8);
	close(fd);
	ck_assert_int_eq(file_load(path, &parts, &err), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "more than 1024 MiB"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("file");
	TCase *t = tcase_create("file");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, a_file_that_changes_afterwards, 0, KINDS);
	tcase_add_loop_test(t, a_file_of_200_gb, 0, KINDS);
	tcase_add_test(t, a_vmlinux_that_asks_for_much);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
