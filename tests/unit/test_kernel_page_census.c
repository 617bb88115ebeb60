/* SPDX-License-Identifier: BSD-2-Clause */
/* Tests of counting frames, and of their words in /proc/kpageflags. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/page/page_census.h"
#include "kernel/page/page_kpf.h"
#include "unit/fake_kernel.h"

#define SIZE	 64u
#define VMEMMAP	 (DIRECT + 0x40000)
#define AT(pfn)	 (VMEMMAP + (pfn)*SIZE)
#define CACHE	 (DIRECT + 0x65000)
#define NAMES	 (DIRECT + 0x66000)
#define ANON	 (DIRECT + 0x67000)
#define NONE	 0xffffffffu

#define KPF(bit) (1ULL << KPF_##bit)
#define FLAG(nr) (1ULL << (nr))

enum {
	UPTODATE = 2,
	LRU = 5,
	HEAD = 6,
	RMAPPABLE = 8,
	RESERVED = 10,
	SWAPBACKED = 12
};

static struct fake_kernel f;
static struct page_census census;

static void setup(void)
{
	static const struct fake_member list[] = {
		{"slab.slab_cache", 8, 8},
		{"kmem_cache.name", 24, 8},
		{"folio._large_mapcount", SIZE + 16, 4},
		{"folio._entire_mapcount", SIZE + 20, 4},
		{"folio._nr_pages", SIZE + 32, 4},
	};

	fake_kernel_init(&f);
	f.kernel.vmemmap_base = VMEMMAP;
	fake_page_fields();
	fake_fields(list, sizeof(list) / sizeof(list[0]));
	fake_constant("pageflags.PG_uptodate", UPTODATE);
	fake_constant("pageflags.PG_lru", LRU);
	fake_constant("pageflags.PG_head", HEAD);
	fake_constant("pageflags.PG_large_rmappable", RMAPPABLE);
	fake_constant("pageflags.PG_reserved", RESERVED);
	fake_constant("pageflags.PG_swapbacked", SWAPBACKED);
	fake_symbol("nr_cpu_ids", DIRECT + 0x50000);
	fake_symbol("__per_cpu_offset", DIRECT + 0x50008);
}

static void teardown(void)
{
	page_census_deinit(&census);
	census = (struct page_census){0};
	fake_kernel_deinit(&f);
}

static void put(uint64_t pfn, uint64_t flags, uint64_t mapping, uint32_t word,
		uint32_t refs)
{
	fake_put64(&f, AT(pfn), flags);
	fake_put64(&f, AT(pfn) + 24, mapping);
	fake_put32(&f, AT(pfn) + 48, word);
	fake_put32(&f, AT(pfn) + 52, refs);
}

/* Twelve frames, no two of them for the same. */
static void put_frames(void)
{
	put(2, 0, 0, 0xf0ffffff, 0); /* a block of order 1 */
	fake_put64(&f, AT(2) + 40, 1);
	put(3, 0, 0, NONE, 0);
	put(4, 0, 0, 0xf2ffffff, 1);
	put(5, 0, 0, 0xf5ffffff, 1);
	fake_put64(&f, AT(5) + 8, CACHE);
	fake_put64(&f, CACHE + 24, NAMES);
	fake_puts(&f, NAMES, "dentry");
	put(6, FLAG(UPTODATE) | FLAG(LRU) | FLAG(SWAPBACKED), ANON | 1, 0, 1);
	put(7, FLAG(UPTODATE), ANON | 3, 1, 2);
	put(8, FLAG(RESERVED), 0, NONE, 1);
	put(9, 0, 0, NONE, 1);
	put(10, 0, 0, NONE, 1); /* a stack */
	put(11, 0, 0, NONE, 0);
}

/* A huge page of two frames, of which the second is mapped. */
static void put_huge(uint64_t pfn)
{
	put(pfn, FLAG(UPTODATE) | FLAG(HEAD), ANON | 1, NONE, 1);
	put(pfn + 1, FLAG(RMAPPABLE), 0, 0, 0);
	fake_put64(&f, AT(pfn + 1) + 8, AT(pfn) + 1);
	fake_put32(&f, AT(pfn) + SIZE + 16, 0);	   /* mapped once... */
	fake_put32(&f, AT(pfn) + SIZE + 20, NONE); /* ...not as a whole */
	fake_put32(&f, AT(pfn) + SIZE + 32, 2);
}

static void count(uint64_t first, uint64_t n)
{
	struct err err = {0};

	machine_drop_cache(&f.memory.machine);
	ck_assert_msg(!page_census_add(&f.kernel, &census, first, n, &err),
		      "%s", err.text);
}

static uint64_t with_word(uint64_t kpf)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < census.classes.n; i++)
		sum += census.classes.v[i].kpf == kpf
			       ? census.classes.v[i].frames
			       : 0;
	return sum;
}

static uint64_t with_owner(enum page_owner owner)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < census.shares.n; i++)
		sum += census.shares.v[i].owner == owner
			       ? census.shares.v[i].frames
			       : 0;
	return sum;
}

