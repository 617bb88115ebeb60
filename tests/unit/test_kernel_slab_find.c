/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of what is in all slabs of a cache, on memory written by hand. */
#include "kernel/alloc/slab_find.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/alloc/slab.h"
#include "kernel/alloc/slab_object.h"
#include "unit/fake_kernel.h"

#define VMEMMAP	       (DIRECT + 0x40000)
#define SLAB(pfn)      (VMEMMAP + (pfn)*64ULL)
#define BASE(pfn)      (DIRECT + (pfn)*4096ULL)
#define CACHE	       (DIRECT + 0x2000)
#define OTHER	       (DIRECT + 0x2800)
#define NAME	       (DIRECT + 0x1000)
#define OTHER_NAME     (DIRECT + 0x1040)
#define CACHES	       (DIRECT + 0x1080)
#define CPUS	       (DIRECT + 0x1100) /* nr_cpu_ids, __per_cpu_offset */
#define CPU(n)	       (DIRECT + 0x3000 + (n)*0x100ULL)
#define NODE	       (DIRECT + 0x5000)
#define LINK	       16 /* in a slab's descriptor */
#define SIZE	       128u
#define LEFT	       16u
#define USER	       32u
#define INUSE	       40u
#define OBJECTS	       31u
#define OBJECT(pfn, i) (BASE(pfn) + (i)*SIZE + LEFT)
#define DEBUG	       0x80000c00u /* PZ, as up to 6.8 */

enum {
	PARTIAL = 16,
	FULL,
	WORKED_ON,
	KEPT
};

static struct fake_kernel f;
static struct slab_contents contents;
static struct remarks remarks;

static void put_fields(void)
{
	static const struct fake_member list[] = {
		{"slab.slab_cache", 8, 8},
		{"slab.slab_list", LINK, 16},
		{"slab.next", LINK, 8},
		{"slab.freelist", 32, 8},
		{"slab.counters", 40, 8},
		{"kmem_cache.name", 0, 8},
		{"kmem_cache.size", 8, 4},
		{"kmem_cache.object_size", 12, 4},
		{"kmem_cache.offset", 16, 4},
		{"kmem_cache.inuse", 20, 4},
		{"kmem_cache.red_left_pad", 24, 4},
		{"kmem_cache.flags", 28, 4},
		{"kmem_cache.cpu_slab", 32, 8},
		{"kmem_cache.oo", 40, 4},
		{"kmem_cache.list", 48, 16},
		{"kmem_cache_cpu.freelist", 0, 8},
		{"kmem_cache_cpu.slab", 8, 8},
		{"kmem_cache_cpu.partial", 16, 8},
		{"kmem_cache_node.partial", 16, 16},
		{"kmem_cache_node.full", 32, 16},
	};

	fake_page_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_sizeof("kmem_cache", 0x80);
	fake_sizeof("zoneref", 16);
	fake_sizeof("zonelist", 2 * 16); /* one node */
	fake_constant("zone_type.__MAX_NR_ZONES", 1);
	fake_constant("pageflags.PG_head", 6);
	fake_constant("pageflags.PG_reserved", 13);
	fake_constant("pageflags.PG_hwpoison", 20);
}

static void put_cache(uint64_t at, uint64_t name, uint32_t flags)
{
	fake_put64(&f, at, name);
	fake_put32(&f, at + 8, SIZE);
	fake_put32(&f, at + 12, USER);
	fake_put32(&f, at + 16, INUSE);
	fake_put32(&f, at + 20, INUSE);
	fake_put32(&f, at + 24, LEFT);
	fake_put32(&f, at + 28, flags);
	fake_put64(&f, at + 0x78, NODE);
}

static void fill(uint64_t va, uint8_t byte, size_t n)
{
	memset(f.memory.bytes + (va - DIRECT), byte, n);
}

