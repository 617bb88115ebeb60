/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of the machine: RAM map, page cache, writes that are read back. */
#include "machine/cache.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "machine/limits.h"
#include "machine/machine.h"
#include "unit/array_machine.h"

#define MIB (1u << 20)

static struct array_machine a;
static unsigned int asked; /* go_on_for() */

static void setup(void)
{
	size_t i;

	array_machine_init(&a, MIB);
	for (i = 0; i < MIB; i++)
		a.bytes[i] = (uint8_t)(i * 7 + i / 4096);
}

static void teardown(void)
{
	array_machine_deinit(&a);
}

START_TEST(ram_map_orders_and_joins)
{
	struct machine m;
	struct err err = {0};

	machine_init(&m, NULL, NULL);
	ck_assert_int_eq(machine_add_ram(&m, 0x100000, 0x100000, "b", 0, &err),
			 0);
	ck_assert_int_eq(machine_add_ram(&m, 0, 0xa0000, "a", 0, &err), 0);
	ck_assert_int_eq(machine_add_ram(&m, 0x200000, 0x1000, "c", 0, &err),
			 0);
	/* Overlaps are refused, in front, within and behind. */
	ck_assert_int_eq(machine_add_ram(&m, 0x9f000, 0x2000, "x", 0, &err),
			 ERR_CORRUPT);
	ck_assert_int_eq(machine_add_ram(&m, 0x180000, 0x1000, "x", 0, &err),
			 ERR_CORRUPT);
	ck_assert_uint_eq(m.ram.n, 3);
	ck_assert_uint_eq(m.ram.v[0].start, 0);
	ck_assert_uint_eq(m.ram.v[2].start, 0x200000);
	ck_assert(machine_is_ram(&m, 0, 0xa0000));
	ck_assert(!machine_is_ram(&m, 0, 0xa0001));
	ck_assert(!machine_is_ram(&m, 0xa0000, 1));
	/* Two adjoining ranges are one stretch of RAM. */
	ck_assert(machine_is_ram(&m, 0x1fffff, 2));
	ck_assert(!machine_is_ram(&m, 0x200fff, 2));
	ck_assert(!machine_is_ram(&m, UINT64_MAX - 3, 8));
	ck_assert_ptr_eq(machine_ram_at(&m, 0x9ffff), &m.ram.v[0]);
	ck_assert_ptr_null(machine_ram_at(&m, 0xa0000));
	ck_assert_ptr_eq(machine_ram_at(&m, 0x200000), &m.ram.v[2]);
	ck_assert_ptr_null(machine_ram_at(&m, UINT64_MAX));
	machine_deinit(&m);
}
END_TEST

START_TEST(ram_ranges_are_cut_to_pages)
{
	struct machine m;

	machine_init(&m, NULL, NULL);
	ck_assert_int_eq(machine_add_ram(&m, 0x800, 0x2800, "a", 0x5000, NULL),
			 0);
	ck_assert_uint_eq(m.ram.v[0].start, 0x1000);
	ck_assert_uint_eq(m.ram.v[0].size, 0x2000);
	ck_assert_uint_eq(m.ram.v[0].offset, 0x5800);
	ck_assert_int_eq(machine_add_ram(&m, 0x10800, 0x100, "b", 0, NULL), 0);
	ck_assert_uint_eq(m.ram.n, 1);
	machine_deinit(&m);
}
END_TEST

START_TEST(reads_are_one_batch)
{
	uint8_t x[8], y[5000], z[1];
	struct mem_read r[] = {
		{.pa = 0x1234, .dst = x, .len = 8},
		{.pa = 0x5ff0, .dst = y, .len = sizeof(y)},
		{.pa = MIB - 1, .dst = z, .len = 1},
	};

	ck_assert_int_eq(machine_read(&a.machine, r, 3, NULL), 0);
	ck_assert_uint_eq(a.calls, 1);
	ck_assert_int_eq(r[0].status, MEM_OK);
	ck_assert_int_eq(r[1].status, MEM_OK);
	ck_assert_int_eq(r[2].status, MEM_OK);
	ck_assert_mem_eq(x, a.bytes + 0x1234, 8);
	ck_assert_mem_eq(y, a.bytes + 0x5ff0, sizeof(y));
	ck_assert_mem_eq(z, a.bytes + MIB - 1, 1);
	ck_assert_uint_eq(a.machine.stats.batches, 1);
}
END_TEST

