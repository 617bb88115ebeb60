/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the files of memory of a tree that is mounted: what they say, and
 * how often a guest is paused for that. */
#include "mount/memory.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "mount/tree.h"
#include "unit/task_kit.h"

#define HOUR_MS 3600000
#define PAGE	4096u
#define MIB	(1u << 20) /* as much RAM as there is */

/* RAM once more, and what lies between. */
#define HIGH (3u * MIB)

static struct fake_kernel f;
static struct mount_tree tree;
static struct err err;
static unsigned int stops, complaints;
static bool stopped;

static int stop(void *ctx, struct kernel **k, bool *other, struct err *e)
{
	(void)ctx, (void)other, (void)e;
	ck_assert(!stopped);
	stops++;
	stopped = true;
	machine_drop_cache(&f.memory.machine);
	*k = &f.kernel;
	return 0;
}

static int go(void *ctx, struct err *e)
{
	(void)ctx, (void)e;
	stopped = false;
	return 0;
}

static void complain(void *ctx, const struct err *e)
{
	(void)ctx, (void)e;
	complaints++;
}

/* Past all guards; what those say is wrote_rc. */
static int wrote_rc;
static unsigned int writes;

static int put(void *ctx, const struct mount_tree_write *w, struct err *e)
{
	(void)ctx;
	ck_assert(stopped);
	writes++;
	if (wrote_rc)
		return err_set(e, wrote_rc, "no");
	memcpy(f.memory.bytes + w->offset, w->src, w->len);
	return 0;
}

static const struct mount_tree_guest writable = {
	.stop = stop, .go = go, .write = put, .complain = complain};

static const struct mount_tree_guest ops = {
	.stop = stop, .go = go, .complain = complain};

static void setup(void)
{
	size_t i;

	task_kit_init(&f);
	for (i = 0; i < MIB; i += 8)
		if (i >= MIB / 2 && i < MIB / 2 + MIB / 4)
			array_put64(&f.memory, i, i);
	stops = complaints = 0;
	stopped = false;
	mount_tree_init(&tree, &ops, HOUR_MS);
}

static void teardown(void)
{
	mount_tree_deinit(&tree);
	ck_assert(!stopped);
	fake_kernel_deinit(&f);
}

static uint8_t dst[2 * MIB];

/* What is read of a file: a length, or an error. */
static int from(const struct proc_file *file, uint64_t offset, size_t len)
{
	const struct mount_tree_bytes of = {.file = file};
	struct proc_bytes b = {.offset = offset, .dst = dst, .len = len};
	int rc;

	memset(dst, 0xee, len);
	rc = mount_tree_read_bytes(&tree, &of, &b, &err);
	return rc ? rc : (int)b.got;
}

/* All of it in small reads: the number of pauses does not grow with them. */
START_TEST(reads_of_a_page)
{
	size_t at, calls = f.memory.calls;

	for (at = 0; at < MIB; at += PAGE) {
		ck_assert_int_eq(from(&memory_phys, at, PAGE), PAGE);
		ck_assert_mem_eq(dst, f.memory.bytes + at, PAGE);
	}
	ck_assert_int_eq(from(&memory_phys, MIB, PAGE), 0);
	/* 64, 128, 256, 512 KiB, and the rest with the end */
	ck_assert_uint_eq(stops, 5);
	ck_assert_uint_le(f.memory.calls - calls, 5);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

/* At any place, of any length. */
START_TEST(reads_anywhere)
{
	static const struct {
		uint64_t at;
		size_t len, got;
	} reads[] = {
		{0, 1, 1},
		{MIB / 2 + 1, 1, 1},
		{MIB / 2 + PAGE - 1, 2, 2},
		{MIB - 3, 100, 3},
		{MIB - 1, 1, 1},
		{MIB, 1, 0},
		{1ULL << 62, 1, 0},
		{0, MIB + 5, MIB},
		{17, 3 * PAGE, 3 * PAGE},
		{INT64_MAX - 1, 1, 0},
	};
	size_t i;

	for (i = 0; i < sizeof(reads) / sizeof(*reads); i++) {
		ck_assert_int_eq(from(&memory_phys, reads[i].at, reads[i].len),
				 (int)reads[i].got);
		if (reads[i].got)
			ck_assert_mem_eq(dst, f.memory.bytes + reads[i].at,
					 reads[i].got);
		ck_assert_uint_eq(
			dst[reads[i].got],
			reads[i].got < reads[i].len ? 0xee : dst[reads[i].got]);
	}
}
END_TEST

/* What was read holds for its time, and for who reads it again. */
START_TEST(a_window_lasts)
{
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 8), 8);
	array_put64(&f.memory, MIB / 2 + 8, 77);
	ck_assert_int_eq(from(&memory_phys, MIB / 2 + 8, 8), 8);
	ck_assert_uint_eq(dst[0], 8);
	ck_assert_uint_eq(stops, 1);
	tree.windows.v[0].taken_us = 0;
	tree.refresh_us = 1;
	ck_assert_int_eq(from(&memory_phys, MIB / 2 + 8, 8), 8);
	ck_assert_uint_eq(dst[0], 77);
	ck_assert_uint_eq(stops, 2);
}
END_TEST