/* What debugging fills; the pointer to the next is NULL. */
static void put_object(uint64_t pfn, uint32_t i, bool used)
{
	uint64_t at = OBJECT(pfn, i);

	fill(at - LEFT, used ? 0xcc : 0xbb, LEFT);
	fill(at, used ? 0x11 : 0x6b, USER);
	if (!used)
		fill(at + USER - 1, 0xa5, 1);
	fill(at + USER, used ? 0xcc : 0xbb, INUSE - USER);
	fill(at + INUSE, 0, 8);
}

/* All of it in use. */
static void put_slab(uint64_t pfn, uint64_t cache)
{
	uint32_t i;

	fill(BASE(pfn), 0x5a, 4096);
	for (i = 0; i < OBJECTS; i++)
		put_object(pfn, i, true);
	fake_put32(&f, SLAB(pfn) + 48, 0xf5000000);
	fake_put64(&f, SLAB(pfn) + 8, cache);
	fake_put64(&f, SLAB(pfn) + 40, OBJECTS | OBJECTS << 16);
}

/* Objects 3 and 9 are free. */
static void put_free(uint64_t pfn)
{
	put_object(pfn, 3, false);
	put_object(pfn, 9, false);
	fake_put64(&f, OBJECT(pfn, 3) + INUSE, OBJECT(pfn, 9));
	fake_put64(&f, SLAB(pfn) + 32, OBJECT(pfn, 3));
	fake_put64(&f, SLAB(pfn) + 40, (OBJECTS - 2) | OBJECTS << 16);
}

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
	fake_puts(&f, NAME, "things");
	fake_puts(&f, OTHER_NAME, "others");
	put_cache(CACHE, NAME, DEBUG);
	put_cache(OTHER, OTHER_NAME, 0);
	put_slab(PARTIAL, CACHE);
	put_free(PARTIAL);
	put_slab(FULL, CACHE);
	put_slab(20, OTHER);
	fake_ring(&f, NODE + 16, (uint64_t[]){SLAB(PARTIAL) + LINK}, 1);
	fake_ring(&f, NODE + 32, NULL, 0);
}

static void teardown(void)
{
	slab_contents_deinit(&contents);
	contents = (struct slab_contents){0};
	remarks_deinit(&remarks);
	remarks = (struct remarks){0};
	fake_kernel_deinit(&f);
}

static void look(void)
{
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!slab_contents_read(&f.kernel, CACHE, &contents, &remarks,
					  &err),
		      "%s", err.text);
}

/* Slab i of what was found; its objects 3 and 9 have that state. */
static void is(size_t i, uint64_t pfn, enum slab_where where,
	       enum slab_state state)
{
	const struct slab_found *s = &contents.slabs.v[i];
	uint32_t j;

	ck_assert_uint_eq(s->base, BASE(pfn));
	ck_assert_str_eq(slab_where_words(s->where), slab_where_words(where));
	ck_assert_uint_eq(s->objects, OBJECTS);
	for (j = 0; j < OBJECTS; j++)
		ck_assert_int_eq(contents.states.v[s->first + j],
				 j == 3 || j == 9 ? state : SLAB_IN_USE);
}

START_TEST(slabs)
{
	look();
	ck_assert_uint_eq(contents.slabs.n, 2);
	is(0, PARTIAL, SLAB_PARTIAL, SLAB_FREE);
	is(1, FULL, SLAB_FULL, SLAB_IN_USE);
	ck_assert_uint_eq(contents.states.n, 2 * OBJECTS);
	ck_assert_uint_eq(contents.damages.list.n, 0);
	ck_assert_str_eq(contents.layout.name, "things");
	ck_assert(contents.layout.red_zones && contents.layout.poison);
	ck_assert(!contents.layout.tracks);
	ck_assert_uint_eq(remarks.n, 0);
}
END_TEST