START_TEST(nothing_is_read_twice)
{
	uint8_t x[64], y[16];
	struct mem_read r = {.pa = 0x2000, .dst = x, .len = sizeof(x)};
	struct mem_read again = {.pa = 0x2010, .dst = y, .len = sizeof(y)};

	ck_assert_int_eq(machine_read(&a.machine, &r, 1, NULL), 0);
	ck_assert_uint_eq(a.read_bytes, 64);
	ck_assert_int_eq(machine_read(&a.machine, &again, 1, NULL), 0);
	ck_assert_uint_eq(a.calls, 1);
	ck_assert_mem_eq(y, a.bytes + 0x2010, sizeof(y));
	machine_drop_cache(&a.machine);
	ck_assert_int_eq(machine_read(&a.machine, &again, 1, NULL), 0);
	ck_assert_uint_eq(a.calls, 2);
}
END_TEST

START_TEST(near_lines_are_fetched_together)
{
	uint8_t x[8], y[8], z[8];
	struct mem_read r[] = {
		{.pa = 0x3000, .dst = x, .len = 8},
		{.pa = 0x3100, .dst = y, .len = 8}, /* 3 lines between */
		{.pa = 0x3800, .dst = z, .len = 8}, /* far away */
	};

	ck_assert_int_eq(machine_read(&a.machine, r, 3, NULL), 0);
	ck_assert_uint_eq(a.reads, 2);
	ck_assert_uint_eq(a.read_bytes, 5 * 64 + 64);
	ck_assert_mem_eq(y, a.bytes + 0x3100, 8);
	ck_assert_mem_eq(z, a.bytes + 0x3800, 8);
}
END_TEST

START_TEST(bulk_bypasses_the_cache)
{
	size_t len = 128 << 10;
	uint8_t *big = malloc(len), x[8];
	struct mem_read r[] = {
		{.pa = 0x10000, .dst = x, .len = 8},
		{.pa = 0x10000, .dst = big, .len = len},
		{.pa = MIB - 64, .dst = big, .len = 128},
	};

	ck_assert_int_eq(machine_read(&a.machine, r, 3, NULL), 0);
	ck_assert_int_eq(r[1].status, MEM_OK);
	ck_assert_int_eq(r[2].status, MEM_NOT_RAM);
	ck_assert_mem_eq(big, a.bytes + 0x10000, len);
	ck_assert_uint_eq(a.machine.cache.n, 1);
	free(big);
}
END_TEST

/* Lines that came at different times lie apart, and are put together. */
START_TEST(any_mix_of_reads_brings_the_same_bytes)
{
	static uint8_t dst[200][3000];
	struct mem_read r[200];
	unsigned int round, i;

	srand(7);
	for (i = 0; i < 70 << 10; i++)
		a.bytes[i] = (uint8_t)rand();
	for (round = 0; round < 50; round++) {
		for (i = 0; i < 200; i++)
			r[i] = (struct mem_read){
				.pa = (uint64_t)rand() % (64 << 10),
				.dst = dst[i],
				.len = (size_t)rand() %
				       (i % 8 ? 200 : sizeof(dst[i]))};
		ck_assert_int_eq(machine_read(&a.machine, r, 200, NULL), 0);
		for (i = 0; i < 200; i++) {
			ck_assert_int_eq(r[i].status, MEM_OK);
			ck_assert_mem_eq(dst[i], a.bytes + r[i].pa, r[i].len);
		}
		if (round % 20 == 19)
			machine_drop_cache(&a.machine);
	}
}
END_TEST

