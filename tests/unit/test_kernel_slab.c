/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of objects of slabs, on memory written by hand. */
#include "kernel/alloc/slab_object.h"

#include <byteswap.h>
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "unit/fake_kernel.h"

#define VMEMMAP	   (DIRECT + 0x40000)
#define PFN	   16ULL
#define SLAB	   (VMEMMAP + PFN * 64) /* its descriptor */
#define BASE	   (DIRECT + PFN * 4096)
#define SIZE	   256u
#define OFFSET	   128u
#define OBJECTS	   16u
#define OBJECT(i)  (BASE + (i)*SIZE)
#define CACHE	   (DIRECT + 0x2000)
#define NAME	   (DIRECT + 0x1000)
#define CPUS	   (DIRECT + 0x1100) /* nr_cpu_ids, __per_cpu_offset */
#define NODE_IDS   (DIRECT + 0x1180)
#define CPU(n)	   (DIRECT + 0x3000 + (n)*0x100ULL)
#define SHEAVES(n) (DIRECT + 0x3080 + (n)*0x100ULL)
#define SHEAF(n)   (DIRECT + 0x4000 + (n)*0x100ULL)
#define BARN	   (DIRECT + 0x5000)
#define RANDOM	   0x1122334455667788ULL

static struct fake_kernel f;

static void put_fields(void)
{
	fake_field("page.flags.f", 0, 8);
	fake_field("page.compound_info", 8, 8);
	fake_field("page._mapcount", 48, 4);
	fake_field("page.page_type", 48, 4);
	fake_field("page._refcount", 52, 4);
	fake_sizeof("page", 64);
	fake_constant("pagetype.PGTY_buddy", 0xf0);
	fake_constant("pagetype.PGTY_offline", 0xf1);
	fake_constant("pagetype.PGTY_table", 0xf2);
	fake_constant("pagetype.PGTY_hugetlb", 0xf4);
	fake_constant("pagetype.PGTY_slab", 0xf5);
	fake_constant("pageflags.PG_head", 6);
	fake_constant("pageflags.PG_reserved", 13);
	fake_constant("pageflags.PG_hwpoison", 20);
	fake_field("slab.slab_cache", 16, 8);
	fake_field("slab.freelist", 24, 8);
	fake_field("slab.counters", 32, 8);
	fake_field("kmem_cache.name", 0, 8);
	fake_field("kmem_cache.size", 8, 4);
	fake_field("kmem_cache.object_size", 12, 4);
	fake_field("kmem_cache.offset", 16, 4);
	fake_field("kmem_cache.random", 24, 8);
}

/* A free object that leads to the next, as 5.7 and later write it. */
static void put_next(uint32_t from, uint64_t next)
{
	uint64_t at = OBJECT(from) + OFFSET;

	fake_put64(&f, at, next ^ RANDOM ^ bswap_64(at));
}

/* Objects 3 and 9 are free, by the slab's list. */
static void setup(void)
{
	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	put_fields();
	fake_symbol("nr_cpu_ids", CPUS);
	fake_symbol("__per_cpu_offset", CPUS + 8);
	fake_put32(&f, CPUS, 2);
	fake_put64(&f, CPUS + 8, CPU(0));
	fake_put64(&f, CPUS + 16, CPU(1));
	fake_put32(&f, SLAB + 48, 0xf5000000);
	fake_put64(&f, SLAB + 16, CACHE);
	fake_put64(&f, SLAB + 24, OBJECT(3));
	fake_put64(&f, SLAB + 32, (OBJECTS - 2) | OBJECTS << 16);
	fake_puts(&f, NAME, "things");
	fake_put64(&f, CACHE, NAME);
	fake_put32(&f, CACHE + 8, SIZE);
	fake_put32(&f, CACHE + 12, SIZE - 16);
	fake_put32(&f, CACHE + 16, OFFSET);
	fake_put64(&f, CACHE + 24, RANDOM);
	put_next(3, OBJECT(9));
	put_next(9, 0);
}

static void teardown(void)
{
	fake_kernel_deinit(&f);
}

static struct slab_object look(uint64_t va)
{
	struct slab_object o;
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!slab_object_read(&f.kernel, va, &o, &err), "%s",
		      err.text);
	return o;
}

static void is(uint32_t index, enum slab_state state)
{
	struct slab_object o = look(OBJECT(index) + 10);

	ck_assert_uint_eq(o.index, index);
	ck_assert_uint_eq(o.start, OBJECT(index));
	ck_assert_str_eq(slab_state_words(o.state), slab_state_words(state));
}