/* With a refresh time of 0 each read is of now. */
START_TEST(no_window_lasts)
{
	tree.refresh_us = 0;
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 8), 8);
	array_put64(&f.memory, MIB / 2, 77);
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 8), 8);
	ck_assert_uint_eq(dst[0], 77);
	ck_assert_uint_eq(stops, 2);
}
END_TEST

/* However many places are looked at, they have so much memory. */
START_TEST(windows_are_few)
{
	size_t i, n = 0;

	for (i = 0; i < 64; i++)
		from(&memory_phys, i * 2 * PAGE + 1, 1);
	for (i = 0; i < WINDOWS; i++)
		n += tree.windows.v[i].asked;
	ck_assert_uint_le(n, WINDOWS * (size_t)WINDOW_MOST);
	for (i = 0; i < 3 * WINDOWS; i++)
		from(&memory_kernel, (i << 40) + 1, 1);
	for (i = n = 0; i < WINDOWS; i++)
		n += tree.windows.v[i].asked;
	ck_assert_uint_le(n, WINDOWS * (size_t)WINDOW_MOST);
}
END_TEST

/* Who was asked for bytes that are lost gets an error, those beside do not. */
START_TEST(what_cannot_be_read)
{
	f.memory.fail_from = MIB / 2 + PAGE;
	f.memory.fail_to = MIB / 2 + 2 * PAGE;
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 3 * PAGE), PAGE);
	ck_assert_int_eq(from(&memory_phys, MIB / 2 + PAGE, 1), ERR_UNREADABLE);
	ck_assert_int_eq(from(&memory_phys, MIB / 2 + 2 * PAGE, PAGE), PAGE);
	ck_assert_mem_eq(dst, f.memory.bytes + MIB / 2 + 2 * PAGE, PAGE);
	ck_assert_uint_eq(stops, 1);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

START_TEST(holes)
{
	uint64_t there, at = 0;

	f.memory.size = HIGH + PAGE;
	f.memory.bytes = realloc(f.memory.bytes, f.memory.size);
	ck_assert_ptr_nonnull(f.memory.bytes);
	ck_assert_int_eq(
		machine_add_ram(&f.memory.machine, HIGH, PAGE, "high", 0, &err),
		0);
	f.memory.fail_from = HIGH;
	f.memory.fail_to = HIGH + PAGE;
	ck_assert_int_eq(from(&memory_phys, MIB, MIB), MIB);
	ck_assert_uint_eq(dst[0] | dst[MIB - 1], 0);
	ck_assert_int_eq(from(&memory_phys, HIGH, PAGE), ERR_UNREADABLE);
	ck_assert_uint_eq(mount_tree_size(&tree, &memory_phys, &there),
			  HIGH + PAGE);
	ck_assert_uint_eq(there, MIB + PAGE);
	ck_assert_uint_eq(mount_tree_size(&tree, &memory_kernel, &there), 0);
	ck_assert(!mount_tree_seek(&tree, &memory_phys, false, &at, &err));
	ck_assert_uint_eq(at, 0);
	ck_assert(!mount_tree_seek(&tree, &memory_phys, true, &at, &err));
	ck_assert_uint_eq(at, MIB);
	ck_assert(!mount_tree_seek(&tree, &memory_phys, true, &at, &err));
	ck_assert_uint_eq(at, MIB);
	ck_assert(!mount_tree_seek(&tree, &memory_phys, false, &at, &err));
	ck_assert_uint_eq(at, HIGH);
	at++;
	ck_assert(!mount_tree_seek(&tree, &memory_phys, true, &at, &err));
	ck_assert_uint_eq(at, HIGH + PAGE);
	ck_assert_int_eq(mount_tree_seek(&tree, &memory_phys, true, &at, &err),
			 ERR_NOT_FOUND);
	at = 0;
	ck_assert_int_eq(
		mount_tree_seek(&tree, &memory_kernel, false, &at, &err),
		ERR_USAGE);
}
END_TEST

/* Addresses without their top bit. */
START_TEST(memory_of_the_kernel)
{
	uint64_t at = DIRECT & ~MEMORY_KERNEL_HALF;

	ck_assert_int_eq(from(&memory_kernel, at + MIB / 2 + 3, 13), 13);
	ck_assert_mem_eq(dst, f.memory.bytes + MIB / 2 + 3, 13);
	ck_assert_int_eq(from(&memory_kernel, at + MIB - 8, 16), 8);
	ck_assert_int_eq(from(&memory_kernel, at + MIB, 16), ERR_UNREADABLE);
	ck_assert_int_eq(from(&memory_kernel, 0, 1), ERR_UNREADABLE);
	ck_assert_int_eq(from(&memory_kernel, INT64_MAX - 1, 1),
			 ERR_UNREADABLE);
	ck_assert_uint_eq(complaints, 0);
}
END_TEST