START_TEST(owners)
{
	static const enum page_owner all[] = {
		OWNER_ANON,  OWNER_KSM,	   OWNER_SLAB,	       OWNER_TABLE,
		OWNER_STACK, OWNER_KERNEL, OWNER_UNREFERENCED, OWNER_RESERVED};
	struct err err = {0};
	size_t i;

	put_frames();
	ck_assert_int_eq(map_put(&census.stacks, 10, 1), 0);
	count(2, 4);
	count(6, 6);
	ck_assert_int_eq(page_census_end(&f.kernel, &census, &err), 0);
	ck_assert_uint_eq(census.frames, 10);
	ck_assert_uint_eq(with_owner(OWNER_BUDDY), 2);
	for (i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		ck_assert_msg(with_owner(all[i]) == 1, "%s",
			      page_owner_name(all[i]));
	for (i = 0; i < census.shares.n; i++) {
		const char *cache =
			page_share_cache(&census, &census.shares.v[i]);

		if (census.shares.v[i].owner != OWNER_SLAB)
			ck_assert_ptr_null(cache);
		else
			ck_assert_str_eq(cache, "dentry");
		if (i)
			ck_assert_int_ge(census.shares.v[i].owner,
					 census.shares.v[i - 1].owner);
	}
}
END_TEST

/* Many that follow each other are read in another way, which is the same; and
 * so where a part of them cannot be read. */
START_TEST(many_frames)
{
	put_frames();
	put_huge(12);
	if (_i) {
		f.memory.fail_from = 0x40000 + 512 * SIZE;
		f.memory.fail_to = f.memory.fail_from + 4096;
	}
	count(0, 2048);
	ck_assert_uint_eq(census.frames, 2048);
	ck_assert_uint_eq(with_owner(OWNER_BUDDY), 2);
	ck_assert_uint_eq(with_owner(OWNER_SLAB), 1);
	ck_assert_uint_eq(with_owner(OWNER_TABLE), 1);
	ck_assert_uint_eq(with_owner(OWNER_KSM), 1);
	ck_assert_uint_eq(with_owner(OWNER_ANON), 3);
	ck_assert_uint_eq(with_word(KPF(NOPAGE)), _i ? 64 : 0);
}
END_TEST

START_TEST(words)
{
	struct err err = {0};

	put_frames();
	count(2, 10);
	ck_assert_int_eq(page_census_end(&f.kernel, &census, &err), 0);
	ck_assert_uint_eq(with_word(KPF(BUDDY)), 2);
	ck_assert_uint_eq(with_word(KPF(PGTABLE)), 1);
	ck_assert_uint_eq(with_word(KPF(SLAB)), 1);
	ck_assert_uint_eq(with_word(KPF(UPTODATE) | KPF(LRU) | KPF(SWAPBACKED) |
				    KPF(MMAP) | KPF(ANON)),
			  1);
	ck_assert_uint_eq(
		with_word(KPF(UPTODATE) | KPF(MMAP) | KPF(ANON) | KPF(KSM)), 1);
	ck_assert_uint_eq(with_word(KPF(RESERVED)), 1);
	ck_assert_uint_eq(with_word(0), 3);
	ck_assert_uint_eq(census.classes.v[0].frames, 3); /* most come first */
	ck_assert_uint_eq(census.unclassed, 0);
}
END_TEST

START_TEST(huge_pages)
{
	const uint64_t both = KPF(MMAP) | KPF(ANON) | KPF(THP);

	put_huge(12);
	count(12, 2);
	ck_assert_uint_eq(with_word(both | KPF(UPTODATE) | KPF(COMPOUND_HEAD)),
			  1);
	ck_assert_uint_eq(with_word(both | KPF(UPTODATE) | KPF(COMPOUND_TAIL)),
			  1);
	/* before 6.10: each has its own, and mappings are counted one by one */
	fake_no_field("folio._large_mapcount");
	page_census_deinit(&census);
	census = (struct page_census){0};
	count(12, 2);
	ck_assert_uint_eq(with_word(both | KPF(UPTODATE) | KPF(COMPOUND_HEAD)),
			  1);
	ck_assert_uint_eq(with_word(both | KPF(COMPOUND_TAIL)), 1);
}
END_TEST

START_TEST(frames_without_a_record)
{
	f.kernel.vmemmap_base = 0xffffea0000000000ULL;
	count(0, 3);
	ck_assert_uint_eq(with_word(KPF(NOPAGE)), 3);
	ck_assert_uint_eq(with_owner(OWNER_NONE), 3);
}
END_TEST

START_TEST(names_of_words)
{
	char text[64];

	page_kpf_names(0, text, sizeof(text));
	ck_assert_str_eq(text, "");
	page_kpf_names(KPF(LOCKED) | KPF(ARCH_3) | KPF(PGTABLE), text,
		       sizeof(text));
	ck_assert_str_eq(text, "locked,pgtable,arch_3");
	page_kpf_names(UINT64_MAX, text, sizeof(text)); /* cut */
	ck_assert_uint_eq(strlen(text), sizeof(text) - 1);
}
END_TEST

int main(void)
{
	Suite *s = suite_create("kernel/page_census");
	TCase *t = tcase_create("census");
	SRunner *r = srunner_create(s);
	int failed;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, owners);
	tcase_add_loop_test(t, many_frames, 0, 2);
	tcase_add_test(t, words);
	tcase_add_test(t, huge_pages);
	tcase_add_test(t, frames_without_a_record);
	tcase_add_test(t, names_of_words);
	suite_add_tcase(s, t);
	srunner_run_all(r, CK_ENV);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
