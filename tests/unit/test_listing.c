/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of all of a profile: its symbols in order, its types. */
#include "profile/listing.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "kernel/readers.h"
#include "unit/kernel_kit.h"

#define SLIDE 0x12600000

static char dir[64], path[100];
static struct kit_kernel kernel;
static struct profile *profile;
static struct err err;

static void setup(void)
{
	snprintf(dir, sizeof(dir), "/tmp/qvmi-test-listing-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(path, sizeof(path), "%s/file", dir);
	setenv("XDG_CACHE_HOME", dir, 1);
	profile = NULL;
}

static void teardown(void)
{
	char command[120];

	profile_destroy(profile);
	kit_kernel_deinit(&kernel);
	snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

static void boot(enum kit_layout layout)
{
	kit_kernel_init(&kernel, &(struct kit_kernel_opts){.layout = layout,
							   .slide = SLIDE});
}

static void open_from(const char *file, enum profile_source source)
{
	const struct profile_opts opts = {.file = file};
	int rc;

	profile_destroy(profile);
	profile = NULL;
	machine_drop_cache(kernel.img.machine);
	rc = profile_create(&opts, &kernel_readers, &profile, &err);
	if (!rc)
		rc = profile_open(profile, &kernel.img, &err);
	ck_assert_msg(!rc, "%s", err.text);
	ck_assert_int_eq(profile_source(profile), source);
	profile_keep(profile);
}

/* The symbols of the kernel's own table, one by one; in an ELF file or a map
 * the same ones. */
static void check_listing(void)
{
	struct profile_listing at = {0};
	struct profile_listed l;
	size_t i;

	for (i = 0; i < kernel.n_syms; i++) {
		const struct kit_symbol *s = &kernel.syms[i];

		ck_assert(profile_list(profile, &at, &l));
		ck_assert_uint_eq(l.va, s->address);
		ck_assert_str_eq(l.name, s->name);
		ck_assert_msg(l.type == s->type, "%s: %c, not %c", s->name,
			      l.type, s->type);
		ck_assert_int_eq(l.absolute, s->type == 'A');
	}
	ck_assert(!profile_list(profile, &at, &l));
	ck_assert(!profile_list(profile, &at, &l));
}

static void check_btf(void)
{
	const uint8_t *btf;
	size_t len;

	ck_assert_int_eq(profile_btf(profile, &btf, &len, &err), 0);
	ck_assert_uint_eq(len, kernel.btf_len);
	ck_assert(!memcmp(btf, kernel.image + kernel.btf_at, len));
}

static void write_file(const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	ck_assert_int_eq(write(fd, b->data, b->len), (int)b->len);
	close(fd);
}

/* From the guest; from the cache, which has all of it; from a saved profile. */
START_TEST(of_every_layout)
{
	boot((enum kit_layout)_i);
	open_from(NULL, PROFILE_GUEST);
	check_listing();
	check_btf();
	open_from(NULL, PROFILE_CACHE);
	kernel.machine.calls = 0;
	check_listing();
	check_btf();
	ck_assert_uint_eq(kernel.machine.calls, 0);
	ck_assert_int_eq(profile_save(profile, AT_FDCWD, path, &err), 0);
	open_from(path, PROFILE_FILE);
	check_listing();
	check_btf();
}
END_TEST

/* A vmlinux, one without symbols, a System.map. */
START_TEST(from_files)
{
	_cleanup_(buf_deinit) struct buf file = {0};
	struct kit_kernel built;

	kit_kernel_init(&built, &(struct kit_kernel_opts){
					.layout = (enum kit_layout)(_i / 3)});
	if (_i % 3 == 2)
		kit_kernel_map(&built, &file);
	else
		kit_kernel_elf(&built,
			       _i % 3 ? KIT_ELF_SECTIONS
				      : KIT_ELF_SECTIONS | KIT_ELF_SYMTAB,
			       &file);
	kit_kernel_deinit(&built);
	write_file(&file);
	boot((enum kit_layout)(_i / 3));
	open_from(path, PROFILE_FILE);
	check_listing();
	check_btf();
}
END_TEST

/* What is only passed on is checked before. */
START_TEST(damaged_types)
{
	const uint8_t *btf;
	size_t len;
	off_t end;
	int fd;

	boot(KIT_6_4);
	open_from(NULL, PROFILE_GUEST);
	ck_assert_int_eq(profile_save(profile, AT_FDCWD, path, &err), 0);
	fd = open(path, O_WRONLY);
	end = lseek(fd, 0, SEEK_END);
	ck_assert_int_eq(pwrite(fd, "!", 1, end - 9), 1);
	close(fd);
	open_from(path, PROFILE_FILE);
	ck_assert_int_eq(profile_btf(profile, &btf, &len, &err), ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err.text, "damaged"));
}
END_TEST

int main(void)
{
	Suite *s = suite_create("profile/listing");
	TCase *t = tcase_create("listing");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_set_timeout(t, 60);
	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, of_every_layout, 0, KIT_LAYOUTS);
	tcase_add_loop_test(t, from_files, 0, KIT_LAYOUTS * 3);
	tcase_add_test(t, damaged_types);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed != 0;
}