/* CPU 1 works on one slab, and keeps another one for later. */
START_TEST(slabs_of_cpus)
{
	fake_put64(&f, CACHE + 32, 0x10); /* a per-CPU pointer */
	fake_put32(&f, CACHE + 28, 0);
	put_slab(WORKED_ON, CACHE);
	put_free(WORKED_ON);
	fake_put64(&f, SLAB(WORKED_ON) + 32, 0);
	fake_put64(&f, SLAB(WORKED_ON) + 40, OBJECTS | OBJECTS << 16);
	put_slab(KEPT, CACHE);
	put_free(KEPT);
	fake_put64(&f, CPU(1) + 0x10, OBJECT(WORKED_ON, 3));
	fake_put64(&f, CPU(1) + 0x18, SLAB(WORKED_ON));
	fake_put64(&f, CPU(1) + 0x20, SLAB(KEPT));
	fake_put64(&f, SLAB(KEPT) + LINK, _i ? SLAB(KEPT) : 0); /* a circle */
	look();
	ck_assert_uint_eq(contents.slabs.n, 4);
	is(2, WORKED_ON, SLAB_CPU, SLAB_FREE_ON_CPU);
	is(3, KEPT, SLAB_CPU_PARTIAL, SLAB_FREE);
	ck_assert_int_eq(contents.slabs.v[2].cpu, 1);
	ck_assert_int_eq(contents.slabs.v[3].cpu, 1);
	ck_assert_int_eq(contents.slabs.v[0].cpu, -1);
}
END_TEST

/* In no list, though it has free objects; and one that makes no sense. */
START_TEST(slabs_that_are_odd)
{
	put_slab(WORKED_ON, CACHE);
	put_free(WORKED_ON);
	put_slab(KEPT, CACHE);
	fake_put64(&f, SLAB(KEPT) + 40, 1 | 0x7fff0000);
	look();
	ck_assert_uint_eq(contents.slabs.n, 4);
	is(2, WORKED_ON, SLAB_NOWHERE, SLAB_FREE);
	ck_assert(contents.slabs.v[3].damaged);
	ck_assert_uint_eq(contents.slabs.v[3].objects, 0);
	ck_assert_uint_eq(remarks.n, 1);
}
END_TEST

static const struct {
	uint64_t at;
	enum slab_part part;
	uint8_t wanted;
	bool object;
} places[] = {
	{OBJECT(PARTIAL, 4) - 1, SLAB_PART_LEFT, 0xcc, true},
	{OBJECT(PARTIAL, 3) - LEFT, SLAB_PART_LEFT, 0xbb, true},
	{OBJECT(PARTIAL, 4) + USER, SLAB_PART_RIGHT, 0xcc, true},
	{OBJECT(PARTIAL, 9) + INUSE - 1, SLAB_PART_RIGHT, 0xbb, true},
	{OBJECT(PARTIAL, 3), SLAB_PART_POISON, 0x6b, true},
	{OBJECT(PARTIAL, 9) + USER - 1, SLAB_PART_POISON, 0xa5, true},
	{OBJECT(FULL, 30) + INUSE + 8, SLAB_PART_PADDING, 0x5a, true},
	{BASE(FULL) + 4095, SLAB_PART_REST, 0x5a, false},
};

START_TEST(what_was_overwritten)
{
	const struct slab_damage *d;

	fill(places[_i].at, 0x42, 1);
	look();
	ck_assert_uint_eq(contents.damages.list.n, 1);
	d = &contents.damages.list.v[0];
	ck_assert_uint_eq(d->at, places[_i].at);
	ck_assert_uint_eq(d->len, 1);
	ck_assert_int_eq(d->part, places[_i].part);
	ck_assert_uint_eq(d->wanted, places[_i].wanted);
	ck_assert_uint_eq(d->found[0], 0x42);
	if (places[_i].object)
		ck_assert_uint_eq(d->object,
				  OBJECT((d->slab - DIRECT) / 4096, d->index));
	else
		ck_assert_uint_eq(d->object, 0);
}
END_TEST

/* From the first wrong byte to the last; what is right between them counts. */
START_TEST(how_much_was_overwritten)
{
	fill(OBJECT(PARTIAL, 3) + 2, 0x42, 3);
	fill(OBJECT(PARTIAL, 3) + 10, 0x43, 1);
	fill(OBJECT(PARTIAL, 4), 0x44, USER); /* in use: that is its own */
	look();
	ck_assert_uint_eq(contents.damages.list.n, 1);
	ck_assert_uint_eq(contents.damages.list.v[0].len, 9);
	ck_assert_mem_eq(contents.damages.list.v[0].found,
			 "\x42\x42\x42\x6b\x6b\x6b\x6b\x6b\x43", 9);
}
END_TEST

