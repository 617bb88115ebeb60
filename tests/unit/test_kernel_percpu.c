/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of per-CPU memory, on structures written by hand. */
#include "kernel/alloc/percpu_chunk.h"

#include <check.h>
#include <stdlib.h>

#include "unit/fake_kernel.h"

#define WORDS	 (DIRECT + 0x1000) /* variables, 8 bytes each */
#define CPUS	 (DIRECT + 0x1100) /* nr_cpu_ids, __per_cpu_offset */
#define LISTS	 (DIRECT + 0x1200)
#define CHUNK(i) (DIRECT + 0x2000 + (i)*0x100ULL)
#define AREA	 (DIRECT + 0x80000)
#define UNIT	 0x8000u
#define START	 0x1000u /* of symbols */
#define STATIC	 0x2345u /* bytes */

static struct fake_kernel f;
static struct percpu_areas areas;
static struct remarks remarks;

static void put_chunk(unsigned int i, uint64_t base, uint32_t start,
		      uint32_t end, uint32_t pages)
{
	fake_put64(&f, CHUNK(i) + 16, base);
	fake_put32(&f, CHUNK(i) + 24, 0x100 * (i + 1)); /* free */
	fake_put32(&f, CHUNK(i) + 28, start);
	fake_put32(&f, CHUNK(i) + 32, end);
	fake_put32(&f, CHUNK(i) + 36, pages);
	fake_put32(&f, CHUNK(i) + 40, i == 2 ? 3 : pages);
}

/* A ring of one chunk, or of none. */
static void put_list(unsigned int list, int chunk)
{
	uint64_t head = LISTS + list * 16;
	uint64_t link = chunk < 0 ? head : CHUNK((unsigned int)chunk);

	fake_put64(&f, head, link);
	fake_put64(&f, head + 8, link);
	fake_put64(&f, link, head);
	fake_put64(&f, link + 8, head);
}

static void put_word(const char *name, unsigned int i, uint64_t value)
{
	fake_symbol(name, WORDS + i * 8);
	fake_put64(&f, WORDS + i * 8, value);
}

static void setup(void)
{
	fake_kernel_init(&f);
	fake_field("pcpu_chunk.list", 0, 16);
	fake_field("pcpu_chunk.base_addr", 16, 8);
	fake_field("pcpu_chunk.free_bytes", 24, 4);
	fake_field("pcpu_chunk.start_offset", 28, 4);
	fake_field("pcpu_chunk.end_offset", 32, 4);
	fake_field("pcpu_chunk.nr_pages", 36, 4);
	fake_field("pcpu_chunk.nr_populated", 40, 4);
	fake_symbol("nr_cpu_ids", CPUS);
	fake_symbol("__per_cpu_offset", CPUS + 8);
	fake_put32(&f, CPUS, 2);
	fake_put64(&f, CPUS + 8, AREA - START);
	fake_put64(&f, CPUS + 16, AREA + UNIT - START);
	fake_symbol("__per_cpu_start", START);
	fake_symbol("__per_cpu_end", START + STATIC);
	put_word("pcpu_base_addr", 0, AREA);
	put_word("pcpu_unit_size", 1, UNIT);
	put_word("pcpu_nr_units", 2, 2);
	put_word("pcpu_chunk_lists", 3, LISTS);
	put_word("pcpu_nr_slots", 4, 3);
	put_word("pcpu_first_chunk", 5, CHUNK(1));
	put_word("pcpu_reserved_chunk", 6, CHUNK(0));
	put_chunk(0, AREA + 0x2000, 0x345, 0xcbb, 2); /* 0x1000 bytes */
	put_chunk(1, AREA + 0x3000, 0x345, 0, 4);     /* up to 0x7000 */
	put_chunk(2, AREA + 0x20000, 0, 0, 8);
	put_list(0, 2);
	put_list(1, -1);
	put_list(2, 1);
}

static void teardown(void)
{
	percpu_areas_deinit(&areas);
	areas = (struct percpu_areas){0};
	remarks_deinit(&remarks);
	remarks = (struct remarks){0};
	fake_kernel_deinit(&f);
}

static int look(void)
{
	machine_drop_cache(&f.memory.machine);
	return percpu_areas_read(&f.kernel, &areas, &remarks, NULL);
}

START_TEST(areas_and_chunks)
{
	ck_assert_int_eq(look(), 0);
	ck_assert_uint_eq(areas.base, AREA);
	ck_assert_uint_eq(areas.unit_size, UNIT);
	ck_assert_uint_eq(areas.static_size, STATIC);
	ck_assert_uint_eq(areas.reserved_size, 0x1000);
	ck_assert_uint_eq(areas.dynamic_size, 0x4000 - 0x345);
	/* 7 pages of the first chunk, 3 of the other one */
	ck_assert_uint_eq(areas.memory, 2 * (7 + 3) * 4096);
	ck_assert_uint_eq(areas.cpus.n, 2);
	ck_assert_uint_eq(areas.cpus.v[1].base, AREA + UNIT);
	ck_assert_uint_eq(areas.chunks.n, 3);
	ck_assert_int_eq(areas.chunks.v[0].kind, PERCPU_RESERVED);
	ck_assert_uint_eq(areas.chunks.v[0].base, AREA + 0x2345);
	ck_assert_int_eq(areas.chunks.v[1].kind, PERCPU_FIRST);
	ck_assert_uint_eq(areas.chunks.v[2].free, 0x300);
	ck_assert_uint_eq(areas.chunks.v[2].populated, 3);
	ck_assert_uint_eq(remarks.n, 0);
}
END_TEST

/* 5.9 to 5.13 have twice as many lists; up to 5.8 they had another name. */
START_TEST(other_kernels)
{
	fake_constant("pcpu_chunk_type.PCPU_NR_CHUNK_TYPES", 2);
	put_list(0, -1);
	put_list(3, -1);
	put_list(4, 2);
	put_list(5, -1);
	ck_assert_int_eq(look(), 0);
	ck_assert_uint_eq(areas.chunks.n, 3);
	ck_assert_uint_eq(areas.chunks.v[2].addr, CHUNK(2));
}
END_TEST

START_TEST(damage)
{
	fake_put64(&f, CHUNK(2), 0x1234); /* a link to nowhere */
	fake_put32(&f, CHUNK(0) + 36, 0x7fffffff);
	ck_assert_int_eq(look(), 0);
	ck_assert_uint_eq(remarks.n, 2);
	ck_assert_uint_eq(areas.reserved_size, 0);
	put_word("pcpu_nr_slots", 4, 100000);
	ck_assert_int_eq(look(), ERR_CORRUPT);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_percpu");
	TCase *t = tcase_create("kernel_percpu");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, areas_and_chunks);
	tcase_add_test(t, other_kernels);
	tcase_add_test(t, damage);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
