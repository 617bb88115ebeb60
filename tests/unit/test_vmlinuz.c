/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of unpacking kernel images of every compression. */
#include "profile/vmlinuz.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/cleanup.h"
#include "unit/kernel_kit.h"

#define SIZE (300u << 10)

static uint8_t kernel[SIZE];
static struct buf payload, image;

static void setup(void)
{
	size_t i;

	for (i = 0; i < SIZE; i++)
		kernel[i] = (uint8_t)(i * i >> 9 ^ i);
	memcpy(kernel, "\177ELF", 4);
	payload = image = (struct buf){0};
}

static void teardown(void)
{
	buf_deinit(&payload);
	buf_deinit(&image);
}

static la_ssize_t take(struct archive *a, void *ctx, const void *bytes,
		       size_t n)
{
	(void)a;
	buf_add(ctx, bytes, n);
	return (la_ssize_t)n;
}

static void compress_by(int (*filter)(struct archive *), const void *bytes,
			size_t n, struct buf *to)
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	ck_assert_int_eq(filter(a), ARCHIVE_OK);
	archive_write_set_format_raw(a);
	archive_write_set_bytes_in_last_block(a, 1);
	ck_assert_int_eq(archive_write_open(a, to, NULL, take, NULL), 0);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	ck_assert_int_eq(archive_write_data(a, bytes, n), (la_ssize_t)n);
	archive_write_close(a);
	archive_entry_free(e);
	archive_write_free(a);
}

static const struct {
	const char *name;
	int (*filter)(struct archive *);
} formats[] = {
	{"gzip", archive_write_add_filter_gzip},
	{"xz", archive_write_add_filter_xz},
	{"lzma", archive_write_add_filter_lzma},
	{"bzip2", archive_write_add_filter_bzip2},
	{"zstd", archive_write_add_filter_zstd},
	{"lz4 legacy", NULL},
};

#define FORMATS (int)(sizeof(formats) / sizeof(formats[0]))

static void build(int format)
{
	if (formats[format].filter)
		compress_by(formats[format].filter, kernel, SIZE, &payload);
	else
		kit_lz4_legacy(kernel, SIZE, &payload);
	if (format) /* the kernel build's size_append; gzip ends in it */
		kit_put(&payload, SIZE, 4);
	kit_bzimage(payload.data, payload.len, &image);
}

START_TEST(every_compression)
{
	_cleanup_free_ void *elf = NULL;
	struct err err = {0};
	size_t len;
	int rc;

	build(_i);
	ck_assert(vmlinuz_is(image.data, image.len));
	rc = vmlinuz_unpack(image.data, image.len, &elf, &len, &err);
	ck_assert_msg(!rc, "%s: %s", formats[_i].name, err.text);
	ck_assert_uint_eq(len, SIZE);
	ck_assert_mem_eq(elf, kernel, SIZE);
}
END_TEST

START_TEST(cut_images_are_refused)
{
	size_t len, cut;
	void *elf;

	build(_i);
	for (cut = 0; cut < 40; cut++) {
		len = image.len * cut / 40;
		if (vmlinuz_is(image.data, len))
			ck_assert_int_eq(vmlinuz_unpack(image.data, len, &elf,
							&len, NULL),
					 ERR_CORRUPT);
	}
}
END_TEST

START_TEST(nonsense_is_refused)
{
	struct err err;
	void *elf;
	size_t len;

	memset(kernel, 0x55, SIZE); /* no compression known */
	buf_add(&payload, kernel, 100000);
	kit_put(&payload, SIZE, 4);
	kit_bzimage(payload.data, payload.len, &image);
	ck_assert_int_eq(
		vmlinuz_unpack(image.data, image.len, &elf, &len, &err),
		ERR_CORRUPT);
	ck_assert_ptr_nonnull(strstr(err.text, "55 55 55 55"));
	memset(image.data + image.len - 4, 0xff, 4); /* unpacks to 4 GiB */
	ck_assert_int_eq(
		vmlinuz_unpack(image.data, image.len, &elf, &len, &err),
		ERR_CORRUPT);
	ck_assert(!vmlinuz_is(image.data, 0x24f));
}
END_TEST

/* A packing in a packing, as bombs are made. */
START_TEST(packed_twice)
{
	struct buf inner = {0};
	struct err err;
	void *elf;
	size_t len;

	if (!formats[_i].filter)
		return;
	compress_by(formats[_i].filter, kernel, SIZE, &inner);
	compress_by(formats[_i].filter, inner.data, inner.len, &payload);
	kit_put(&payload, SIZE, 4);
	kit_bzimage(payload.data, payload.len, &image);
	ck_assert_int_eq(
		vmlinuz_unpack(image.data, image.len, &elf, &len, &err),
		ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "more than once"));
	buf_deinit(&inner);
}
END_TEST

/* libarchive would unpack this by a program: the first of that name in PATH. */
START_TEST(no_program_is_run)
{
	static const char magic[] =
		"\x89LZO\0\r\n\x1a\n\x10\x30\x20\xa0\x09\x40";
	char dir[] = "/tmp/qvmi-test-vmlinuz-XXXXXX", command[200];
	struct archive *a = archive_read_new();
	struct err err;
	void *elf;
	size_t len;

	ck_assert_ptr_nonnull(mkdtemp(dir));
	snprintf(command, sizeof(command),
		 "printf '#!/bin/sh\\ntouch %s/ran\\n' >%s/lzop && "
		 "chmod +x %s/lzop",
		 dir, dir, dir);
	ck_assert_int_eq(system(command), 0);
	setenv("PATH", dir, 1);
	buf_add(&payload, magic, sizeof(magic));
	buf_add(&payload, kernel, 100000);
	kit_put(&payload, SIZE, 4);
	kit_bzimage(payload.data, payload.len, &image);
	ck_assert_int_lt(
		vmlinuz_unpack(image.data, image.len, &elf, &len, &err), 0);
	if (archive_read_support_filter_lzop(a) != ARCHIVE_OK)
		ck_assert_ptr_nonnull(strstr(err.text, "packed by lzop"));
	archive_read_free(a);
	setenv("PATH", "/bin:/usr/bin", 1);
	snprintf(command, sizeof(command),
		 "test ! -e %s/ran; r=$?; rm -rf %s; "
		 "exit $r",
		 dir, dir);
	ck_assert_int_eq(system(command), 0);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("vmlinuz");
	TCase *t = tcase_create("vmlinuz");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_loop_test(t, every_compression, 0, FORMATS);
	tcase_add_loop_test(t, cut_images_are_refused, 0, FORMATS);
	tcase_add_test(t, nonsense_is_refused);
	tcase_add_loop_test(t, packed_twice, 0, FORMATS);
	tcase_add_test(t, no_program_is_run);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