START_TEST(failed_reads_stay_failed_alone)
{
	uint8_t x[16], y[16];
	struct mem_read r[] = {
		{.pa = 0x4000, .dst = x, .len = 16},
		{.pa = 0x8000, .dst = y, .len = 16},
	};

	a.fail_from = 0x4000;
	a.fail_to = 0x5000;
	ck_assert_int_eq(machine_read(&a.machine, r, 2, NULL), 0);
	ck_assert_int_eq(r[0].status, MEM_FAILED);
	ck_assert_int_eq(r[1].status, MEM_OK);
	/* A failure is not remembered as data. */
	a.fail_from = a.fail_to = 0;
	ck_assert_int_eq(machine_read(&a.machine, r, 2, NULL), 0);
	ck_assert_int_eq(r[0].status, MEM_OK);
	ck_assert_mem_eq(x, a.bytes + 0x4000, 16);
}
END_TEST

/* A guest must not make the cache grow without end. */
START_TEST(the_cache_is_bounded)
{
	const size_t n = 2 * CACHE_MAX_PAGES + 5;
	struct mem_read *r = calloc(n, sizeof(*r));
	uint8_t *bytes = calloc(n, 1);
	struct array_machine big;
	size_t i;

	array_machine_init(&big, n * PAGE_SIZE_4K);
	for (i = 0; i < n; i++) {
		r[i] = (struct mem_read){
			.pa = i * PAGE_SIZE_4K, .dst = &bytes[i], .len = 1};
		big.bytes[r[i].pa] = (uint8_t)(i * 3 + 1);
	}
	ck_assert_int_eq(machine_read(&big.machine, r, n, NULL), 0);
	ck_assert_uint_eq(big.calls, 3);
	ck_assert_uint_le(big.machine.cache.n, CACHE_MAX_PAGES);
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(r[i].status, MEM_OK);
		ck_assert_uint_eq(bytes[i], (uint8_t)(i * 3 + 1));
	}
	array_machine_deinit(&big);
	free(bytes);
	free(r);
}
END_TEST

static int write_one(uint64_t pa, const char *text, struct err *err)
{
	struct mem_write w = {.pa = pa, .src = text, .len = strlen(text)};

	return machine_write(&a.machine, &w, 1, err);
}

/* Ends the pause after so many questions. */
static int go_on_for(void *ctx, struct err *err)
{
	(void)ctx;
	return asked++ < 3 ? 0 : err_set(err, ERR_INTERRUPTED, "enough");
}

/* A list that leads in a circle through pages that are in the cache. */
START_TEST(what_the_cache_answers_has_an_end)
{
	struct machine_ops ops = *a.machine.ops;
	struct err err = {0};
	uint64_t next = 0;
	struct mem_read r = {.dst = &next, .len = sizeof(next)};
	unsigned int round = 0;
	int rc = 0;

	asked = 0;
	ops.go_on = go_on_for;
	a.machine.ops = &ops;
	array_put64(&a, 0x1000, 0x2000);
	array_put64(&a, 0x2000, 0x1000);
	for (next = 0x1000; !rc && round < 100; round++) {
		r.pa = next;
		rc = machine_read(&a.machine, &r, 1, &err);
	}
	ck_assert_int_eq(rc, ERR_INTERRUPTED);
	ck_assert_str_eq(err.text, "enough");
	/* Two that were read, three that the cache had. */
	ck_assert_uint_eq(round, 6);
	ck_assert_uint_eq(a.calls, 2);
}
END_TEST