START_TEST(an_object)
{
	struct slab_object o = look(OBJECT(4) + 17);

	ck_assert_str_eq(o.name, "things");
	ck_assert_uint_eq(o.cache, CACHE);
	ck_assert_uint_eq(o.slab, BASE);
	ck_assert_uint_eq(o.size, SIZE);
	ck_assert_uint_eq(o.object_size, SIZE - 16);
	ck_assert_uint_eq(o.objects, OBJECTS);
	ck_assert(o.inside);
	ck_assert(!look(OBJECT(4) + SIZE - 16).inside);
	is(4, SLAB_IN_USE);
	is(3, SLAB_FREE);
	is(9, SLAB_FREE);
	is(15, SLAB_IN_USE);
}
END_TEST

/* Behind a red zone; the first bytes are nobody's. */
START_TEST(red_zones)
{
	fake_field("kmem_cache.red_left_pad", 20, 4);
	fake_put32(&f, CACHE + 20, 64);
	fake_put32(&f, CACHE + 12, SIZE - 80);
	fake_put64(&f, SLAB + 24, 0);
	fake_put64(&f, SLAB + 32, 15 | 15 << 16);
	ck_assert_uint_eq(look(OBJECT(2) + 70).start, OBJECT(2) + 64);
	ck_assert(look(OBJECT(2) + 70).inside);
	ck_assert(!look(OBJECT(2) + 63).inside);
}
END_TEST

/* The last object's pointer would lie behind the slab. */
START_TEST(a_red_zone_that_is_too_long)
{
	struct slab_object o;
	struct err err = {0};

	fake_field("kmem_cache.red_left_pad", 20, 4);
	fake_put32(&f, CACHE + 20, SIZE - OFFSET - 7);
	ck_assert_int_eq(slab_object_read(&f.kernel, OBJECT(2), &o, &err),
			 ERR_CORRUPT);
}
END_TEST

/* Before 5.7, and without CONFIG_SLAB_FREELIST_HARDENED. */
START_TEST(other_forms_of_lists)
{
	uint64_t key = _i ? RANDOM ^ (OBJECT(3) + OFFSET) : 0;
	uint64_t end = _i ? RANDOM ^ (OBJECT(9) + OFFSET) : 0;

	if (!_i)
		fake_no_field("kmem_cache.random");
	fake_put64(&f, OBJECT(3) + OFFSET, OBJECT(9) ^ key);
	fake_put64(&f, OBJECT(9) + OFFSET, end);
	is(3, SLAB_FREE);
	is(9, SLAB_FREE);
	is(4, SLAB_IN_USE);
}
END_TEST

/* It comes back, leaves the slab, is between objects, has too few. */
START_TEST(lists_that_make_no_sense)
{
	const uint64_t next[] = {OBJECT(3), OBJECT(16), OBJECT(9) + 8, 0};

	put_next(_i == 3 ? 3 : 9, next[_i]);
	is(9, SLAB_UNKNOWN);
	is(4, SLAB_UNKNOWN);
}
END_TEST

/* Up to 6.19 a CPU has its own list of the slab that it works on. */
START_TEST(lists_of_cpus)
{
	fake_field("kmem_cache.cpu_slab", 32, 8);
	fake_field("kmem_cache_cpu.freelist", 0, 8);
	fake_field("kmem_cache_cpu.slab", 8, 8);
	fake_put64(&f, CACHE + 32, 0x10);
	fake_put64(&f, CPU(1) + 0x10, OBJECT(5));
	fake_put64(&f, CPU(1) + 0x18, _i ? SLAB : SLAB + 64);
	put_next(5, OBJECT(6));
	put_next(6, 0);
	is(6, _i ? SLAB_FREE_ON_CPU : SLAB_IN_USE);
	is(3, SLAB_FREE);
	is(7, SLAB_IN_USE);
	put_next(6, OBJECT(5));
	is(7, _i ? SLAB_UNKNOWN : SLAB_IN_USE);
}
END_TEST