/* 6.9: flags are numbers of bits. */
START_TEST(flags_by_their_numbers)
{
	fake_constant("_slab_flag_bits._SLAB_RED_ZONE", 1);
	fake_constant("_slab_flag_bits._SLAB_POISON", 2);
	fill(OBJECT(FULL, 4) - 1, 0x42, 1);
	fill(BASE(FULL) + 4095, 0x42, 1);
	fake_put32(&f, CACHE + 28, 0x400); /* any other flag now */
	look();
	ck_assert_uint_eq(contents.damages.list.n, 0);
	teardown();
	setup();
	fake_constant("_slab_flag_bits._SLAB_RED_ZONE", 1);
	fake_constant("_slab_flag_bits._SLAB_POISON", 2);
	fill(OBJECT(FULL, 4) - 1, 0x42, 1);
	fill(BASE(FULL) + 4095, 0x42, 1);
	fake_put32(&f, CACHE + 28, 1 << 1 | 1 << 2);
	look();
	ck_assert_uint_eq(contents.damages.list.n, 2);
}
END_TEST

static const struct {
	uint32_t flags; /* as up to 6.8 */
	uint64_t exts;
	uint32_t ksize;
} ksizes[] = {
	{0, 0, SIZE},
	{0x400, 0, USER},
	{0x800, 0, USER},
	{0x8000000, 0, USER},
	{0x80000, 0, INUSE},
	{0x10000, 0, INUSE},
	{0, OBJECT(PARTIAL, 0) + INUSE + 1, INUSE},
	{0, BASE(PARTIAL) + (OBJECTS * SIZE) + 1, SIZE},
	{0, BASE(FULL), SIZE},
};

START_TEST(sizes_that_may_be_used)
{
	struct slab_object o;
	struct err err = {0};

	fake_field("slab.obj_exts", 56, 8);
	fake_put64(&f, SLAB(PARTIAL) + 56, ksizes[_i].exts);
	fake_put32(&f, CACHE + 28, ksizes[_i].flags);
	ck_assert_int_eq(
		slab_object_read(&f.kernel, OBJECT(PARTIAL, 4), &o, &err), 0);
	ck_assert_uint_eq(o.ksize, ksizes[_i].ksize);
}
END_TEST

static void put_track(uint32_t i, enum slab_track_item item, uint64_t addr,
		      uint32_t pid)
{
	uint64_t at = OBJECT(PARTIAL, i) + INUSE + 8 + item * 24;

	fake_put64(&f, at, addr);
	fake_put32(&f, at + 8, 1);
	fake_put32(&f, at + 12, pid);
}

