/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of unpacking kernel images of every compression. */
#include "profile/vmlinuz.h"

#include <archive.h>
#include <archive_entry.h>
#include <check.h>
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

static void compress_by(int (*filter)(struct archive *))
{
	struct archive *a = archive_write_new();
	struct archive_entry *e = archive_entry_new();

	ck_assert_int_eq(filter(a), ARCHIVE_OK);
	archive_write_set_format_raw(a);
	archive_write_set_bytes_in_last_block(a, 1);
	ck_assert_int_eq(archive_write_open(a, &payload, NULL, take, NULL), 0);
	archive_entry_set_filetype(e, AE_IFREG);
	archive_write_header(a, e);
	ck_assert_int_eq(archive_write_data(a, kernel, SIZE), (int)SIZE);
	archive_write_close(a);
	archive_entry_free(e);
	archive_write_free(a);
}

/* lz4 -l: a magic, then blocks of u32 length and an LZ4 block of literals. */
static void compress_lz4_legacy(void)
{
	struct buf block = {0};
	size_t rest = SIZE - 15;

	kit_put(&payload, 0x184c2102, 4);
	kit_put(&block, 0xf0, 1); /* literals only: 15 and what follows */
	for (; rest >= 255; rest -= 255)
		kit_put(&block, 255, 1);
	kit_put(&block, rest, 1);
	buf_add(&block, kernel, SIZE);
	kit_put(&payload, block.len, 4);
	buf_add(&payload, block.data, block.len);
	buf_deinit(&block);
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
		compress_by(formats[format].filter);
	else
		compress_lz4_legacy();
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
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