/* From 6.18 on CPUs and nodes keep sheaves of free objects. */
static void put_sheaves(void)
{
	fake_field("kmem_cache.cpu_sheaves", 40, 8);
	fake_field("slub_percpu_sheaves.main", 0, 8);
	fake_field("slub_percpu_sheaves.spare", 8, 8);
	fake_field("slab_sheaf.size", 16, 4);
	fake_field("slab_sheaf.objects", 32, 0);
	fake_field("slab_sheaf.barn_list", 0, 16);
	fake_field("node_barn.sheaves_full", 8, 16);
	fake_field("kmem_cache_per_node_ptrs.barn", 0, 8);
	fake_field("kmem_cache_per_node_ptrs.node", 8, 8);
	fake_sizeof("kmem_cache_per_node_ptrs", 16);
	fake_sizeof("kmem_cache", 0x80);
	fake_sizeof("zoneref", 16);
	fake_sizeof("zonelist", 2 * 16); /* one node */
	fake_constant("zone_type.__MAX_NR_ZONES", 1);
	fake_put64(&f, CACHE + 40, 0x80);
	fake_put64(&f, SHEAVES(1) + 8, SHEAF(0));
	fake_put32(&f, SHEAF(0) + 16, 2);
	fake_put64(&f, SHEAF(0) + 32, OBJECT(7));
	fake_put64(&f, SHEAF(0) + 40, OBJECT(8));
	fake_put64(&f, SHEAF(0) + 48, OBJECT(10)); /* behind its end */
	fake_put64(&f, CACHE + 0x70, BARN);
	fake_put64(&f, BARN + 8, SHEAF(1));
	fake_put64(&f, BARN + 16, SHEAF(1));
	fake_put64(&f, SHEAF(1), BARN + 8);
	fake_put64(&f, SHEAF(1) + 8, BARN + 8);
	fake_put32(&f, SHEAF(1) + 16, 1);
	fake_put64(&f, SHEAF(1) + 32, OBJECT(11));
}

START_TEST(sheaves)
{
	struct slab_object o;

	put_sheaves();
	is(8, SLAB_FREE_IN_SHEAF);
	is(11, SLAB_FREE_IN_SHEAF);
	is(10, SLAB_IN_USE);
	is(3, SLAB_FREE);
	fake_put32(&f, SHEAF(1) + 16, 100000);
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(slab_object_read(&f.kernel, OBJECT(1), &o, NULL),
			 ERR_CORRUPT);
}
END_TEST

/* Who cannot look into all of them does not say that none has it. */
START_TEST(sheaves_that_cannot_be_read)
{
	const uint64_t at[] = {SHEAVES(1) + 8, SHEAF(1) + 8, BARN + 8};
	struct slab_object o;

	put_sheaves();
	fake_put64(&f, at[_i], 0x1234);
	ck_assert_int_eq(slab_object_read(&f.kernel, OBJECT(1), &o, NULL),
			 ERR_UNREADABLE);
}
END_TEST

static const struct {
	uint64_t at, value, va;
	int code;
} refused[] = {
	{CACHE, NAME, 0x400000, ERR_NOT_FOUND}, /* no address of RAM */
	{SLAB + 48, 0xffffffff, OBJECT(1), ERR_NOT_FOUND}, /* no slab */
	{SLAB + 32, 4 | 4 << 16, OBJECT(5),
	 ERR_NOT_FOUND},			    /* behind the last */
	{CACHE + 8, 0, OBJECT(1), ERR_CORRUPT},	    /* of size 0 */
	{CACHE + 16, SIZE, OBJECT(1), ERR_CORRUPT}, /* pointers outside */
	{SLAB + 32, 0x7fff << 16, OBJECT(1), ERR_CORRUPT}, /* too many */
	{SLAB + 16, 0x1234, OBJECT(1), ERR_CORRUPT},	   /* no such cache */
};

START_TEST(what_is_no_object)
{
	struct slab_object o;

	fake_put64(&f, refused[_i].at, refused[_i].value);
	ck_assert_int_eq(slab_object_read(&f.kernel, refused[_i].va, &o, NULL),
			 refused[_i].code);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_slab");
	TCase *t = tcase_create("kernel_slab");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, an_object);
	tcase_add_test(t, red_zones);
	tcase_add_test(t, a_red_zone_that_is_too_long);
	tcase_add_loop_test(t, other_forms_of_lists, 0, 2);
	tcase_add_loop_test(t, lists_that_make_no_sense, 0, 4);
	tcase_add_loop_test(t, lists_of_cpus, 0, 2);
	tcase_add_test(t, sheaves);
	tcase_add_loop_test(t, sheaves_that_cannot_be_read, 0, 3);
	tcase_add_loop_test(t, what_is_no_object, 0,
			    sizeof(refused) / sizeof(*refused));
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