/* Objects of those who free them count no more. */
START_TEST(users)
{
	struct slab_object o;
	struct err err = {0};
	uint32_t i;

	fake_sizeof("track", 24);
	fake_field("track.addr", 0, 8);
	fake_field("track.cpu", 8, 4);
	fake_field("track.pid", 12, 4);
	for (i = 0; i < OBJECTS; i++)
		put_track(i, SLAB_ALLOCATED, i < 5 ? 0x1000 : 0x2000, 100 + i);
	put_track(9, SLAB_FREED, 0x3000, 7);
	fake_put32(&f, SLAB(FULL) + 48, 0); /* only the one slab */
	look();
	ck_assert_uint_eq(contents.users.list.n, 0); /* it keeps none */
	slab_contents_deinit(&contents);
	contents = (struct slab_contents){0};
	fake_put32(&f, CACHE + 28, 0x10000);
	look();
	ck_assert_uint_eq(contents.users.list.n, 2);
	ck_assert_uint_eq(contents.users.list.v[0].addr, 0x2000);
	ck_assert_uint_eq(contents.users.list.v[0].objects, OBJECTS - 5 - 1);
	ck_assert_uint_eq(contents.users.list.v[0].pid_first, 105);
	ck_assert_uint_eq(contents.users.list.v[0].pid_last, 130);
	ck_assert_uint_eq(contents.users.list.v[1].addr, 0x1000);
	ck_assert_uint_eq(contents.users.list.v[1].objects, 4);
	ck_assert_int_eq(
		slab_object_read(&f.kernel, OBJECT(PARTIAL, 9), &o, &err), 0);
	ck_assert_uint_eq(o.tracks[SLAB_ALLOCATED].addr, 0x2000);
	ck_assert_uint_eq(o.tracks[SLAB_ALLOCATED].pid, 109);
	ck_assert_uint_eq(o.tracks[SLAB_FREED].addr, 0x3000);
	ck_assert_uint_eq(o.tracks[SLAB_FREED].pid, 7);
	ck_assert_uint_eq(o.tracks[SLAB_FREED].cpu, 1);
	fake_sizeof("track", 64); /* they cannot be there */
	ck_assert_int_eq(
		slab_object_read(&f.kernel, OBJECT(PARTIAL, 9), &o, &err), 0);
	ck_assert_uint_eq(o.tracks[SLAB_FREED].addr, 0);
}
END_TEST

/* From 7.0 on an array may be where padding was. */
START_TEST(arrays_in_slabs)
{
	fake_field("slab.obj_exts", 56, 8);
	fill(OBJECT(PARTIAL, 4) + INUSE + 8, 0x42, 8);
	fill(BASE(PARTIAL) + (OBJECTS * SIZE), 0x42, 8);
	fake_put64(&f, SLAB(PARTIAL) + 56, OBJECT(PARTIAL, 0) + INUSE + 8 + 1);
	look();
	ck_assert_uint_eq(contents.damages.list.n, 1);
	ck_assert_int_eq(contents.damages.list.v[0].part, SLAB_PART_REST);
	slab_contents_deinit(&contents);
	contents = (struct slab_contents){0};
	fake_put64(&f, SLAB(PARTIAL) + 56, BASE(PARTIAL) + (OBJECTS * SIZE));
	look();
	ck_assert_uint_eq(contents.damages.list.n, 1);
	ck_assert_int_eq(contents.damages.list.v[0].part, SLAB_PART_PADDING);
}
END_TEST

START_TEST(caches_by_name)
{
	struct slab_cache cache;
	struct err err = {0};

	fake_symbol("slab_caches", CACHES);
	fake_ring(&f, CACHES, (uint64_t[]){CACHE + 48, OTHER + 48}, 2);
	ck_assert_int_eq(
		slab_cache_find(&f.kernel, "others", &cache, &remarks, &err),
		0);
	ck_assert_uint_eq(cache.addr, OTHER);
	ck_assert_int_eq(
		slab_cache_find(&f.kernel, "other", &cache, &remarks, &err),
		ERR_NOT_FOUND);
	ck_assert_uint_eq(remarks.n, 0);
	fake_puts(&f, NAME, "others");
	machine_drop_cache(&f.memory.machine);
	ck_assert_int_eq(
		slab_cache_find(&f.kernel, "others", &cache, &remarks, &err),
		0);
	ck_assert_uint_eq(cache.addr, CACHE);
	ck_assert_uint_eq(remarks.n, 1); /* there are two */
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel_slab_find");
	TCase *t = tcase_create("kernel_slab_find");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, slabs);
	tcase_add_loop_test(t, slabs_of_cpus, 0, 2);
	tcase_add_test(t, slabs_that_are_odd);
	tcase_add_loop_test(t, what_was_overwritten, 0,
			    sizeof(places) / sizeof(*places));
	tcase_add_test(t, how_much_was_overwritten);
	tcase_add_test(t, flags_by_their_numbers);
	tcase_add_loop_test(t, sizes_that_may_be_used, 0,
			    sizeof(ksizes) / sizeof(*ksizes));
	tcase_add_test(t, users);
	tcase_add_test(t, arrays_in_slabs);
	tcase_add_test(t, caches_by_name);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