/* All ways of reading are on one account. */
START_TEST(a_pause_has_an_account)
{
	uint8_t bytes[2];
	struct mem_read r[2] = {{.pa = 1, .dst = bytes, .len = 1},
				{.pa = 9, .dst = bytes + 1, .len = 1}};
	struct err err = {0};

	a.machine.stats.pieces = MACHINE_PIECES_MAX - 6;
	ck_assert_int_eq(machine_read(&a.machine, r, 2, &err), 0);
	ck_assert_int_eq(machine_read_past(&a.machine, r, 2, &err), 0);
	ck_assert_uint_eq(a.machine.stats.pieces, MACHINE_PIECES_MAX);
	ck_assert_int_eq(machine_read(&a.machine, r, 1, &err), ERR_REFUSED);
	ck_assert_ptr_nonnull(strstr(err.text, "as much as qvmi does"));
	ck_assert_int_eq(machine_read_own(&a.machine, r, 1, &err), ERR_REFUSED);
	ck_assert_uint_eq(a.calls, 2);
}
END_TEST

START_TEST(writes_are_read_back)
{
	uint8_t x[8];
	struct mem_read r = {.pa = 0x6000, .dst = x, .len = 8};
	struct err err = {0};

	ck_assert_int_eq(machine_read(&a.machine, &r, 1, NULL), 0);
	ck_assert_int_eq(write_one(0x6001, "new", &err), 0);
	ck_assert_int_eq(machine_read(&a.machine, &r, 1, NULL), 0);
	ck_assert_mem_eq(x + 1, "new", 3);
	ck_assert_int_eq(write_one(MIB - 1, "ab", &err), ERR_REFUSED);
	a.drop_writes = true;
	ck_assert_int_eq(write_one(0x6001, "old", &err), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "0x6001"));
}
END_TEST

/* Many at once: one call, one batch to read back; each has its status. */
START_TEST(writes_in_one_batch)
{
	struct mem_write w[] = {
		{.pa = 0x3000, .src = "one", .len = 3},
		{.pa = 0x9000, .src = "two", .len = 3},
		{.pa = 0x5ffe, .src = "three", .len = 5},
	};
	struct err err = {0};
	size_t calls = a.calls;

	ck_assert_int_eq(machine_write(&a.machine, w, 3, &err), 0);
	ck_assert_uint_eq(a.writes, 3);
	ck_assert_uint_eq(a.calls, calls + 1);
	ck_assert_mem_eq(a.bytes + 0x5ffe, "three", 5);
	ck_assert_int_eq(w[2].status, MEM_OK);
	a.refuse_from = 0x9000;
	a.refuse_to = 0x9001;
	w[0].src = "eno";
	w[1].src = "owt";
	ck_assert_int_eq(machine_write(&a.machine, w, 3, &err), ERR_PARTIAL);
	ck_assert_ptr_nonnull(strstr(err.text, "0x9000"));
	ck_assert_int_eq(w[0].status, MEM_OK);
	ck_assert_int_eq(w[1].status, MEM_FAILED);
	ck_assert_mem_eq(a.bytes + 0x3000, "eno", 3);
	ck_assert_mem_eq(a.bytes + 0x9000, "two", 3);
	w[2].pa = MIB - 1;
	w[0].src = "bad";
	ck_assert_int_eq(machine_write(&a.machine, w, 3, &err), ERR_REFUSED);
	ck_assert_mem_eq(a.bytes + 0x3000, "eno", 3);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("machine");
	TCase *t = tcase_create("machine");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, ram_map_orders_and_joins);
	tcase_add_test(t, ram_ranges_are_cut_to_pages);
	tcase_add_test(t, reads_are_one_batch);
	tcase_add_test(t, nothing_is_read_twice);
	tcase_add_test(t, near_lines_are_fetched_together);
	tcase_add_test(t, bulk_bypasses_the_cache);
	tcase_add_test(t, any_mix_of_reads_brings_the_same_bytes);
	tcase_add_test(t, failed_reads_stay_failed_alone);
	tcase_add_test(t, the_cache_is_bounded);
	tcase_add_test(t, what_the_cache_answers_has_an_end);
	tcase_add_test(t, a_pause_has_an_account);
	tcase_add_test(t, writes_are_read_back);
	tcase_add_test(t, writes_in_one_batch);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