/* It stands still: nothing changes, and nothing is read twice. */
START_TEST(held)
{
	size_t calls;

	tree.refresh_us = 0;
	ck_assert_int_eq(mount_tree_hold(&tree, &err), 0);
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 8), 8);
	calls = f.memory.calls;
	tree.windows.v[0].taken_us = 1;
	ck_assert_int_eq(from(&memory_phys, MIB / 2 + 8, 8), 8);
	ck_assert_uint_eq(f.memory.calls, calls);
	ck_assert_uint_eq(stops, 1);
}
END_TEST

/* What was read before holds no more. */
START_TEST(written)
{
	struct mount_tree_bytes of = {.file = &memory_phys};
	const struct mount_tree_write w = {
		.of = &of, .offset = MIB / 2, .src = "12345678", .len = 8};

	ck_assert(!mount_tree_is_written(&tree, &memory_phys));
	mount_tree_deinit(&tree);
	mount_tree_init(&tree, &writable, HOUR_MS);
	writes = wrote_rc = 0;
	ck_assert(mount_tree_is_written(&tree, &memory_phys));
	ck_assert(mount_tree_is_written(&tree, &memory_kernel));
	ck_assert(mount_tree_is_written(&tree, &proc_pid_mem));
	ck_assert(!mount_tree_is_written(&tree, &proc_pid_pagemap));
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 8), 8);
	ck_assert_int_eq(mount_tree_write_bytes(&tree, &w, &err), 0);
	ck_assert_uint_eq(stops, 2);
	ck_assert_int_eq(from(&memory_phys, MIB / 2, 8), 8);
	ck_assert_mem_eq(dst, "12345678", 8);
	wrote_rc = ERR_REFUSED;
	ck_assert_int_eq(mount_tree_write_bytes(&tree, &w, &err), ERR_REFUSED);
	ck_assert_uint_eq(complaints, 1);
	ck_assert_int_eq(tree.failure.code, 0);
	/* Memory that a process has no more, and a process that is none. */
	writes = wrote_rc = 0;
	of = (struct mount_tree_bytes){&proc_pid_mem, 10, 0x1234};
	ck_assert_int_eq(mount_tree_write_bytes(&tree, &w, &err),
			 ERR_NOT_FOUND);
	of.pid = 3;
	ck_assert_int_eq(mount_tree_write_bytes(&tree, &w, &err),
			 ERR_NOT_FOUND);
	ck_assert_uint_eq(writes, 0);
	/* The guest is gone. */
	of = (struct mount_tree_bytes){.file = &memory_phys};
	wrote_rc = ERR_NO_GUEST;
	ck_assert_int_eq(mount_tree_write_bytes(&tree, &w, &err), ERR_NO_GUEST);
	ck_assert_int_eq(tree.failure.code, ERR_NO_GUEST);
}
END_TEST

START_TEST(they_are_in_the_tree)
{
	struct mount_tree_place p;

	ck_assert_int_eq(mount_tree_find(&tree, "mem", &p, &err), 0);
	ck_assert_int_eq(p.kind, TREE_DIR);
	ck_assert_uint_eq(stops, 0);
	ck_assert_int_eq(mount_tree_find(&tree, "mem/kernel", &p, &err), 0);
	ck_assert_ptr_eq(p.file, &memory_kernel);
	ck_assert_int_eq(mount_tree_find(&tree, "mem/phys", &p, &err), 0);
	ck_assert_int_eq(p.kind, TREE_BYTES);
	/* for its size */
	ck_assert_uint_eq(stops, 1);
	ck_assert_int_eq(mount_tree_find(&tree, "mem/x", &p, &err),
			 ERR_NOT_FOUND);
	ck_assert_int_eq(mount_tree_find(&tree, "10/mem", &p, &err), 0);
	ck_assert_int_eq(p.kind, TREE_BYTES);
	ck_assert_int_eq(mount_tree_find(&tree, "10/mem/phys", &p, &err),
			 ERR_NOT_FOUND);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("mount_memory");
	TCase *t = tcase_create("mount_memory");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, reads_of_a_page);
	tcase_add_test(t, reads_anywhere);
	tcase_add_test(t, a_window_lasts);
	tcase_add_test(t, no_window_lasts);
	tcase_add_test(t, windows_are_few);
	tcase_add_test(t, what_cannot_be_read);
	tcase_add_test(t, holes);
	tcase_add_test(t, memory_of_the_kernel);
	tcase_add_test(t, held);
	tcase_add_test(t, written);
	tcase_add_test(t, they_are_in_the_tree);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
